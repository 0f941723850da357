internal import SallyportBase
internal import SallyportDisk
public import SallyportTrust

extension Ledger {
    /// Signs what was entered: whoever has the `publish` lock does it for all.
    ///
    /// The write order of formats.md §5. Everything left of `.state/signed` follows from the lines alone, so doing it again after a
    /// crash writes the same bytes; Ed25519 is deterministic, so the note is the same too.
    /// 1. the lines behind the last signature are read back from the file and hashed;
    /// 2. `tile/…`, full tiles and the new right edge, each by a rename that never replaces: a crash leaves tiles of a size that was
    ///    never signed, which are right and harmless;
    /// 3. `.state/signed`: **from here this size and root are promised**; a crash before 5 publishes this very note next time;
    /// 4. `checkpoints/<size>`;
    /// 5. `checkpoint`: the world sees it;
    /// 6. `last-signed` outside; partial tiles whose full tile is there are removed.
    ///
    /// Each file and directory is synced on its own: they are few.
    ///
    /// - Returns: the checkpoint that is published now, or `nil` when somebody else is publishing.
    /// - Throws: ``LedgerError``. A smaller or other tree is never signed.
    @discardableResult
    public func publish(_ signer: NoteSigner) throws(LedgerError) -> Checkpoint? {
        guard access == .runner else { throw .unwritable("a reader does not publish") }
        guard signer.verifier == verifier else { throw .unwritable("the signer's key is not \(verifier.vkey)") }
        let lock: FileLock?
        do throws(DiskError) {
            let locks = try state.openMaking([StateName.locks], mode: 0o700)
            lock = try FileLock.acquire("publish", in: locks)
        } catch { throw .disk(error) }
        guard let lock else { return nil }
        defer { withExtendedLifetime(lock) {} }

        // Another process may have published since this one looked.
        try takeHead()
        try catchUp()
        if isMissingTiles { try writeMissingTiles() }
        var next = frontier
        var filled: [Frontier.FullTile] = []
        if tail.size > signed.size {
            var walker = LineWalker(ledger, after: boundary, limit: tail.size)
            while let entry = try walker.next() {
                if entry.type == nil { throw unknown(entry) }
                try next.append(entry.leaf) { (tile) throws(LedgerError) in filled.append(tile) }
            }
            try requireTail(walker)
            let checkpoint = Checkpoint(origin: verifier.name, size: next.size, root: next.root)
            try Self.writeTiles(ledger, filled, next, scratch: try scratch())
            let note = try Self.sign(checkpoint, with: signer)
            try Self.remember(note, state: state, scratch: try scratch())
            signed = checkpoint
            signedNote = note
            frontier = next
            boundary = tail
        }
        try Self.show(signedNote, signed, ledger: ledger, scratch: try scratch())
        try leaveOutside()
        Self.removePartials(of: filled, ledger)
        return signed
    }

    private func takeHead() throws(LedgerError) {
        let head = try Self.head(
            ledger: ledger,
            memory: (state, StateName.signed),
            verifier: verifier,
            outside: outside
        )
        guard head.signed.size >= signed.size, head.signed.size > signed.size || head.signed == signed else {
            throw .contradiction(
                path: state.path(StateName.signed),
                expected: "at least the \(signed.size) lines that were signed before",
                found: "\(head.signed.size) lines with root \(head.signed.root)"
            )
        }
        signed = head.signed
        signedNote = head.note
        frontier = head.frontier
        isMissingTiles = head.isMissingTiles
        boundary = head.boundary
        if tail.size < boundary.size {
            tail = boundary
            lastTimestamp = head.timestamp
        }
    }

    private func writeMissingTiles() throws(LedgerError) {
        let scratch = try scratch()
        let ledger = ledger
        var all = Frontier()
        var walker = LineWalker(ledger, after: .start, limit: signed.size)
        while let entry = try walker.next() {
            try all.append(entry.leaf) { (tile) throws(LedgerError) in
                try ledger.createOnce(TilePath.tile(tile.level, tile.index), tile.bytes, scratch: scratch)
            }
        }
        guard all.size == signed.size, all.root == signed.root else {
            throw .contradiction(
                path: ledger.label + "/lines",
                expected: "root \(signed.root)",
                found: "root \(all.root)"
            )
        }
        try Self.writeTiles(ledger, [], all, scratch: scratch)
        isMissingTiles = false
    }

    static func writeTiles(
        _ ledger: Directory,
        _ filled: [Frontier.FullTile],
        _ edge: Frontier,
        scratch: Directory
    ) throws(LedgerError) {
        for tile in filled {
            try ledger.createOnce(TilePath.tile(tile.level, tile.index), tile.bytes, scratch: scratch)
        }
        for (level, bytes) in edge.partial.enumerated() where !bytes.isEmpty {
            let index = edge.size >> UInt64(8 * (level + 1))
            try ledger.createOnce(TilePath.tile(level, index, width: bytes.count / 32), bytes, scratch: scratch)
        }
    }

    /// The note, and proof that it verifies, before it is remembered.
    static func sign(_ checkpoint: Checkpoint, with signer: NoteSigner) throws(LedgerError) -> [UInt8] {
        let note: [UInt8]
        do throws(TextProblem) { note = try signer.sign(checkpoint.text).bytes } catch {
            throw .unwritable(error.description)
        }
        let read = try Checkpoint.verified(note, path: "the note that was just signed", by: signer.verifier)
        guard read == checkpoint else { throw .unwritable("the note that was just signed says something else") }
        return note
    }

    static func remember(_ note: [UInt8], state: Directory, scratch: Directory) throws(LedgerError) {
        do throws(DiskError) {
            try state.replace(StateName.signed, with: note, mode: 0o644, scratch: scratch)
        } catch { throw .disk(error) }
    }

    static func show(
        _ note: [UInt8],
        _ checkpoint: Checkpoint,
        ledger: Directory,
        scratch: Directory
    ) throws(LedgerError) {
        try ledger.createOnce(["checkpoints", String(checkpoint.size)], note, scratch: scratch)
        if try ledger.read(below: ["checkpoint"], limit: SignedNote.limitBytes) == note { return }
        do throws(DiskError) { try ledger.replace("checkpoint", with: note, scratch: scratch) } catch {
            throw .disk(error)
        }
    }

    private func leaveOutside() throws(LedgerError) {
        guard let outside, try outside.read(below: [Self.lastSigned], limit: SignedNote.limitBytes) != signedNote else {
            return
        }
        do throws(DiskError) {
            try outside.replace(Self.lastSigned, with: signedNote, scratch: outside)
        } catch { throw .disk(error) }
    }

    // C2SP keeps every partial of a published size until its tile is full; what a crash leaves here is right and harmless.
    private static func removePartials(of filled: [Frontier.FullTile], _ ledger: Directory) {
        for tile in filled {
            let path = TilePath.tile(tile.level, tile.index, width: 1).dropLast()
            guard let name = path.last, let parent = try? ledger.openIfPresent(Array(path.dropLast())),
                let inner = try? parent.openIfPresent([name])
            else { continue }
            for width in (try? inner.list()) ?? [] { _ = try? inner.unlink(width) }
            _ = try? parent.removeDirectory(name)
        }
    }
}
