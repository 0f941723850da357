public import SallyportBase
public import SallyportCore
public import SallyportDisk
internal import SallyportPackages
internal import SallyportTrust

/// What lies in a slot's directory, read and compared with the ledger.
extension Tick {
    /// The payload digest of a release's files as they lie on the disk now; `nil` when they are not there or are not readable files.
    func payloadOnDisk(_ release: Release, _ slot: Slot) throws -> Digest? {
        guard let directory = try spool.deployed.openIfPresent(slot.parts + ["releases", release.name, "agent"]) else {
            return nil
        }
        return try PayloadDigest.of(directory)
    }

    /// Every release of a slot with the reason why it may not be rolled back to, newest first.
    func rollbackTargets(_ slot: Slot, trust: InstalledTrust) throws -> [RollbackEligibility] {
        try SlotReading.rollbackTargets(slot, in: projection, trust: trust, deployed: spool.deployed, now: now)
    }

    /// What is live in a slot, as the report of a newcomer compares with it.
    func liveRelease(_ slot: Slot) throws -> LiveRelease? {
        guard let live = slot.liveRelease, let request = projection.requests[live.request] else { return nil }
        let (year, month) = request.received.yearAndMonth
        guard let directory = try spool.archive.openIfPresent([year, month, request.directoryName]),
            let bytes = try directory.read("findings.json", limit: 256 << 20),
            let inspection = (try? JSON.parse(bytes, limit: 256 << 20)).flatMap({ Inspection(json: $0) }),
            inspection.payload == live.payload, inspection.manifestDigest == request.manifest,
            let manifest = inspection.manifest
        else { return nil }
        return LiveRelease(release: live.name, manifest: manifest, entries: inspection.entries)
    }
}

/// What a slot's directory says to anybody who may read it.
public enum SlotReading {
    /// Every release of a slot with the reason why it may not be rolled back to, newest first.
    public static func rollbackTargets(
        _ slot: Slot,
        in projection: Projection,
        trust: InstalledTrust,
        deployed: Directory,
        now: Timestamp
    ) throws -> [RollbackEligibility] {
        var onDisk: Set<String> = []
        if let releases = try deployed.openIfPresent(slot.parts + ["releases"]) {
            onDisk = Set(try releases.listText())
        }
        let window = trust.policy?.payload.environment(slot.parts[0])?.rollbackWindow.seconds ?? 30 * 86_400
        return RollbackTarget.judge(
            slot,
            in: projection,
            keyring: trust.keyring.payload,
            onDisk: onDisk,
            window: window,
            constraint: try constraint(slot, in: projection, deployed: deployed),
            now: now
        )
    }

    private static func constraint(
        _ slot: Slot,
        in projection: Projection,
        deployed: Directory
    ) throws -> RollbackTarget.Constraint {
        guard let live = slot.liveRelease, let request = projection.requests[live.request],
            let directory = try deployed.openIfPresent(slot.parts + ["releases", live.name, "agent"]),
            let bytes = try directory.read("agent.json", limit: 1 << 20), Digest.of(bytes) == request.manifest,
            let manifest = (try? JSON.parse(bytes, limit: 1 << 20)).flatMap({ Manifest($0) }),
            let rollback = manifest.rollback
        else { return .none }
        return .init(
            stateCompatible: rollback.stateCompatible,
            minimumVersion: rollback.minimumVersion.flatMap { SemanticVersion($0) }
        )
    }
}

/// The payload digest (formats.md §6) of a tree on the disk.
public enum PayloadDigest {
    /// Hashes every file below a directory; anything that is neither file nor directory makes it `nil`.
    public static func of(_ root: Directory) throws(DiskError) -> Digest? {
        var entries: [PackageEntry] = []
        guard try collect(root, "", into: &entries) else { return nil }
        return PackageEntry.payload(of: entries)
    }

    private static func collect(
        _ directory: Directory,
        _ prefix: String,
        into entries: inout [PackageEntry]
    ) throws(DiskError) -> Bool {
        for name in try directory.list() {
            guard let status = try directory.status(of: name), let text = name.text else { return false }
            switch status.kind {
            case .directory:
                guard try collect(try directory.open(name), prefix + text + "/", into: &entries) else { return false }
            case .file:
                let file = try directory.openFile(name)
                var hasher = SHA256()
                while true {
                    let block = try file.read(upTo: 1 << 18)
                    if block.isEmpty { break }
                    hasher.update(block)
                }
                entries.append(
                    PackageEntry(
                        path: prefix + text,
                        size: status.size,
                        executable: status.mode & 0o100 != 0,
                        digest: hasher.finish()
                    )
                )
            default: return false
            }
        }
        return true
    }
}
