public import SallyportBase
public import SallyportDisk

/// Checks a published ledger directory, with or without a spool.
public struct LedgerVerification: Sendable, Equatable {
    /// What the check found.
    public enum Verdict: String, Sendable {
        /// Everything that a checkpoint covers is as it was signed.
        case holds
        /// Something is not; see ``problems``.
        case contradicted
        /// There is no line and no checkpoint.
        case nothing
    }
    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable {
        /// True when the only thing wrong is that an older checkpoint of the caller's does not fit (exit 65, not 70).
        public let isForeign: Bool
        /// The file, relative to the ledger directory, or the name of the caller's checkpoint.
        public let file: String
        /// The line's number, where it is about one.
        public let entry: UInt64?
        /// What must be there.
        public let expected: String
        /// What is there.
        public let found: String
    }
    /// Lines from `from` up to and without `to`.
    public struct Range: Sendable, Equatable {
        /// First line.
        public let from: UInt64
        /// After the last.
        public let to: UInt64
        /// `signed` or `unsigned`.
        public let state: String
    }
    /// Lines that the checkpoint covers.
    public let size: UInt64
    /// The root over them.
    public let root: Digest
    /// The verdict.
    public let verdict: Verdict
    /// Signed and unsigned lines.
    public let ranges: [Range]
    /// All problems, at most ``problemLimit``.
    public let problems: [Problem]
    /// More problems than this are not listed: a broken chain makes one for every line.
    public static let problemLimit = 100

    /// verify
    public static func verify(
        _ directory: Directory, verifier: any NoteVerifier, from older: [(name: String, note: [UInt8])] = [],
        evidence: Bool = true
    ) throws(LedgerError) -> LedgerVerification { fatalError() }
}
