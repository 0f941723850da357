internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

/// `SPOOL/trust/`: keyring and policy in force, their signatures, every older version; a copy for people of what the ledger holds.
extension Tick {
    /// Makes `trust/` equal to what the ledger says, and the drop directories of every environment.
    ///
    /// - Returns: false when another run writes it for more than ten seconds.
    func settleTrust() throws -> Bool {
        guard let lock = try FileLock.acquire("trust", in: spool.locks, waiting: .milliseconds(10_000), transient: true)
        else { return false }
        defer { withExtendedLifetime(lock) {} }
        try refold()
        alteredTrust = nil
        try loadTrust()
        let directory = try spool.root.openMaking(["trust"])
        for file in try trustFiles() { try directory.ensure(file.name, holds: file.bytes, scratch: run.scratch) }
        touched += [directory, spool.root]
        for area in Spool.areas where try spool.incoming.status(of: area) == nil {
            try spool.incoming.makeDirectory(area, mode: Spool.dropMode)
        }
        let packages = try spool.incoming.open("packages")
        for environment in trust?.policy?.payload.environments ?? []
        where try packages.status(of: environment.name) == nil {
            try packages.makeDirectory(environment.name, mode: Spool.dropMode)
            touched.append(packages)
        }
        return true
    }

    /// What lies in `trust/`, as the ledger's evidence says.
    func trustFiles() throws -> [(name: String, bytes: [UInt8])] {
        var out: [(name: String, bytes: [UInt8])] = []
        for (kind, all) in [("keyring", projection.keyrings), ("policy", projection.policies)] {
            for (index, installed) in all.enumerated() {
                var names = ["\(kind).\(index + 1)"]
                if index == all.count - 1 { names.append(kind) }
                for name in names {
                    for (number, digest) in installed.evidence.enumerated() {
                        guard let bytes = try ledger.evidence(digest) else { continue }
                        let suffix = number == 0 ? "" : ".\(number)\(signatureSuffix(bytes))"
                        out.append((name + suffix, bytes))
                    }
                }
            }
        }
        return out
    }
}
