internal import CLinux
internal import Glibc
internal import SallyportBase

extension Directory {
    /// Moves a name to another directory of the same file system.
    ///
    /// - Parameter replacing: false fails with `EEXIST` when the target is there (`RENAME_NOREPLACE`).
    public func rename(
        _ name: some EntryName,
        to target: Directory,
        as newName: some EntryName,
        replacing: Bool = false
    ) throws(DiskError) {
        let from = try name.checked(in: label, for: "renameat2")
        let to = try newName.checked(in: target.label, for: "renameat2")
        guard unsafe cl_renameat2(descriptor, from, target.descriptor, to, replacing ? 0 : 1) == 0 else {
            throw DiskError("renameat2", path(name) + " -> " + target.path(newName))
        }
    }

    /// Makes a symbolic link; fails when the name is there.
    public func makeLink(_ name: some EntryName, to target: String) throws(DiskError) {
        let c = try name.checked(in: label, for: "symlinkat")
        guard unsafe symlinkat(target, descriptor, c) == 0 else { throw DiskError("symlinkat", path(name)) }
    }

    /// Where a symbolic link points, or `nil` when the name is not there.
    public func readLink(_ name: some EntryName) throws(DiskError) -> String? {
        let c = try name.checked(in: label, for: "readlinkat")
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlinkat(descriptor, c, &buffer, buffer.count)
        guard count >= 0 else {
            if errno == ENOENT { return nil }
            throw DiskError("readlinkat", path(name))
        }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a name; false when it was not there.
    @discardableResult
    public func unlink(_ name: some EntryName) throws(DiskError) -> Bool {
        let c = try name.checked(in: label, for: "unlinkat")
        guard unsafe unlinkat(descriptor, c, 0) == 0 else {
            if errno == ENOENT { return false }
            throw DiskError("unlinkat", path(name))
        }
        return true
    }

    /// Removes an empty directory; false when it was not there.
    @discardableResult
    public func removeDirectory(_ name: some EntryName) throws(DiskError) -> Bool {
        let c = try name.checked(in: label, for: "unlinkat")
        guard unsafe unlinkat(descriptor, c, AT_REMOVEDIR) == 0 else {
            if errno == ENOENT { return false }
            throw DiskError("unlinkat", path(name))
        }
        return true
    }

    /// Removes a name and everything below it, for Sallyport's own scratch. Never follows a link. Killed in the middle it has
    /// removed a part; the next call removes the rest.
    public func removeTree(_ name: some EntryName) throws(DiskError) {
        guard let status = try status(of: name) else { return }
        if status.kind == .directory {
            if status.mode & 0o700 != 0o700 {
                let c = try name.checked(in: label, for: "fchmodat")
                guard unsafe fchmodat(descriptor, c, 0o700, 0) == 0 else { throw DiskError("fchmodat", path(name)) }
            }
            let inner = try open(name)
            for child in try inner.list() { try inner.removeTree(child) }
            try removeDirectory(name)
        } else {
            try unlink(name)
        }
    }

    /// Changes the mode of a directory or file that Sallyport made itself.
    public func setMode(of name: some EntryName, _ mode: UInt32) throws(DiskError) {
        let c = try name.checked(in: label, for: "fchmodat")
        guard unsafe fchmodat(descriptor, c, mode_t(mode), 0) == 0 else { throw DiskError("fchmodat", path(name)) }
    }

    /// Replaces `name` with `bytes`: after a crash the file holds the old bytes or the new ones, whole.
    ///
    /// The calls, in order: `openat(O_EXCL)` of a random name in `scratch`, `fchmod`, `write`, `fsync`, `renameat2` (the commit
    /// point), `fsync` of this directory, without which a power cut could undo the rename. A crash before the rename leaves a file
    /// in `scratch`, which the next run sweeps.
    ///
    /// - Parameters:
    ///   - scratch: a directory of the same file system that only Sallyport writes.
    ///   - durable: false leaves both `fsync` out, for derived files that are rewritten whenever they are missing or different.
    public func replace(
        _ name: some EntryName,
        with bytes: [UInt8],
        mode: UInt32 = 0o644,
        scratch: Directory,
        durable: Bool = true
    ) throws(DiskError) {
        let temporary = "new-" + Hex.encode(Random.bytes(12))
        do throws(DiskError) {
            let file = try scratch.createFile(temporary, mode: mode)
            try file.write(bytes)
            if durable { try file.sync() }
            try scratch.rename(temporary, to: self, as: name, replacing: true)
        } catch {
            _ = try? scratch.unlink(temporary)
            throw error
        }
        if durable { try sync() }
    }

    /// Replaces `name` with a symbolic link to `target`, by rename: readers see the old link or the new one.
    ///
    /// The rename is the commit point; `durable` adds the `fsync` of this directory.
    public func replaceLink(
        _ name: some EntryName,
        to target: String,
        scratch: Directory,
        durable: Bool = true
    ) throws(DiskError) {
        let temporary = "new-" + Hex.encode(Random.bytes(12))
        do throws(DiskError) {
            try scratch.makeLink(temporary, to: target)
            try scratch.rename(temporary, to: self, as: name, replacing: true)
        } catch {
            _ = try? scratch.unlink(temporary)
            throw error
        }
        if durable { try sync() }
    }

    /// Rewrites a derived file when it is missing or different; true when it wrote.
    @discardableResult
    public func ensure(
        _ name: some EntryName,
        holds bytes: [UInt8],
        mode: UInt32 = 0o644,
        scratch: Directory
    ) throws(DiskError) -> Bool {
        if let status = try status(of: name) {
            if status.kind == .directory { throw DiskError("openat", path(name), code: EISDIR) }
            if status.kind == .file, status.mode == mode, status.size == Int64(bytes.count),
                try read(name, limit: bytes.count) == bytes
            {
                return false
            }
        }
        try replace(name, with: bytes, mode: mode, scratch: scratch, durable: false)
        return true
    }
}
