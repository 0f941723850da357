internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk

/// A drop as it was copied: the bytes that are judged are the bytes that were hashed, and the path is not opened again.
struct DropCopy {
    let status: FileStatus
    let digest: Digest
    /// The copy in this run's scratch, open for reading.
    let file: File
    /// Its name there.
    let name: String

    var identity: DropIdentity {
        DropIdentity(device: status.device, inode: status.inode, changed: status.changed)
    }

    /// Copies an open drop into `scratch`, hashing on the way.
    ///
    /// - Returns: `nil` when the drop changed while it was copied: somebody is still writing.
    static func make(of source: File, limit: Int64, in scratch: Directory) throws(DiskError) -> DropCopy? {
        let before = try source.status()
        guard before.size <= limit else { throw DiskError("read", source.label, code: EFBIG) }
        let name = "drop-" + Hex.encode(Random.bytes(8))
        let copy = try scratch.createFile(name, mode: 0o440)
        var hasher = SHA256()
        var total: Int64 = 0
        while true {
            let block = try source.read(upTo: 1 << 20)
            if block.isEmpty { break }
            total += Int64(block.count)
            guard total <= before.size else { break }
            hasher.update(block)
            try copy.write(block)
        }
        let after = try source.status()
        guard total == before.size, before.isSameFile(as: after) else {
            try scratch.unlink(name)
            return nil
        }
        // Read-only from here: the child gets this descriptor, and could change a writable one through a shared mapping.
        return DropCopy(status: before, digest: hasher.finish(), file: try scratch.openFile(name), name: name)
    }
}
