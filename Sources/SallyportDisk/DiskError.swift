internal import Glibc

/// A system call on the disk that failed: a failure, never a verdict.
public struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call, as in strace: `openat`, `fsync`.
    public let call: String
    /// The directory's label and the name in it, safe to show.
    public let path: String
    /// The `errno` of the call.
    public let code: Int32

    /// Makes an error of a call that just failed; takes `errno`.
    public init(_ call: String, _ path: String) { self.init(call, path, code: errno) }

    /// Makes an error of a call and its `errno`.
    public init(_ call: String, _ path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// `PATH: CALL: what the C library calls this errno`.
    public var description: String {
        "\(path): \(call): \(unsafe String(cString: strerror(code)))"
    }

    /// The disk or a quota is full.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }
    /// This process or machine lacks descriptors or memory: nothing that one file could be blamed for.
    public var isShortage: Bool { code == EMFILE || code == ENFILE || code == ENOMEM }
    /// The name was not there.
    public var isMissing: Bool { code == ENOENT }
    /// The name was there already.
    public var exists: Bool { code == EEXIST || code == ENOTEMPTY }
    /// This account may not.
    public var isForbidden: Bool { code == EACCES || code == EPERM }
    /// The name is a symbolic link where none may be (`O_NOFOLLOW`).
    public var isLink: Bool { code == ELOOP }
}
