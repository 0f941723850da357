internal import CLinux
internal import Glibc
internal import SallyportBase

/// A directory held by descriptor. Every call below it is an `*at` call on one component with `O_NOFOLLOW` and `O_CLOEXEC`:
/// nobody who may rename or link something can lead Sallyport elsewhere.
public final class Directory: Sendable {
    /// The descriptor; it lives as long as the object.
    public let descriptor: Int32
    /// The path as the caller knows it, for messages only.
    public let label: String

    private init(adopting descriptor: Int32, label: String) {
        self.descriptor = descriptor
        self.label = label
    }

    deinit { close(descriptor) }

    /// Opens a directory by path, following links: for the roots that the caller named, and nothing else.
    public static func open(path: String) throws(DiskError) -> Directory {
        let fd = unsafe cl_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard fd >= 0 else { throw DiskError("openat", path) }
        return Directory(adopting: fd, label: path)
    }

    /// `label/name` for messages.
    public func path(_ name: some EntryName) -> String { label + "/" + percentEncoded(name.nameBytes) }

    /// Opens a directory one component below. A link there is an error (``DiskError/isLink`` or `ENOTDIR`).
    public func open(_ name: some EntryName) throws(DiskError) -> Directory {
        let c = try name.checked(in: label, for: "openat")
        let fd = unsafe cl_openat(descriptor, c, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard fd >= 0 else { throw DiskError("openat", path(name)) }
        return Directory(adopting: fd, label: path(name))
    }

    /// Opens a directory below, component by component.
    public func open(_ names: [String]) throws(DiskError) -> Directory {
        var here = self
        for name in names { here = try here.open(name) }
        return here
    }

    /// The same, or `nil` where a component does not exist.
    public func openIfPresent(_ names: [String]) throws(DiskError) -> Directory? {
        do throws(DiskError) { return try open(names) } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Opens a directory below for putting files into it, as an account that may write there and not list (`O_PATH`, openat(2)): names
    /// can be made, renamed and looked up through it; listing and `fsync` fail with `EBADF`.
    public func openForDropping(_ names: [String]) throws(DiskError) -> Directory {
        var here = self
        for name in names {
            let c = try name.checked(in: here.label, for: "openat")
            // O_PATH, which Swift's Glibc does not show.
            let path: Int32 = 0o10_000_000
            let fd = unsafe cl_openat(here.descriptor, c, path | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
            guard fd >= 0 else { throw DiskError("openat", here.path(name)) }
            here = Directory(adopting: fd, label: here.path(name))
        }
        return here
    }

    /// Opens a directory below and makes what is missing on the way, each durably in its parent.
    ///
    /// After a crash some of the directories may exist, empty: the next call goes on from there.
    public func openMaking(_ names: [String], mode: UInt32 = 0o755) throws(DiskError) -> Directory {
        var here = self
        for name in names {
            if try here.makeDirectory(name, mode: mode) { try here.sync() }
            here = try here.open(name)
        }
        return here
    }

    /// Makes a directory with exactly this mode, whatever the umask says; false when the name was there already.
    ///
    /// `mkdirat` makes it with that mode at once, so that a kill leaves no directory that others cannot enter; only setgid, which
    /// `mkdirat` takes from the parent and not from us, comes with the `fchmodat` after it.
    @discardableResult
    public func makeDirectory(_ name: some EntryName, mode: UInt32 = 0o755) throws(DiskError) -> Bool {
        let c = try name.checked(in: label, for: "mkdirat")
        // Files are made with an explicit mode everywhere, so nobody else notices that the mask was away.
        let mask = umask(0)
        let made = unsafe mkdirat(descriptor, c, mode_t(mode & 0o1777))
        let code = errno
        umask(mask)
        errno = code
        guard made == 0 else {
            if errno == EEXIST { return false }
            throw DiskError("mkdirat", path(name))
        }
        guard unsafe fchmodat(descriptor, c, mode_t(mode), 0) == 0 else { throw DiskError("fchmodat", path(name)) }
        return true
    }

    /// `fstat` of the directory itself.
    public func status() throws(DiskError) -> FileStatus {
        var s = stat()
        guard unsafe fstat(descriptor, &s) == 0 else { throw DiskError("fstat", label) }
        return FileStatus(s)
    }

    /// What a name is, without following a link; `nil` when it is not there.
    public func status(of name: some EntryName) throws(DiskError) -> FileStatus? {
        let c = try name.checked(in: label, for: "newfstatat")
        var s = stat()
        guard unsafe fstatat(descriptor, c, &s, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw DiskError("newfstatat", path(name))
        }
        return FileStatus(s)
    }

    /// The names in the directory, sorted bytewise.
    public func list() throws(DiskError) -> [FileName] {
        var buffer: UnsafeMutablePointer<CChar>?
        var bytes = 0
        guard unsafe cl_list(descriptor, &buffer, &bytes) == 0 else { throw DiskError("getdents64", label) }
        guard let buffer = unsafe buffer else { return [] }
        defer { unsafe free(buffer) }
        var names: [FileName] = []
        var current: [UInt8] = []
        for index in 0..<bytes {
            let byte = UInt8(bitPattern: unsafe buffer[index])
            if byte == 0 {
                names.append(FileName(bytes: current))
                current = []
            } else {
                current.append(byte)
            }
        }
        return names.sorted()
    }

    /// The names that are valid UTF-8, sorted; for directories that only Sallyport writes.
    public func listText() throws(DiskError) -> [String] { try list().compactMap(\.text) }

    /// Opens a regular file for reading; never blocks on a FIFO, never follows a link.
    ///
    /// - Throws: ``DiskError``; `ENXIO`, `EISDIR` and the like are reported as `EINVAL` after `fstat` for what is no regular file.
    public func openFile(_ name: some EntryName) throws(DiskError) -> File {
        let c = try name.checked(in: label, for: "openat")
        let fd = unsafe cl_openat(descriptor, c, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0)
        guard fd >= 0 else { throw DiskError("openat", path(name)) }
        let file = File(adopting: fd, label: path(name))
        guard try file.status().kind == .file else { throw DiskError("openat", path(name), code: EINVAL) }
        return file
    }

    /// Opens an existing regular file for reading and writing.
    public func openFileForWriting(_ name: some EntryName) throws(DiskError) -> File {
        let c = try name.checked(in: label, for: "openat")
        let fd = unsafe cl_openat(descriptor, c, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        guard fd >= 0 else { throw DiskError("openat", path(name)) }
        return File(adopting: fd, label: path(name))
    }

    /// Creates a file that must not exist, with exactly this mode.
    public func createFile(_ name: some EntryName, mode: UInt32 = 0o644) throws(DiskError) -> File {
        let c = try name.checked(in: label, for: "openat")
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let fd = unsafe cl_openat(descriptor, c, flags, 0o600)
        guard fd >= 0 else { throw DiskError("openat", path(name)) }
        let file = File(adopting: fd, label: path(name))
        try file.setMode(mode)
        return file
    }

    /// The whole of a regular file of at most `limit` bytes, or `nil` when it is not there.
    ///
    /// - Throws: `EFBIG` when the file is longer.
    public func read(_ name: some EntryName, limit: Int) throws(DiskError) -> [UInt8]? {
        let file: File
        do throws(DiskError) { file = try openFile(name) } catch {
            if error.isMissing { return nil }
            throw error
        }
        let size = try file.status().size
        guard size <= limit else { throw DiskError("read", path(name), code: EFBIG) }
        // One byte more than its size: a file that grew meanwhile is noticed.
        let bytes = try file.read(upTo: Int(size) + 1)
        guard bytes.count <= limit else { throw DiskError("read", path(name), code: EFBIG) }
        return bytes
    }

    /// `fsync` of the directory: the names in it are on the disk when it returns.
    public func sync() throws(DiskError) {
        guard fsync(descriptor) == 0 else { throw DiskError("fsync", label) }
    }

    /// Everything written to this file system is on the disk when it returns. It waits for other people's data too.
    public func syncFileSystem() throws(DiskError) {
        guard cl_syncfs(descriptor) == 0 else { throw DiskError("syncfs", label) }
    }

    /// True on NFS, SMB and the like, where `flock` and `rename` promise less.
    public func isOnNetwork() throws(DiskError) -> Bool {
        let answer = cl_is_network_fs(descriptor)
        guard answer >= 0 else { throw DiskError("fstatfs", label) }
        return answer == 1
    }
}
