internal import Glibc

/// What `fstat` says, as far as Sallyport asks.
public struct FileStatus: Equatable, Sendable {
    /// The kinds that are told apart.
    public enum Kind: String, Sendable {
        /// A regular file
        case file
        /// A directory
        case directory
        /// A symbolic link
        case link
        /// FIFO, socket or device
        case other
    }
    /// What it is.
    public let kind: Kind
    /// Device number.
    public let device: UInt64
    /// Inode number.
    public let inode: UInt64
    /// Bytes.
    public let size: Int64
    /// Permission bits, setuid and sticky included.
    public let mode: UInt32
    /// Owner.
    public let uid: UInt32
    /// Group.
    public let gid: UInt32
    /// Hard links.
    public let links: UInt64
    /// Last change of the content, nanoseconds since 1970.
    public let modified: Int64
    /// Last change of content or status, nanoseconds since 1970; nobody can set it back.
    public let changed: Int64

    init(_ s: stat) {
        switch s.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        device = UInt64(s.st_dev)
        inode = UInt64(s.st_ino)
        size = Int64(s.st_size)
        mode = UInt32(s.st_mode) & 0o7777
        uid = s.st_uid
        gid = s.st_gid
        links = UInt64(s.st_nlink)
        modified = Int64(s.st_mtim.tv_sec) * 1_000_000_000 + Int64(s.st_mtim.tv_nsec)
        changed = Int64(s.st_ctim.tv_sec) * 1_000_000_000 + Int64(s.st_ctim.tv_nsec)
    }

    /// The same file, unchanged between two looks: inode, size and both times are equal.
    public func isSameFile(as other: FileStatus) -> Bool {
        device == other.device && inode == other.inode && size == other.size && modified == other.modified
            && changed == other.changed
    }
}
