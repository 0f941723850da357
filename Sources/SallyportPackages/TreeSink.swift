/// Where the parent writes the files of a package. Paths are checked and relative, their parts never empty, `.` or `..`.
///
/// The child computes, the parent writes (architecture.md, "Trust lines"): no byte reaches a sink except through this process.
public protocol TreeSink {
    /// A directory; its parents came before. May be called more than once for the same path.
    mutating func directory(_ path: [String]) throws
    /// A new file begins; its directory came before.
    mutating func begin(_ path: [String], executable: Bool) throws
    /// More bytes of the file that was begun.
    mutating func write(_ bytes: [UInt8]) throws
    /// The file is complete.
    mutating func end() throws
}
