internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

/// Where requests lie, and the move of a request to where the ledger says it belongs.
extension Tick {
    /// The stage directory in which a request belongs now.
    func stage(of request: Request) throws -> Directory {
        switch request.state {
        case .inReview: return spool.review
        case .approved: return spool.approved
        default:
            let (year, month) = request.received.yearAndMonth
            return try spool.archive.openMaking([year, month], mode: 0o2750)
        }
    }

    /// The request's directory where it belongs, or `nil` when it does not lie there.
    func directory(of request: Request) throws -> Directory? {
        let stage = try stage(of: request)
        guard try stage.status(of: request.directoryName)?.kind == .directory else { return nil }
        // Another run may move it at any moment.
        return try stage.openIfPresent([request.directoryName])
    }

    /// Moves the request's directory where the ledger says it belongs and brings its derived files up to date.
    ///
    /// The rename is the effect; a crash before it leaves the directory in the stage before, where the next run finds it.
    ///
    /// - Returns: false when another run works on the request.
    func settleRequest(_ request: Request) throws -> Bool {
        guard
            let lock = try held[request.seq]
                ?? FileLock.acquire(
                    "request-\(request.seq)",
                    in: spool.locks,
                    waiting: .milliseconds(200),
                    transient: true
                )
        else { return false }
        defer { withExtendedLifetime(lock) {} }
        try refold()
        let request = projection.requests[request.seq] ?? request
        let target = try stage(of: request)
        if try target.status(of: request.directoryName) == nil {
            guard let (from, name) = try findElsewhere(request) else {
                contradict(
                    target.path(request.directoryName),
                    expected: "the directory of \(request.id)",
                    found: "nothing"
                )
                frozenRequests.insert(request.seq)
                return true
            }
            try from.rename(name, to: target, as: request.directoryName)
            touched += [from, target]
        }
        guard let directory = try directory(of: request) else { return true }
        try adoptReport(of: request, in: directory)
        try writeVotes(of: request, in: directory)
        if request.state.isOpen { try writeDerived(of: request, in: directory) }
        if request.state == .rejected { try writeFeedback(of: request, in: directory) }
        return true
    }

    // What the submitter needs, from the signed rejections: a function of the ledger, so it may be written again at any time.
    private func writeFeedback(of request: Request, in directory: Directory) throws {
        let text = Feedback.rejection(
            request.name,
            by: try rejections(of: request).map { approval in
                (
                    approval.reviewer, approval.reason,
                    approval.findings.map {
                        Finding("-", $0.severity, place: $0.place, $0.text, remedy: $0.remedy)
                    }
                )
            }
        )
        try directory.ensure("feedback.md", holds: Array(text.utf8), mode: 0o644, scratch: run.scratch)
    }

    /// The signed rejections of the current issue, read from the evidence; they were verified before they were entered.
    func rejections(of request: Request) throws -> [Approval] {
        try request.currentVotes.filter { $0.decision == "reject" }.compactMap { vote in
            guard let digest = vote.evidence.first, let text = try ledger.evidence(digest),
                case .success(let approval) = Approval.unverified(text)
            else { return nil }
            return approval
        }
    }

    // Stages in the order in which a request passes them: it can only be left behind, never ahead.
    private func findElsewhere(_ request: Request) throws -> (Directory, String)? {
        if try spool.staged.status(of: request.staged) != nil { return (spool.staged, request.staged) }
        // In review/ it came from the intake, or back from approved/ by a new issue; anywhere else it was carried by hand.
        if request.state == .inReview, request.issue == 1 { return nil }
        for stage in [spool.review, spool.approved] where try stage.status(of: request.directoryName) != nil {
            return (stage, request.directoryName)
        }
        return nil
    }

    // A report that was built for new terms waits in `.state/staged` until its request takes it.
    private func adoptReport(of request: Request, in directory: Directory) throws {
        guard let staged = request.reportStaged, try spool.staged.status(of: staged) != nil else { return }
        let source = try spool.staged.open(staged)
        if try source.status(of: "report.md") != nil {
            try source.rename("report.md", to: directory, as: "report.md", replacing: true)
            touched.append(directory)
        }
        try spool.staged.removeTree(staged)
    }

    // Accepted votes as files: those of the current issue in `votes/`, older ones in `stale/`.
    private func writeVotes(of request: Request, in directory: Directory) throws {
        for vote in request.votes {
            let folder = vote.issue == request.issue ? "votes" : "stale"
            let other = vote.issue == request.issue ? "stale" : "votes"
            let name = "\(request.id).\(vote.issue).\(vote.person).\(vote.decision).\(vote.seq)"
            if try directory.status(of: folder) == nil { try directory.makeDirectory(folder, mode: 0o755) }
            let place = try directory.open(folder)
            for (digest, suffix) in zip(vote.evidence, ["", ".sig"]) {
                guard let bytes = try ledger.evidence(digest) else { continue }
                try place.ensure(
                    name + (suffix.isEmpty ? "" : signatureSuffix(bytes)),
                    holds: bytes,
                    scratch: run.scratch
                )
                if let stale = try directory.openIfPresent([other]) {
                    try stale.unlink(name + (suffix.isEmpty ? "" : signatureSuffix(bytes)))
                }
            }
        }
    }

    /// Everything in the directory that is a function of entry, package and trust: texts, README, receipt.
    func writeDerived(of request: Request, in directory: Directory) throws {
        guard let trust, let environment = trust.policy?.payload.environment(request.environment),
            let manifest = try manifest(of: request, in: directory)
        else { return }
        let texts = ReviewTexts(
            request: request,
            manifest: manifest,
            environment: environment,
            trust: trust,
            projection: projection
        )
        var wanted: Set<String> = []
        for (name, bytes) in texts.files() {
            wanted.insert(name)
            try directory.ensure(name, holds: bytes, mode: 0o644, scratch: run.scratch)
        }
        // Texts of people who are no longer eligible, or of an older issue, would only be refused.
        for name in try directory.listText()
        where name.hasPrefix(request.id + ".") && !wanted.contains(name) {
            try directory.unlink(name)
        }
    }

    /// The manifest of a request, from its directory, equal to the digest in the ledger; otherwise the request is frozen.
    func manifest(of request: Request, in directory: Directory) throws -> Manifest? {
        // A folder, a link or a FIFO in its place is no failure of this machine but a contradiction, and stops this request alone.
        guard let bytes = try? directory.read("agent.json", limit: 1 << 20), Digest.of(bytes) == request.manifest,
            let json = try? JSON.parse(bytes, limit: 1 << 20), let manifest = Manifest(json)
        else {
            if try isStale(request) { return nil }
            contradict(directory.path("agent.json"), expected: request.manifest.tagged, found: "other bytes")
            frozenRequests.insert(request.seq)
            return nil
        }
        return manifest
    }
}

/// True for the beginning of an ssh or minisign signature file.
func isSignature(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array("-----BEGIN SSH SIGNATURE-----".utf8))
        || bytes.starts(with: Array("untrusted comment:".utf8))
}

/// True for an empty file, or one that begins as a signature and does not end as one.
func isHalfSignature(_ bytes: [UInt8]) -> Bool {
    if bytes.isEmpty { return true }
    guard isSignature(bytes) else { return false }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.hasPrefix("-----BEGIN") { return !text.contains("-----END SSH SIGNATURE-----\n") }
    return text.utf8.filter { $0 == 0x0A }.count < 4
}

/// The usual ending of a signature file of this kind.
func signatureSuffix(_ bytes: [UInt8]) -> String {
    bytes.starts(with: Array("-----BEGIN SSH".utf8)) ? ".sig" : ".minisig"
}
