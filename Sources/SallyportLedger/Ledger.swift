public import SallyportBase
public import SallyportDisk

/// The book in which every passage is written: chained lines, a Merkle tree over them, signed checkpoints (formats.md §5).
///
/// One process uses one object from one thread; any number of processes may write the same ledger: ``append(_:basedOn:at:run:)`` is
/// where they meet.
public final class Ledger {
    /// Who opens it.
    public enum Access: Sendable {
        /// The runner: takes locks, may append and publish.
        case runner
        /// Anybody who can read `ledger/` and `.state/signed`: takes no lock and changes nothing.
        case reader
    }
}
extension Ledger {
    /// create
    public static func create(
        ledger: Directory, state: Directory, signer: any NoteSigner, verifier: any NoteVerifier, pipeline: String,
        tool: String, at instant: Timestamp, run: String, outside: Directory? = nil
    ) throws(LedgerError) -> Ledger { fatalError() }
    /// open
    public static func open(
        ledger: Directory, state: Directory, verifier: any NoteVerifier, access: Access = .runner,
        outside: Directory? = nil
    ) throws(LedgerError) -> Ledger { fatalError() }
    /// Where the ledger ends, as far as this object has looked.
    public var tail: Position { fatalError() }
    /// ts of the last line
    public var lastTimestamp: Timestamp { fatalError() }
    /// Lines under the last signature.
    public var publishedSize: UInt64 { fatalError() }
    /// The root under the last signature.
    public var root: Digest { fatalError() }
    /// fold
    public func entries(
        after position: Position? = nil, acceptingUnknown: Bool = false, _ body: (Entry) throws -> Void
    ) throws -> Position { fatalError() }
    /// one entry
    public func entry(_ seq: UInt64) throws(LedgerError) -> Entry? { fatalError() }
    /// append
    public func append(
        _ decisions: [Decision], basedOn size: UInt64, at instant: Timestamp, run: String
    ) throws(LedgerError) -> Appended { fatalError() }
    /// publish; nil when somebody else is publishing
    @discardableResult
    public func publish(_ signer: any NoteSigner) throws(LedgerError) -> Checkpoint? { fatalError() }
    /// evidence
    public func storeEvidence(_ bytes: [UInt8]) throws(LedgerError) -> Digest { fatalError() }
    /// evidence
    public func evidence(_ digest: Digest, limit: Int = 64 << 20) throws(LedgerError) -> [UInt8]? { fatalError() }
    /// proof
    public func inclusionProof(of index: UInt64, in size: UInt64? = nil) throws(LedgerError) -> [Digest] { fatalError() }
    /// text
    public func tlogProof(of index: UInt64) throws(LedgerError) -> String { fatalError() }
}
