internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    /// Decides for every open request: reject, issue again, approve, activate; each one alone.
    func gates() throws {
        guard let trust, let policy = trust.policy?.payload, !isStopped else {
            // A no counts even when nothing may go forward.
            try rejections()
            return
        }
        try rejections()
        for seq in projection.open where !frozenRequests.contains(seq) {
            // As the ledger says now: an effect of the one before may have folded what another run decided about this one.
            guard let request = projection.requests[seq], request.state.isOpen else { continue }
            try guarded(request.id) {
                guard let environment = policy.environment(request.environment) else { return }
                try decide(request, environment, trust)
            }
        }
    }

    private func rejections() throws {
        guard let trust, let policy = trust.policy?.payload else { return }
        var decisions: [Decision] = []
        for request in projection.openRequests {
            guard let environment = policy.environment(request.environment), let directory = try directory(of: request),
                let manifest = try manifest(of: request, in: directory)
            else { continue }
            let verdict = judge(request, manifest, environment, trust)
            guard let person = verdict.rejectedBy.first else { continue }
            let vote = request.currentVotes.last { $0.person == person && $0.decision == "reject" }
            decisions.append(
                Decision(
                    .requestRejected,
                    subject: .request(request.seq),
                    outcome: .denied,
                    reason: try vote.flatMap { try ledger.entry($0.seq) }?.reason,
                    links: vote.map { [Link("approval", $0.seq)] } ?? [],
                    data: ["person": .string(person)],
                    touches: [.request(request.seq)]
                )
            )
        }
        let entries = try append(decisions)
        report.rejected += entries.compactMap { $0?.subject }
        try performPending()
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

    private func decide(_ request: Request, _ environment: Policy.Environment, _ trust: InstalledTrust) throws {
        guard let directory = try directory(of: request), let manifest = try manifest(of: request, in: directory) else {
            return
        }
        let slot = projection.slot(request.slot)
        let terms = Terms(policy: environment.reference.description, replaces: slot.live ?? "none")
        if terms != request.terms {
            try reissue(request, directory, environment, terms, slot)
            return
        }
        let verdict = judge(request, manifest, environment, trust)
        guard verdict.isSatisfied else { return }
        // What the people approved is what lies here: package, manifest and report, each by its digest.
        guard try isIntact(request, directory) else {
            try enterContradictions()
            return
        }
        if request.state == .inReview {
            let entries = try append([
                Decision(
                    .releaseApproved,
                    subject: .request(request.seq),
                    outcome: .ok,
                    links: request.currentVotes.map { Link("approval", $0.seq) },
                    data: [
                        "approvals": .array(
                            request.currentVotes.filter { $0.decision == "approve" }.map { .int(Int64($0.seq)) }
                        )
                    ],
                    touches: [.request(request.seq), .slot(request.slot)]
                )
            ])
            guard entries.first != nil, let entry = entries[0] else { return }
            report.approved.append(entry.subject ?? "")
            try performPending()
        }
        if let approved = projection.requests[request.seq], approved.state == .approved {
            try activate(approved, environment, trust)
        }
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

    // New terms: a new report against what is live now, new texts, and the people decide again.
    private func reissue(
        _ request: Request,
        _ directory: Directory,
        _ environment: Policy.Environment,
        _ terms: Terms,
        _ slot: Slot
    ) throws {
        let file = try directory.openFile(ReviewTexts.packageName(request))
        guard try hash(file) == request.package else {
            _ = try isIntact(request, directory)
            return
        }
        let inspection = try helper().inspect(package: file.descriptor, size: request.size)
        let report = Report(
            package: request.package,
            size: request.size,
            environment: request.environment,
            tenant: request.tenant,
            submitter: request.submitter,
            live: try liveRelease(slot),
            demo: trust?.keyring.payload.demo == true
        ).markdown(inspection)
        let staged = run.stagedName()
        try spool.staged.makeDirectory(staged, mode: 0o750)
        let place = try spool.staged.open(staged)
        let copy = try place.createFile("report.md", mode: 0o444)
        try copy.write(Array(report.utf8))
        try copy.sync()
        try place.sync()
        try spool.staged.sync()
        let entries = try append([
            Decision(
                .requestReissued,
                subject: .request(request.seq),
                outcome: .ok,
                reason: terms.policy == request.terms.policy ? "another release is live" : "the policy changed",
                data: [
                    "issue": .int(Int64(request.issue + 1)), "terms": terms.json,
                    "report": .string(Digest.of(report).tagged), "staged": .string(staged),
                    "expires": .string(now.adding(seconds: environment.reviewFor.seconds).text),
                ],
                touches: [.request(request.seq), .slot(request.slot)]
            )
        ])
        self.report.reissued += entries.compactMap { $0?.subject }
        try performPending()
    }

    /// Ends requests whose deadline has passed: review by `expires`, approved by `approved-for`.
    func deadlines() throws {
        guard let policy = trust?.policy?.payload else { return }
        var decisions: [Decision] = []
        for request in projection.openRequests where !frozenRequests.contains(request.seq) {
            let until: Timestamp
            if let approved = request.approved {
                guard let environment = policy.environment(request.environment) else { continue }
                until = approved.at.adding(seconds: environment.approvedFor.seconds)
            } else {
                until = request.expires
            }
            guard until <= now else { continue }
            decisions.append(
                Decision(
                    .requestExpired,
                    subject: .request(request.seq),
                    outcome: .ok,
                    reason: request.state == .approved ? "approved for too long" : "not decided in time",
                    touches: [.request(request.seq)]
                )
            )
        }
        let entries = try append(decisions)
        report.expired += entries.compactMap { $0?.subject }
        try performPending()
    }
}
