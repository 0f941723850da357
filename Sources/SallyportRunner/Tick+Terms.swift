internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    // New terms: a new report against what is live now, new texts, and the people decide again.
    func reissue(
        _ request: Request,
        _ directory: Directory,
        _ environment: Policy.Environment,
        _ terms: Terms,
        _ slot: Slot,
        basedOn basis: UInt64
    ) throws {
        let file = try directory.openFile(ReviewTexts.packageName(request))
        guard try hash(file) == request.package else {
            _ = try isIntact(request, directory)
            return
        }
        let inspection = try helper().inspect(package: file.descriptor, size: request.size)
        guard inspection.isAccepted, inspection.payload == request.payload else {
            throw ParserError.helperGone("\(request.id) was not read to its end")
        }
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
        let entries = try append(
            [
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
            ],
            basedOn: basis
        )
        self.report.reissued += entries.compactMap { $0?.subject }
        try performPending()
    }

    /// Ends requests whose deadline has passed: review by `expires`, approved by `approved-for`.
    func deadlines() throws {
        guard let policy = try currentTrust()?.policy?.payload else { return }
        let basis = projection.size
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
        let entries = try append(decisions, basedOn: basis)
        report.expired += entries.compactMap { $0?.subject }
        try performPending()
    }
}
