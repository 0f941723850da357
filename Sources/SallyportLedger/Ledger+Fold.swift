internal import SallyportBase
internal import SallyportDisk

extension Ledger {
    /// Hands every line after `position` to `body`, in order, and says where the fold stands.
    ///
    /// First it adopts lines that others wrote, under the ledger's lock: they are made durable before anybody acts on them. A torn last
    /// line is left alone for the next append. Nothing is written; an idle call costs one `fstat`.
    ///
    /// - Parameters:
    ///   - position: the caller's hint. When the line that it names is not there with that hash, the fold begins at line 0.
    ///   - acceptingUnknown: true hands out lines of types that this version does not know.
    /// - Returns: the position after the last line; the caller keeps it. When it is not the successor of a hint that was wrong, the
    ///   first entry that `body` saw has `seq` 0.
    /// - Throws: ``LedgerError`` or what `body` throws.
    public func entries(
        after position: Position? = nil,
        acceptingUnknown: Bool = false,
        _ body: (Entry) throws -> Void
    ) throws -> Position {
        try catchUp()
        var start = Position.start
        if let hint = position, hint == tail || hint.size < tail.size, try Self.line(before: hint, in: ledger) != nil {
            start = hint
        }
        var walker = LineWalker(ledger, after: start, limit: tail.size)
        while let entry = try walker.next() {
            if entry.type == nil, !acceptingUnknown { throw unknown(entry) }
            try body(entry)
        }
        try requireTail(walker)
        return walker.position
    }

    /// One line, or `nil` when the ledger is not that long. Reads the segment from its end.
    public func entry(_ seq: UInt64) throws(LedgerError) -> Entry? {
        try catchUp()
        guard seq < tail.size else { return nil }
        var from = Position.start
        if seq > 0 {
            guard let before = try LineSearch.after(seq - 1, leaf: nil, in: ledger) else { throw missingLine(seq - 1) }
            from = before
        }
        var walker = LineWalker(ledger, after: from, limit: seq + 1)
        guard let entry = try walker.next() else { throw missingLine(seq) }
        return entry
    }

    /// Looks for lines behind ``tail``. The runner does it under the lock, so that a line that is being written, and may be taken back,
    /// is never seen; and makes what it finds durable, since the writer may have been killed before it could.
    func catchUp() throws(LedgerError) {
        guard try hasMore() else { return }
        if access == .reader {
            _ = try adopt()
        } else {
            try withLedgerLock { () throws(LedgerError) in
                try recoverFromPoison()
                _ = try adopt()
            }
        }
    }

    // One fstat when nothing was written.
    private func hasMore() throws(LedgerError) -> Bool {
        if tail.size % Position.segmentLines == 0,
            try ledger.openFile(below: TilePath.segment(tail.size / Position.segmentLines)) != nil
        {
            return true
        }
        guard let file = try ledger.openFile(below: TilePath.segment(tail.segment)) else {
            throw missingLine(tail.size - 1)
        }
        do throws(DiskError) { return try file.status().size != tail.offset } catch { throw .disk(error) }
    }

    /// Walks from ``tail`` to the end and moves ``tail``; gives the lines back. The runner holds the lock.
    func adopt() throws(LedgerError) -> [Entry] {
        var walker = LineWalker(ledger, after: tail, ts: lastTimestamp)
        var found: [Entry] = []
        while let entry = try walker.next() { found.append(entry) }
        torn = walker.torn
        if let torn, torn.isFollowed { throw contradiction(torn) }
        try requireLength()
        if access == .runner, !found.isEmpty {
            do throws(DiskError) {
                for (segment, file) in walker.files {
                    try file.syncData()
                    try syncDirectories(of: segment)
                }
            } catch {
                poison()
                throw .disk(error)
            }
        }
        tail = walker.position
        if let ts = walker.ts { lastTimestamp = ts }
        return found
    }

    // Lines that were there and are not any more: somebody cut the file under us.
    private func requireLength() throws(LedgerError) {
        guard let file = try ledger.openFile(below: TilePath.segment(tail.segment)) else {
            throw missingLine(tail.size - 1)
        }
        let size: Int64
        do throws(DiskError) { size = try file.status().size } catch { throw .disk(error) }
        if size < tail.offset { throw missingLine(tail.size - 1) }
    }

    /// The names on the way to a segment are on the disk.
    func syncDirectories(of segment: UInt64) throws(DiskError) {
        var here = ledger
        try here.sync()
        for name in TilePath.segment(segment).dropLast() {
            here = try here.open(name)
            try here.sync()
        }
    }

    func requireTail(_ walker: LineWalker) throws(LedgerError) {
        guard walker.position == tail else {
            if let torn = walker.torn { throw contradiction(torn) }
            throw missingLine(walker.position.size)
        }
    }

    func unknown(_ entry: Entry) -> LedgerError {
        .unknownFormat(
            "line \(entry.seq): type \(shown(entry.typeName)) is unknown; this sallyport reads and verifies only"
        )
    }

    func contradiction(_ torn: Torn) -> LedgerError {
        .contradiction(
            path: ledger.label + "/" + TilePath.text(TilePath.segment(torn.segment)) + " at byte \(torn.offset)",
            expected: torn.problem.expected,
            found: torn.problem.found
        )
    }

    func missingLine(_ seq: UInt64) -> LedgerError {
        .contradiction(
            path: ledger.label + "/" + TilePath.text(TilePath.segment(seq / Position.segmentLines)),
            expected: "line \(seq)",
            found: "no such line"
        )
    }
}
