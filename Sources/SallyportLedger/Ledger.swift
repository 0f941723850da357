public import SallyportBase
public import SallyportDisk
internal import SallyportTrust

/// The book in which every passage is written: chained lines, a Merkle tree over them, signed checkpoints (formats.md §5).
///
/// One thread uses one object; any number of processes may write the same ledger: ``append(_:basedOn:at:run:)`` is where they meet.
/// Memory does not grow with the ledger.
public final class Ledger {
    /// Who opens it.
    public enum Access: Sendable {
        /// The runner: takes locks, may append and publish.
        case runner
        /// Anybody who can read `ledger/` and `.state/signed`: takes no lock and changes nothing.
        case reader
    }

    let ledger: Directory
    let state: Directory
    let verifier: NoteVerifier
    let access: Access
    let outside: Directory?

    /// What was signed last, from `.state/signed`, verified.
    var signed: Checkpoint
    /// The note that says so, byte for byte.
    var signedNote: [UInt8]
    /// The tree at ``signed``.
    var frontier: Frontier
    /// The right edge had to be computed from the lines; the next publication writes the tiles again.
    var isMissingTiles: Bool
    /// After the last signed line.
    var boundary: Position

    /// Where the ledger ends, as far as this object has looked: everything up to here is durable and stays.
    public internal(set) var tail: Position
    /// `ts` of the last line before ``tail``; no later line is earlier.
    public internal(set) var lastTimestamp: Timestamp
    // What the last look found behind `tail`.
    var torn: Torn?
    // The two calls of an append that a test lets fail; nothing else is ever put in their place.
    var writeLines: (File, [UInt8]) throws(DiskError) -> Void = { (file, bytes) throws(DiskError) in
        try file.write(bytes)
    }
    var syncLines: (File) throws(DiskError) -> Void = { (file) throws(DiskError) in try file.syncData() }

    /// Where temporary files go; `nil` for `.state/scratch` itself. A runner gives its own, which is swept when it is dead.
    public var temporary: Directory?

    /// Lines under the last signature.
    public var publishedSize: UInt64 { signed.size }
    /// The root under the last signature.
    public var root: Digest { signed.root }
    /// The last signed note: the checkpoint, byte for byte.
    public var publishedNote: [UInt8] { signedNote }

    init(
        ledger: Directory,
        state: Directory,
        verifier: NoteVerifier,
        access: Access,
        outside: Directory?,
        head: Head
    ) {
        self.ledger = ledger
        self.state = state
        self.verifier = verifier
        self.access = access
        self.outside = outside
        signed = head.signed
        signedNote = head.note
        frontier = head.frontier
        isMissingTiles = head.isMissingTiles
        boundary = head.boundary
        tail = head.boundary
        lastTimestamp = head.timestamp
    }

    /// Names in `.state/`.
    enum StateName {
        /// The last note that was signed; durable before a signature leaves the process.
        static let signed = "signed"
        /// There after an `fsync` that failed: nobody knows what the disk holds.
        static let poison = "poison"
        /// Temporary files, swept by the runner.
        static let scratch = "scratch"
        /// Lock files.
        static let locks = "locks"
    }

    /// How long an append waits for another one, milliseconds. One takes about two; a hundred in a row still fit.
    static let lockWait = 10_000

    /// Runs `body` under the ledger's lock: the only place where lines are written or adopted.
    func withLedgerLock<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
        let lock: FileLock?
        do throws(DiskError) {
            let locks = try state.openMaking([StateName.locks], mode: 0o700)
            lock = try FileLock.acquire("ledger", in: locks, waiting: .milliseconds(Self.lockWait))
        } catch { throw .disk(error) }
        guard let lock else { throw .busy("ledger") }
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    func scratch() throws(LedgerError) -> Directory {
        if let temporary { return temporary }
        do throws(DiskError) { return try state.openMaking([StateName.scratch], mode: 0o700) } catch {
            throw .disk(error)
        }
    }
}

extension Checkpoint {
    /// Reads a note and believes it only with `verifier`'s signature and name.
    static func verified(_ note: [UInt8], path: String, by verifier: NoteVerifier) throws(LedgerError) -> Checkpoint {
        let checkpoint: Checkpoint
        do throws(TextProblem) {
            let parsed = try SignedNote(parsing: note)
            _ = try parsed.verified(by: [verifier])
            checkpoint = try Checkpoint(parsing: parsed.text)
        } catch {
            throw .contradiction(
                path: path,
                expected: "a checkpoint signed by \(verifier.name)",
                found: error.description
            )
        }
        guard checkpoint.origin == verifier.name, checkpoint.size > 0 else {
            throw .contradiction(
                path: path,
                expected: "origin \(verifier.name), size above 0",
                found: "origin \(shown(checkpoint.origin)), size \(checkpoint.size)"
            )
        }
        return checkpoint
    }
}
