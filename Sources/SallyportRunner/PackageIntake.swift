internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

/// The judgement on one drop that may be a package: copy, child, policy, staging. It writes nothing but scratch and staged files.
struct PackageIntake {
    /// A truncated archive without a ticket may still be on its way; after a day it is what it is.
    static let incompleteSeconds: Int64 = 86_400
    /// A refused package is kept up to here: enough to see what it was, not enough to fill the disk with refusals.
    static let refusedBytes: Int64 = 1 << 20

    let tick: Tick
    let environment: Policy.Environment
    let area: Directory
    let name: FileName
    let place: String
    let tickets: [Tick.PresentTicket]

    /// A judgement, staged and ready to be entered.
    struct Judged {
        let decision: Decision
        let place: String
        let staged: Directory
        let files: [String]
        let key: String

        /// `fsync` of each staged file and of their directory.
        func makeDurable() throws(DiskError) {
            for file in files { try staged.openFile(file).sync() }
            try staged.sync()
        }
    }

    /// Looks at the drop; `nil` when it waits or was judged already.
    func judge(alongside batch: [Judged]) throws -> Judged? {
        guard let status = try area.status(of: name) else { return nil }
        let seen = DropIdentity(device: status.device, inode: status.inode, changed: status.changed)
        if tick.projection.drops[seen] != nil {
            // Judged, and a crash or a power cut left or brought back its name.
            let taken = try tick.spool.incoming.open(Spool.taken)
            try DropRemoval.remove(
                name,
                area: area,
                areaPath: ["packages", environment.name],
                identity: seen,
                taken: taken
            )
            return nil
        }
        guard status.kind == .file else {
            tick.wait(place, "not-a-file", Rule.dropKind.rawValue, "is a \(status.kind.rawValue), only files are taken")
            return nil
        }
        let limits = Limits()
        guard status.size <= limits.packageBytes else {
            tick.wait(place, "too-large", Rule.packageSize.rawValue, "is longer than \(limits.packageBytes) bytes")
            return nil
        }
        let candidates = tickets.filter { Int64($0.ticket.payload.size) == status.size }
        let settled = tick.looks.isSettled(place, status, now: tick.now, settle: environment.settle.seconds)
        guard settled || !candidates.isEmpty else {
            tick.wait(place, "settling", nil, "is taken when it was unchanged for \(environment.settle)")
            return nil
        }
        let lockName = "drop-" + String(Digest.of(place).hex.prefix(16))
        guard let lock = try FileLock.acquire(lockName, in: tick.spool.locks, transient: true) else { return nil }
        defer { withExtendedLifetime(lock) {} }
        guard let source = try open(),
            let copy = try DropCopy.make(of: source, limit: limits.packageBytes, in: tick.run.scratch)
        else { return nil }
        defer { _ = try? tick.run.scratch.unlink(copy.name) }
        let ticket = candidates.first { $0.ticket.payload.package.digest == copy.digest }
        guard ticket != nil || settled else {
            tick.wait(place, "settling", nil, "its bytes are not those of the ticket yet")
            return nil
        }
        return try judge(copy, ticket, batch)
    }

    private func open() throws(DiskError) -> File? {
        do throws(DiskError) { return try area.openFile(name) } catch {
            if error.isMissing { return nil }
            // As for texts: a lease, a link or a mode is its owner's doing and stops nobody else.
            if error.isShortage { throw error }
            tick.wait(
                place,
                "unreadable",
                Rule.dropUnreadable.rawValue,
                "the runner may not read it: chmod 644 and drop it again"
            )
            return nil
        }
    }

    private func judge(_ copy: DropCopy, _ ticket: Tick.PresentTicket?, _ batch: [Judged]) throws -> Judged? {
        let inspection = try tick.helper().inspect(package: copy.file.descriptor, size: copy.status.size)
        let age = tick.now.seconds - copy.status.modified / 1_000_000_000
        if inspection.isIncomplete, ticket == nil, age < Self.incompleteSeconds {
            tick.wait(
                place,
                "incomplete",
                Rule.truncated.rawValue,
                "the archive ends too early; it may still be on its way"
            )
            return nil
        }
        let keyring = tick.trust?.keyring.payload
        let submitter = ticket?.ticket.payload.submitter ?? keyring?.person(forUID: copy.status.uid)
        let tenant = ticket?.ticket.payload.tenant ?? "shared"
        var findings = inspection.findings
        if let manifest = inspection.manifest {
            let rules = PolicyFindings(
                projection: tick.projection,
                environment: environment,
                manifest: manifest,
                package: copy.digest,
                payload: inspection.payload,
                tenant: tenant,
                submitter: submitter
            )
            findings += rules.findings()
            if let ticket = ticket?.ticket, let keyring {
                findings += TicketScope.findings(ticket, manifest, keyring, at: tick.now)
            }
            let key = "\(environment.name)/\(tenant)/\(copy.digest)"
            if batch.contains(where: { $0.key == key }) { return nil }
        }
        let complete = inspection.adding(findings: Array(findings.dropFirst(inspection.findings.count)))
        guard complete.isAccepted, let manifest = complete.manifest, let manifestDigest = complete.manifestDigest else {
            return try refuse(copy, complete, ticket, submitter)
        }
        return try accept(copy, complete, manifest, manifestDigest, ticket, submitter, tenant)
    }

    private func accept(
        _ copy: DropCopy,
        _ inspection: Inspection,
        _ manifest: Manifest,
        _ manifestDigest: Digest,
        _ ticket: Tick.PresentTicket?,
        _ submitter: String?,
        _ tenant: String
    ) throws -> Judged {
        let slotName = "\(environment.name)/\(tenant)/\(manifest.name)"
        let slot = tick.projection.slot(slotName)
        let report = Report(
            package: copy.digest,
            size: copy.status.size,
            environment: environment.name,
            tenant: tenant,
            submitter: submitter,
            live: try tick.liveRelease(slot),
            demo: tick.trust?.keyring.payload.demo == true
        ).markdown(inspection)
        let staged = tick.run.stagedName()
        try tick.spool.staged.makeDirectory(staged, mode: 0o750)
        let directory = try tick.spool.staged.open(staged)
        let package = "\(manifest.name)-\(manifest.version).tar.gz"
        try tick.run.scratch.rename(copy.name, to: directory, as: package)
        let files: [(String, [UInt8])] = [
            ("agent.json", inspection.manifestBytes), ("findings.json", Array(inspection.json.pretty.utf8)),
            ("report.md", Array(report.utf8)),
        ]
        for (name, bytes) in files { try directory.createFile(name, mode: 0o444).write(bytes) }
        let terms = Terms(policy: environment.reference.description, replaces: slot.live ?? "none")
        let expected = tick.projection.expectedReviewSeconds(environment.name)
        let decision = Decision(
            .packageReceived,
            actor: submitter ?? tick.uidActor(copy.status.uid),
            subject: .own,
            outcome: .ok,
            evidence: try ticketEvidence(ticket),
            data: [
                "agent": .string(manifest.name), "version": .string(manifest.version.description),
                "tenant": .string(tenant), "environment": .string(environment.name),
                "package": .string(copy.digest.tagged), "payload": .string(inspection.payload.tagged),
                "manifest": .string(manifestDigest.tagged), "report": .string(Digest.of(report).tagged),
                "size": .int(copy.status.size), "submitter": submitter.map { .string($0) } ?? .null,
                "uid": .int(Int64(copy.status.uid)), "drop": copy.identity.json(name: place),
                "with": .array(ticket?.files.map(\.json) ?? []), "staged": .string(staged), "terms": terms.json,
                "expires": .string(tick.now.adding(seconds: environment.reviewFor.seconds).text),
                "expectedReviewSeconds": expected.map { .int($0) } ?? .null,
            ],
            touches: [
                .drop(device: copy.status.device, inode: copy.status.inode), .slot(slotName),
                .package(copy.digest.tagged, in: environment.name),
            ]
        )
        return Judged(
            decision: decision,
            place: place,
            staged: directory,
            files: [package] + files.map(\.0),
            key: "\(environment.name)/\(tenant)/\(copy.digest)"
        )
    }

    // A line holds at most 60,000 bytes, and a third of it is enough to say what is wrong; findings.json has all of it.
    private func fitting(_ findings: [Finding]) -> [JSON] {
        var bytes = 0
        var out: [JSON] = []
        for finding in findings.prefix(20) {
            let json = finding.json
            bytes += json.compact.utf8.count
            guard bytes <= 20_000 else { break }
            out.append(json)
        }
        return out
    }

    // The submitter's own words, so that a stranger can check them and a copy of them is a replay.
    private func ticketEvidence(_ ticket: Tick.PresentTicket?) throws -> [Digest] {
        guard let ticket = ticket?.ticket else { return [] }
        return try tick.store(ticket.text, ticket.proofs.map(\.signature))
    }

    private func refuse(
        _ copy: DropCopy,
        _ inspection: Inspection,
        _ ticket: Tick.PresentTicket?,
        _ submitter: String?
    ) throws -> Judged {
        let staged = tick.run.stagedName()
        try tick.spool.staged.makeDirectory(staged, mode: 0o750)
        let directory = try tick.spool.staged.open(staged)
        let whole = copy.status.size <= Self.refusedBytes
        let package = whole ? "package" : "package.first-1MiB"
        if whole {
            try tick.run.scratch.rename(copy.name, to: directory, as: package)
        } else {
            let head = try copy.file.read(at: 0, count: Int(Self.refusedBytes))
            try directory.createFile(package, mode: 0o440).write(head)
        }
        let feedback = Feedback.markdown(inspection.findings, file: name.shown)
        let files: [(String, [UInt8])] = [
            ("findings.json", Array(inspection.json.pretty.utf8)), ("feedback.md", Array(feedback.utf8)),
        ]
        for (name, bytes) in files { try directory.createFile(name, mode: 0o444).write(bytes) }
        let errors = inspection.findings.filter { $0.severity == .error }
        let decision = Decision(
            .packageRefused,
            actor: submitter ?? tick.uidActor(copy.status.uid),
            outcome: .denied,
            reason: errors.first?.rule,
            evidence: try ticketEvidence(ticket),
            data: [
                "code": .string(errors.first?.rule ?? "F-UNKNOWN"),
                "findings": .array(fitting(errors)), "package": .string(copy.digest.tagged),
                "environment": .string(environment.name), "submitter": submitter.map { .string($0) } ?? .null,
                "uid": .int(Int64(copy.status.uid)), "drop": copy.identity.json(name: place),
                "with": .array(ticket?.files.map(\.json) ?? []), "staged": .string(staged),
            ],
            touches: [.drop(device: copy.status.device, inode: copy.status.inode)]
        )
        return Judged(
            decision: decision,
            place: place,
            staged: directory,
            files: [package] + files.map(\.0),
            key: staged
        )
    }
}
