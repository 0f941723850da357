internal import SallyportBase
public import SallyportDisk
public import SallyportTrust

/// What an open or a publication knows about the signed part.
struct Head {
    let signed: Checkpoint
    let note: [UInt8]
    let frontier: Frontier
    let isMissingTiles: Bool
    let boundary: Position
    let timestamp: Timestamp
}

extension Ledger {
    /// Opens a ledger: O(log n) reads, and nothing on the disk is changed, refused or not.
    ///
    /// In this order: `.state/signed` and `checkpoint` carry the pinned key's signature and agree; `outside`/`last-signed` is not newer;
    /// line 0 names format 1 and this key; the right-edge tiles give the signed root (when one is not there: all lines are hashed
    /// instead, and the next publication writes the tiles again); the line files hold the last signed line. Lines beyond it are looked
    /// at by ``entries(after:acceptingUnknown:_:)`` and ``append(_:basedOn:at:run:)``.
    ///
    /// - Parameters:
    ///   - verifier: the pinned key, from the configuration, never from `ledger`.
    ///   - outside: where publications also leave `last-signed`, outside the spool and its backup.
    /// - Throws: ``LedgerError/missing(_:)`` when there is nothing at all; ``LedgerError/contradiction(path:expected:found:)``;
    ///   ``LedgerError/unknownFormat(_:)``; ``LedgerError/disk(_:)``.
    public static func open(
        ledger: Directory,
        state: Directory,
        verifier: NoteVerifier,
        access: Access = .runner,
        outside: Directory? = nil
    ) throws(LedgerError) -> Ledger {
        let head = try head(
            ledger: ledger,
            memory: (state, StateName.signed),
            verifier: verifier,
            outside: outside
        )
        return Ledger(
            ledger: ledger,
            state: state,
            verifier: verifier,
            access: access,
            outside: outside,
            head: head
        )
    }

    /// Opens a published directory for reading, without a spool: its own `checkpoint` says what was signed.
    ///
    /// The same checks as above; that nothing was cut off and signed again, only `.state/signed` or a checkpoint from outside can show.
    public static func open(published ledger: Directory, verifier: NoteVerifier) throws(LedgerError) -> Ledger {
        let head = try head(ledger: ledger, memory: (ledger, "checkpoint"), verifier: verifier, outside: nil)
        return Ledger(
            ledger: ledger,
            state: ledger,
            verifier: verifier,
            access: .reader,
            outside: nil,
            head: head
        )
    }

    static func head(
        ledger: Directory,
        memory: (directory: Directory, name: String),
        verifier: NoteVerifier,
        outside: Directory?
    ) throws(LedgerError) -> Head {
        let signedPath = memory.directory.path(memory.name)
        guard let note = try memory.directory.read(below: [memory.name], limit: SignedNote.limitBytes) else {
            // A ledger without its memory may have been cut or replaced: going on would sign a fork.
            guard try isEmpty(ledger) else {
                throw .contradiction(
                    path: signedPath,
                    expected: "the note that was signed last",
                    found: "nothing, beside a ledger that holds something"
                )
            }
            throw .missing(ledger.label)
        }
        let signed = try Checkpoint.verified(note, path: signedPath, by: verifier)
        let tiles = TileStore(ledger: ledger)
        let published = try compareCheckpoint(ledger, signed, verifier)
        try compareOutside(outside, signed, verifier)
        try checkFirstLine(ledger, verifier)

        if let frontier = try tiles.frontier(size: signed.size) {
            guard frontier.root == signed.root else {
                throw .contradiction(
                    path: ledger.label + "/tile",
                    expected: "root \(signed.root) at \(signed.size)",
                    found: "root \(frontier.root)"
                )
            }
            if let leaf = try tiles.lastLeaf(frontier) {
                // After a publication that was killed: what is still shown must be a prefix of what was signed.
                let then =
                    published.size < signed.size
                    ? try tiles.root(0, published.size, size: signed.size) : published.root
                guard then == published.root else {
                    throw .contradiction(
                        path: ledger.path("checkpoint"),
                        expected: "root \(then) at \(published.size)",
                        found: "root \(published.root)"
                    )
                }
                return try head(ledger, signed, note, frontier, isMissingTiles: false, leaf: leaf)
            }
        }
        let (frontier, leaf) = try frontierFromLines(ledger, signed)
        return try head(ledger, signed, note, frontier, isMissingTiles: true, leaf: leaf)
    }

    private static func head(
        _ ledger: Directory,
        _ signed: Checkpoint,
        _ note: [UInt8],
        _ frontier: Frontier,
        isMissingTiles: Bool,
        leaf: Digest
    ) throws(LedgerError) -> Head {
        let path = TilePath.text(TilePath.segment((signed.size - 1) / Position.segmentLines))
        guard let boundary = try LineSearch.after(signed.size - 1, leaf: leaf, in: ledger),
            let line = try line(before: boundary, in: ledger)
        else {
            throw .contradiction(
                path: ledger.label + "/" + path,
                expected: "line \(signed.size - 1) with leaf hash \(leaf)",
                found: "no such line"
            )
        }
        // Its hash is the signed one: what it says needs no further check.
        guard let ts = EntryLine.timestamp(of: line) else {
            throw .contradiction(
                path: ledger.label + "/" + path,
                expected: "ts in line \(signed.size - 1)",
                found: EntryLine.start(of: line)
            )
        }
        return Head(
            signed: signed,
            note: note,
            frontier: frontier,
            isMissingTiles: isMissingTiles,
            boundary: boundary,
            timestamp: ts
        )
    }

    private static func isEmpty(_ ledger: Directory) throws(LedgerError) -> Bool {
        do throws(DiskError) { return try ledger.list().isEmpty } catch { throw .disk(error) }
    }

    // The published note may lag behind the signed one by one publication that was killed, and is never ahead of it.
    private static func compareCheckpoint(
        _ ledger: Directory,
        _ signed: Checkpoint,
        _ verifier: NoteVerifier
    ) throws(LedgerError) -> Checkpoint {
        let path = ledger.path("checkpoint")
        guard let note = try ledger.read(below: ["checkpoint"], limit: SignedNote.limitBytes) else {
            throw .contradiction(path: path, expected: "a checkpoint of at most \(signed.size) lines", found: "nothing")
        }
        let published = try Checkpoint.verified(note, path: path, by: verifier)
        guard published.size < signed.size || published == signed else {
            throw .contradiction(
                path: path,
                expected: "at most the signed \(signed.size) lines with root \(signed.root)",
                found: "\(published.size) lines with root \(published.root)"
            )
        }
        return published
    }

    // A newer note outside says that the spool was restored from an older copy: going on would sign a fork.
    private static func compareOutside(
        _ outside: Directory?,
        _ signed: Checkpoint,
        _ verifier: NoteVerifier
    ) throws(LedgerError) {
        guard let outside, let note = try outside.read(below: [lastSigned], limit: SignedNote.limitBytes) else {
            return
        }
        let path = outside.path(lastSigned)
        let last = try Checkpoint.verified(note, path: path, by: verifier)
        guard last.size < signed.size || last == signed else {
            throw .contradiction(
                path: path,
                expected: "at most the signed \(signed.size) lines with root \(signed.root)",
                found: "\(last.size) lines with root \(last.root): the spool is older than what was signed"
            )
        }
    }

    /// The name of the copy outside.
    static let lastSigned = "last-signed"

    private static func checkFirstLine(_ ledger: Directory, _ verifier: NoteVerifier) throws(LedgerError) {
        let path = ledger.label + "/" + TilePath.text(TilePath.segment(0))
        var walker = LineWalker(ledger, after: .start, limit: 1)
        guard let first = try walker.next() else {
            throw .contradiction(
                path: path,
                expected: "line 0",
                found: walker.torn?.problem.found ?? "nothing"
            )
        }
        guard first.type == .ledgerOpened, first.data?["format"] == 1 else {
            throw .unknownFormat(
                "\(path): line 0 is not ledger.opened with format 1; a newer sallyport wrote it, this one reads and verifies only"
            )
        }
        guard first.data?["origin"]?.string == verifier.name, first.data?["vkey"]?.string == verifier.vkey else {
            throw .contradiction(
                path: path,
                expected: "origin \(verifier.name), vkey \(verifier.vkey) in line 0",
                found: EntryLine.start(of: first.line)
            )
        }
    }

    private static func frontierFromLines(
        _ ledger: Directory,
        _ signed: Checkpoint
    ) throws(LedgerError) -> (Frontier, Digest) {
        var walker = LineWalker(ledger, after: .start, limit: signed.size)
        var frontier = Frontier()
        while let entry = try walker.next() { try frontier.append(entry.leaf) }
        guard frontier.size == signed.size, frontier.root == signed.root else {
            let found =
                walker.torn.map { "\(frontier.size) good lines, then \($0.problem.found)" }
                ?? "\(frontier.size) lines with root \(frontier.root)"
            throw .contradiction(
                path: ledger.label + "/lines",
                expected: "\(signed.size) lines with root \(signed.root)",
                found: found
            )
        }
        return (frontier, walker.position.leaf)
    }

    /// The line that ends at a position, or `nil` when no line with its number and hash does.
    static func line(before position: Position, in ledger: Directory) throws(LedgerError) -> [UInt8]? {
        guard position.size > 0, position.segment == (position.size - 1) / Position.segmentLines,
            let file = try ledger.openFile(below: TilePath.segment(position.segment))
        else { return nil }
        let from = max(0, position.offset - Int64(EntryLine.limit) - 2)
        let bytes: [UInt8]
        do throws(DiskError) { bytes = try file.read(at: from, count: Int(position.offset - from)) } catch {
            throw .disk(error)
        }
        guard bytes.count == Int(position.offset - from), bytes.last == 0x0A else { return nil }
        let body = bytes.dropLast()
        let begin = body.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        guard begin > 0 || from == 0 else { return nil }
        let line = Array(body[begin...])
        return Merkle.leaf(line) == position.leaf && line.starts(with: Array("{\"seq\":\(position.size - 1),".utf8))
            ? line : nil
    }
}
