public import SallyportBase

/// What a check of a published ledger directory found.
public struct LedgerVerification: Sendable, Equatable {
    /// The answer in one word.
    public enum Verdict: String, Sendable {
        /// Everything that the checkpoint covers is as it was signed.
        case holds
        /// Something is not; see ``LedgerVerification/problems``.
        case contradicted
        /// There is no line and no checkpoint: nothing was verified.
        case nothing
    }

    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable {
        /// True for an older checkpoint of the caller's that does not fit (exit 65 when nothing else is wrong).
        public let isForeign: Bool
        /// The file, relative to the ledger directory, or the name of the caller's checkpoint.
        public let file: String
        /// The line's number, where it is about one.
        public let entry: UInt64?
        /// What must be there.
        public let expected: String
        /// What is there, safe to show.
        public let found: String

        init(_ file: String, entry: UInt64? = nil, isForeign: Bool = false, expected: String, found: String) {
            self.isForeign = isForeign
            self.file = file
            self.entry = entry
            self.expected = expected
            self.found = found
        }
    }

    /// Lines from `from` up to and without `to`.
    public struct Range: Sendable, Equatable {
        /// First line.
        public let from: UInt64
        /// After the last.
        public let to: UInt64
        /// True when the checkpoint covers them.
        public let isSigned: Bool
    }

    /// Lines that the checkpoint covers; 0 without a good one.
    public let size: UInt64
    /// The root that it states; ``Digest/zero`` without a good one.
    public let root: Digest
    /// The answer.
    public let verdict: Verdict
    /// Signed lines, then good lines behind them.
    public let ranges: [Range]
    /// Bytes behind the last good line: a write that was killed, or one that is going on.
    public let tornBytes: Int64
    /// All problems, at most ``problemLimit``; how many more there were is in ``omitted``.
    public let problems: [Problem]
    /// Problems that are not listed.
    public let omitted: Int

    /// A broken chain can make one problem for every line: more than a hundred help nobody.
    public static let problemLimit = 100
}
