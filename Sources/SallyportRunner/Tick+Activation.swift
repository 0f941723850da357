internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    /// Makes an approved release live: unpack again, compare, prove, enter, switch.
    ///
    /// Durable before the entry: the staged tree, a checkpoint that covers `release.approved`, PROOF. A crash before the entry leaves
    /// `.state/staged/release-r<seq>`, which the next run builds again; after it the next run renames and switches.
    ///
    /// - Parameter basis: ``Projection/size`` at which request, gate and trust were looked at.
    func activate(_ request: Request, _ trust: InstalledTrust, basedOn basis: UInt64) throws {
        let slot = projection.slot(request.slot)
        guard slot.hold == nil, !frozenSlots.contains(slot.name), trust.policy?.payload.isPipelineOn != false else {
            return
        }
        guard !slot.isCondemned(request.payload) else { return }
        guard let lock = try FileLock.acquire("request-\(request.seq)", in: spool.locks, transient: true) else {
            return
        }
        // Held until the release lies in its slot: whoever sweeps takes this lock before it removes `release-r<seq>`.
        held[request.seq] = lock
        defer { held[request.seq] = nil }
        // Before the lock another run may have been here: its release is not built a second time.
        guard try !isStale(request), projection.slot(slot.name).entries == slot.entries,
            let directory = try directory(of: request)
        else { return }
        let staged = "release-\(request.id)"
        try spool.staged.removeTree(staged)
        try spool.staged.makeDirectory(staged, mode: 0o755)
        let place = try spool.staged.open(staged)
        guard try unpack(request, from: directory, into: place) else {
            try enterContradictions()
            return
        }
        guard try publishCovering(projection.size) else {
            again = true
            return
        }
        try ReleaseProof(tick: self, request: request, trust: trust).write(into: place)
        try place.sync()
        try spool.staged.sync()
        let entries = try append(
            [
                Decision(
                    .releaseActivated,
                    subject: .request(request.seq),
                    outcome: .ok,
                    links: request.approved.map { [Link("approved", $0.seq)] } ?? [],
                    data: [
                        "slot": .string(slot.name), "from": .string(slot.live ?? "none"),
                        "to": .string(request.release),
                        "payload": .string(request.payload.tagged),
                    ],
                    touches: [.request(request.seq), .slot(slot.name)]
                )
            ],
            basedOn: basis
        )
        try performPending()
        if entries.first != nil, entries[0] != nil { report.activated.append("\(slot.name) \(request.release)") }
    }

    // PROOF needs a checkpoint over everything that it names. Somebody else may be publishing an older state: a publication takes
    // milliseconds, so it is waited for. False when it takes longer than two seconds; the next look tries again.
    private func publishCovering(_ size: UInt64) throws -> Bool {
        for _ in 0..<200 {
            try publish()
            if ledger.publishedSize >= size { return true }
            usleep(10_000)
        }
        return false
    }

    private func unpack(_ request: Request, from directory: Directory, into place: Directory) throws -> Bool {
        let file = try directory.openFile(ReviewTexts.packageName(request))
        guard try hash(file) == request.package else { return try isIntact(request, directory) }
        try place.makeDirectory("agent")
        // Few files are synced one by one; many by one syncfs.
        let first = try helper().inspect(package: file.descriptor, size: request.size)
        // A parser that was stopped by time or memory says nothing about the package: that is this machine's failure.
        if let stopped = first.findings.first(where: { ["F-TIMEOUT", "F-PARSER-DIED"].contains($0.rule) }) {
            throw ParserError.helperGone(stopped.text)
        }
        guard first.isAccepted, first.payload == request.payload else {
            contradict(directory.label, expected: request.payload.tagged, found: first.payload.tagged)
            frozenRequests.insert(request.seq)
            return false
        }
        let grouped = first.entries.count > 64
        var writer = TreeWriter(try place.open("agent"), sync: !grouped)
        let box = SinkBox(writer)
        let second = try helper().inspect(
            package: file.descriptor,
            size: request.size,
            into: box,
            stripping: first.rootPrefix
        )
        writer = box.writer
        try writer.finish()
        if grouped { try spool.root.syncFileSystem() }
        // What lies on the disk is what was approved: read back, not remembered.
        guard second.payload == request.payload, try PayloadDigest.of(try place.open("agent")) == request.payload else {
            contradict(place.label, expected: request.payload.tagged, found: second.payload.tagged)
            frozenRequests.insert(request.seq)
            return false
        }
        return true
    }
}

// The sink is a value that the caller wants back after the call.
private final class SinkBox: TreeSink {
    var writer: TreeWriter
    init(_ writer: TreeWriter) { self.writer = writer }
    func directory(_ path: [String]) throws { try writer.directory(path) }
    func begin(_ path: [String], executable: Bool) throws { try writer.begin(path, executable: executable) }
    func write(_ bytes: [UInt8]) throws { try writer.write(bytes) }
    func end() throws { try writer.end() }
}

extension Policy {
    /// `flag: enable-deployment-pipeline off` stops activation; without the line it is on.
    var isPipelineOn: Bool { flags["enable-deployment-pipeline"] ?? true }
}
