internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    /// Decides for every open request: reject, supersede, issue again, approve, activate; each one alone.
    func gates() throws {
        for seq in projection.open where !frozenRequests.contains(seq) {
            try guarded("r\(seq)") {
                // Every step is decided from a fresh look: approving may have folded a no of another run.
                for _ in 0..<3 where try decide(seq) {}
            }
        }
    }

    // One step of one request; true when another look is due.
    private func decide(_ seq: UInt64) throws -> Bool {
        guard let trust = try currentTrust() else { return false }
        let basis = projection.size
        guard let request = projection.requests[seq], request.state.isOpen, !frozenRequests.contains(seq),
            let environment = trust.policy?.payload.environment(request.environment),
            let directory = try directory(of: request), let manifest = try manifest(of: request, in: directory)
        else { return false }
        let verdict = judge(request, manifest, environment, trust)
        // A no counts even when nothing may go forward.
        if let person = verdict.rejectedBy.first {
            try reject(request, by: person, basedOn: basis)
            return false
        }
        guard !isStopped else { return false }
        if let higher = overtaker(of: request) {
            try supersede(request, by: higher, basedOn: basis)
            return false
        }
        let slot = projection.slot(request.slot)
        let terms = Terms(policy: environment.reference.description, replaces: slot.live ?? "none")
        if terms != request.terms {
            try reissue(request, directory, environment, terms, slot, basedOn: basis)
            return false
        }
        guard verdict.isSatisfied else { return false }
        // What the people approved is what lies here: package, manifest and report, each by its digest.
        guard try isIntact(request, directory), try isSaid(by: request) else {
            try enterContradictions()
            return false
        }
        if request.state == .approved {
            try activate(request, trust, basedOn: basis)
            return false
        }
        return try approve(request, basedOn: basis)
    }

    private func reject(_ request: Request, by person: String, basedOn basis: UInt64) throws {
        let vote = request.currentVotes.last { $0.person == person && $0.decision == "reject" }
        let decision = Decision(
            .requestRejected,
            subject: .request(request.seq),
            outcome: .denied,
            reason: try vote.flatMap { try ledger.entry($0.seq) }?.reason,
            links: vote.map { [Link("approval", $0.seq)] } ?? [],
            data: ["person": .string(person)],
            touches: [.request(request.seq)]
        )
        report.rejected += try append([decision], basedOn: basis).compactMap { $0?.subject }
        try performPending()
    }

    private func approve(_ request: Request, basedOn basis: UInt64) throws -> Bool {
        let approving = request.currentVotes.filter { $0.decision == "approve" }
        let decision = Decision(
            .releaseApproved,
            subject: .request(request.seq),
            outcome: .ok,
            links: request.currentVotes.map { Link("approval", $0.seq) },
            data: ["approvals": .array(approving.map { .int(Int64($0.seq)) })],
            touches: [.request(request.seq), .slot(request.slot)]
        )
        guard let entry = try append([decision], basedOn: basis).first ?? nil else { return false }
        report.approved.append(entry.subject ?? "")
        try performPending()
        return true
    }

    // A request whose place a release took that was approved after it arrived: the same or a higher version in its slot.
    private func overtaker(of request: Request) -> Request? {
        guard let version = SemanticVersion(request.version) else { return nil }
        let overtakers = projection.requests.values.filter { other in
            guard other.slot == request.slot, other.seq != request.seq, let approved = other.approved,
                approved.seq > request.seq, other.state == .approved || other.state.wasLive,
                let theirs = SemanticVersion(other.version)
            else { return false }
            // Of two approved ones of one version the first keeps the number.
            let isFirst = request.approved.map { approved.seq < $0.seq } ?? true
            return isFirst && theirs >= version
        }
        return overtakers.min { $0.seq < $1.seq }
    }

    private func supersede(_ request: Request, by other: Request, basedOn basis: UInt64) throws {
        let decision = Decision(
            .requestSuperseded,
            subject: .request(request.seq),
            outcome: .ok,
            reason: "\(other.id) brought \(other.version)",
            links: other.approved.map { [Link("approved", $0.seq)] } ?? [],
            touches: [.request(request.seq), .slot(request.slot)]
        )
        try append([decision], basedOn: basis)
        try performPending()
    }

    // The signed texts themselves name this package, manifest and report: read again from the evidence, whatever accepted them.
    private func isSaid(by request: Request) throws -> Bool {
        for vote in request.currentVotes where vote.decision == "approve" {
            guard let digest = vote.evidence.first, let text = try ledger.evidence(digest), Digest.of(text) == digest,
                case .success(let approval) = Approval.unverified(text), approval.package.digest == request.package,
                approval.manifest == request.manifest, approval.report == request.report,
                approval.environment == request.environment, approval.tenant == request.tenant,
                approval.request.leaf == request.leaf
            else {
                contradict(
                    "ledger/evidence",
                    expected: "an approval of \(request.package.tagged) by \(vote.person)",
                    found: "entry \(vote.seq) rests on another text"
                )
                frozenRequests.insert(request.seq)
                return false
            }
        }
        return true
    }

    /// The gate of a request as it stands now.
    func judge(
        _ request: Request,
        _ manifest: Manifest,
        _ environment: Policy.Environment,
        _ trust: InstalledTrust
    ) -> GateVerdict {
        let texts = ReviewTexts(
            request: request,
            manifest: manifest,
            environment: environment,
            trust: trust,
            projection: projection
        )
        return Gate.judge(texts.gateInput)
    }

    /// True when package, manifest and report have the digests that the ledger names; otherwise the request is frozen.
    func isIntact(_ request: Request, _ directory: Directory) throws -> Bool {
        guard try compare("report.md", request.report, request, directory),
            try compare("agent.json", request.manifest, request, directory)
        else { return false }
        let name = ReviewTexts.packageName(request)
        let found = try? hash(directory.openFile(name))
        if found == request.package { return true }
        if try isStale(request) { return false }
        contradict(
            directory.path(name),
            expected: request.package.tagged,
            found: found?.tagged ?? "nothing that can be read"
        )
        frozenRequests.insert(request.seq)
        return false
    }

    /// SHA-256 of a file from its beginning.
    func hash(_ file: File) throws(DiskError) -> Digest {
        var hasher = SHA256()
        var offset: Int64 = 0
        while true {
            let block = try file.read(at: offset, count: 1 << 20)
            if block.isEmpty { break }
            hasher.update(block)
            offset += Int64(block.count)
        }
        return hasher.finish()
    }
}
