internal import Glibc
internal import SallyportBase
public import SallyportCore
public import SallyportDisk

/// Takes a judged drop out of `incoming/` without ever removing something else that was put under its name meanwhile.
public enum DropRemoval {
    /// Removes the file that was copied, in three steps (architecture.md, "Drops"): rename into `.taken/`, `fstat`, unlink only when it
    /// is the inode that was copied and nobody has written to it since; otherwise it goes back as a new drop.
    ///
    /// A crash after the rename leaves it in `.taken/`, where ``reconcile(_:known:)`` finds it by the identity in its name.
    ///
    /// - Returns: true when the drop is gone.
    @discardableResult
    public static func remove(
        _ name: FileName,
        area: Directory,
        areaPath: [String],
        identity: DropIdentity,
        taken: Directory
    ) throws(DiskError) -> Bool {
        // Another file under this name, or the same one written to since, is another drop.
        guard let now = try area.status(of: name), now.inode == identity.inode, now.device == identity.device,
            now.changed == identity.changed
        else { return true }
        let parked = parkedName(areaPath, identity, name)
        do throws(DiskError) { try area.rename(name, to: taken, as: parked) } catch {
            if error.isMissing { return true }
            throw error
        }
        guard let moved = try taken.status(of: parked) else { return true }
        // rename changes ctime, so the rest of what `now` saw is compared.
        if moved.inode == identity.inode, moved.device == identity.device, moved.modified == now.modified,
            moved.size == now.size
        {
            try taken.unlink(parked)
            return true
        }
        try putBack(parked, name, to: area, taken: taken)
        return false
    }

    private static func parkedName(_ areaPath: [String], _ identity: DropIdentity, _ name: FileName) -> FileName {
        let head = areaPath.joined(separator: "~") + "~\(identity.device)~\(identity.inode)~\(identity.changed)~"
        let full = Array(head.utf8) + name.nameBytes
        // A name that has no room keeps its identity and loses itself: names are hints.
        return FileName(bytes: full.count <= 255 ? full : Array((head + "drop").utf8))
    }

    private static func putBack(
        _ parked: some EntryName,
        _ name: some EntryName,
        to area: Directory,
        taken: Directory
    ) throws(DiskError) {
        do throws(DiskError) { try taken.rename(parked, to: area, as: name) } catch {
            guard error.exists else { throw error }
            try taken.rename(parked, to: area, as: "again-" + Hex.encode(Random.bytes(8)))
        }
    }

    /// Finishes what a killed run began: what an entry names is unlinked, the rest goes back where it came from.
    public static func reconcile(
        _ incoming: Directory,
        known: () throws -> [DropIdentity: UInt64]
    ) throws {
        let taken = try incoming.open(Spool.taken)
        let parkedNames = try taken.list()
        guard !parkedNames.isEmpty else { return }
        // Asked after the listing: what lies here now may be in the hands of a run whose entry is newer than our fold.
        let known = try known()
        for parked in parkedNames {
            let parts = parked.nameBytes.split(
                separator: UInt8(ascii: "~"),
                maxSplits: 5,
                omittingEmptySubsequences: false
            )
            let text = parts.map { String(decoding: $0, as: UTF8.self) }
            // area[~environment]~device~inode~changed~name
            let offset = text.first == "packages" ? 2 : 1
            guard text.count >= offset + 3, let device = UInt64(text[offset]), let inode = UInt64(text[offset + 1]),
                let changed = Int64(text[offset + 2])
            else { continue }
            let identity = DropIdentity(device: device, inode: inode, changed: changed)
            let status = try taken.status(of: parked)
            if known[identity] != nil, status?.inode == inode, status?.device == device {
                try taken.unlink(parked)
                continue
            }
            guard let area = try incoming.openIfPresent(Array(text[..<offset])) else { continue }
            let rest = parked.nameBytes.split(
                separator: UInt8(ascii: "~"),
                maxSplits: offset + 3,
                omittingEmptySubsequences: false
            )
            let name = FileName(bytes: rest.count > offset + 3 ? Array(rest[offset + 3]) : [])
            try putBack(
                parked,
                name.nameBytes.isEmpty ? FileName(bytes: Array("drop".utf8)) : name,
                to: area,
                taken: taken
            )
        }
    }
}
