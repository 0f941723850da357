public import SallyportBase
internal import SallyportDisk
internal import SallyportTrust

extension Ledger {
    /// Enters decisions: the commit point of everything that Sallyport does, and the only place where concurrency is decided.
    ///
    /// Under the ledger's lock: folds what others wrote after the caller's fold; gives back as *stale* each decision of which one of
    /// those lines touched something (trust touches all), and every one when the last line is later than `instant`; gives the rest
    /// their `seq`, `prev` and `ts` and writes them by one `write` and one `fdatasync` (two of each where a segment ends in between).
    ///
    /// The calls, and what a kill or power cut after each leaves:
    /// 1. a torn tail only: its bytes durable in `evidence/`: the next append does the same again;
    /// 2. `ftruncate` to the last whole line: `ledger.recovered` is not written, its evidence is there;
    /// 3. a new segment: `openat(O_EXCL)`, `fsync` of its directory: an empty segment, which is as none;
    /// 4. `write`: nothing, a torn line, or whole lines that the next look adopts; nothing was acknowledged;
    /// 5. `fdatasync`: **the decisions are entered**.
    /// A full disk or a short write cuts the file back to what it was. An error of `fdatasync` leaves `.state/poison`: nobody knows
    /// what the disk holds, and the next one who takes the lock rewrites the unsigned segment into a new file first.
    ///
    /// - Parameters:
    ///   - size: how many lines the caller had folded when it decided: ``Position/size``.
    ///   - instant: the tick's T; it becomes `ts`.
    ///   - run: the invocation.
    /// - Throws: ``LedgerError``; then nothing of it was acknowledged.
    public func append(
        _ decisions: [Decision],
        basedOn size: UInt64,
        at instant: Timestamp,
        run: String
    ) throws(LedgerError) -> Appended {
        guard access == .runner else { throw .unwritable("a reader does not append") }
        return try withLedgerLock { () throws(LedgerError) in
            try recoverFromPoison()
            let before = tail
            let found = try adopt()
            guard size <= tail.size else { throw missingLine(size - 1) }
            var newer = size == before.size ? found : try lines(after: size)
            if let strange = newer.first(where: { $0.type == nil }) { throw unknown(strange) }

            let touched = newer.reduce(into: Set<Touch>()) { $0.formUnion($1.touches) }
            let isStale = decisions.map { decision in
                lastTimestamp > instant || touched.contains(.trust)
                    || !decision.effectiveTouches.isDisjoint(with: touched)
            }
            var entries: [Entry?] = Array(repeating: nil, count: decisions.count)
            let fresh = decisions.indices.filter { !isStale[$0] }
            if !fresh.isEmpty {
                var batch = Batch(after: tail, ts: instant, run: run)
                if let torn {
                    newer.append(try batch.add(try setAside(torn)))
                }
                for index in fresh { entries[index] = try batch.add(decisions[index]) }
                try write(batch)
            }
            return Appended(
                entries: entries,
                stale: decisions.indices.filter { isStale[$0] },
                newer: newer,
                tail: tail
            )
        }
    }

    private func lines(after size: UInt64) throws(LedgerError) -> [Entry] {
        guard size < tail.size else { return [] }
        var from = Position.start
        if size > 0 {
            guard let before = try LineSearch.after(size - 1, leaf: nil, in: ledger) else {
                throw missingLine(size - 1)
            }
            from = before
        }
        var walker = LineWalker(ledger, after: from, limit: tail.size)
        var found: [Entry] = []
        while let entry = try walker.next() { found.append(entry) }
        try requireTail(walker)
        return found
    }

    /// Bytes of a torn tail that are kept. An append of 64 of the longest lines is 4 MB; more was not written by us.
    static let tornLimit: Int64 = 64 << 20

    // The torn bytes become evidence, then the file ends at its last whole line again.
    private func setAside(_ torn: Torn) throws(LedgerError) -> Decision {
        guard torn.bytes <= Self.tornLimit else { throw contradiction(torn) }
        let bytes: [UInt8]
        let name = TilePath.segment(torn.segment)
        do throws(DiskError) {
            let file = try ledger.open(Array(name.dropLast())).openFile(name[name.count - 1])
            bytes = try file.read(at: torn.offset, count: Int(torn.bytes))
        } catch { throw .disk(error) }
        let digest = try storeEvidence(bytes)
        do throws(DiskError) {
            let file = try ledger.open(Array(name.dropLast())).openFileForWriting(name[name.count - 1])
            try file.truncate(to: torn.offset)
            try file.sync()
        } catch { throw .disk(error) }
        return Decision(
            .ledgerRecovered,
            outcome: .ok,
            evidence: [digest],
            data: [
                "adopted": .int(Int64(tail.size - signed.size)), "tornBytes": .int(Int64(bytes.count)),
                "tornSha256": .string(digest.tagged),
            ]
        )
    }

    private func write(_ batch: Batch) throws(LedgerError) {
        var done: [(file: File, length: Int64)] = []
        do throws(DiskError) {
            for part in batch.parts {
                let path = TilePath.segment(part.segment)
                let file: File
                if part.offset == 0 {
                    file = try openSegment(path)
                    try syncDirectories(of: part.segment)
                } else {
                    file = try ledger.open(Array(path.dropLast())).openFileForWriting(path[path.count - 1])
                }
                done.append((file, part.offset))
                try file.seek(to: part.offset)
                try writeLines(file, part.bytes)
                do throws(DiskError) { try syncLines(file) } catch {
                    poison()
                    throw error
                }
            }
        } catch {
            // Nobody has seen these lines: the lock is ours. What cannot be cut is a torn tail or is adopted later.
            for (file, length) in done.reversed() {
                _ = try? file.truncate(to: length)
                _ = try? file.syncData()
            }
            throw .disk(error)
        }
        tail = batch.tail
        lastTimestamp = batch.ts
        torn = nil
    }

    private func openSegment(_ path: [String]) throws(DiskError) -> File {
        let parent = try ledger.openMaking(Array(path.dropLast()))
        let name = path[path.count - 1]
        do throws(DiskError) { return try parent.createFile(name) } catch {
            guard error.exists else { throw error }
            return try parent.openFileForWriting(name)
        }
    }
}

/// Lines on their way to the disk.
struct Batch {
    /// What goes into one segment.
    struct Part {
        let segment: UInt64
        let offset: Int64
        var bytes: [UInt8]
    }
    private(set) var parts: [Part] = []
    private(set) var tail: Position
    let ts: Timestamp
    private let run: String

    init(after tail: Position, ts: Timestamp, run: String) {
        self.tail = tail
        self.ts = ts
        self.run = run
    }

    /// Builds the line of a decision and reads it back by the rules that every reader will apply.
    mutating func add(_ decision: Decision) throws(LedgerError) -> Entry {
        let seq = tail.size
        let subject: String? =
            switch decision.subject {
            case .own: "r\(seq)"
            case .request(let number): "r\(number)"
            case .slot(let slot): slot
            case .text(let text): text
            case .none: nil
            }
        let content = EntryLine.Content(
            typeName: decision.type.rawValue,
            run: run,
            actor: decision.actor,
            subject: subject,
            outcome: decision.outcome,
            reason: decision.reason,
            from: decision.from,
            to: decision.to,
            links: decision.links,
            evidence: decision.evidence,
            data: decision.data
        )
        let line = EntryLine.encode(seq: seq, prev: tail.leaf, ts: ts, content)
        guard line.count <= EntryLine.limit else {
            throw .unwritable(
                "line \(seq) (\(decision.type.rawValue)): \(line.count) bytes, at most \(EntryLine.limit)"
            )
        }
        let segment = seq / Position.segmentLines
        let offset = seq % Position.segmentLines == 0 ? 0 : tail.offset
        let entry: Entry
        do throws(EntryLine.Problem) {
            entry = try EntryLine.decode(line, seq: seq, prev: tail.leaf, offset: offset)
        } catch {
            throw .unwritable(
                "line \(seq) (\(decision.type.rawValue)): expected \(error.expected), found \(error.found)"
            )
        }
        if parts.last?.segment != segment { parts.append(Part(segment: segment, offset: offset, bytes: [])) }
        parts[parts.count - 1].bytes += line + [0x0A]
        tail = entry.position
        return entry
    }
}

extension Decision {
    /// What the caller named, and what the line itself will touch.
    var effectiveTouches: Set<Touch> {
        let subject: String? =
            switch subject {
            case .request(let number): "r\(number)"
            case .slot(let slot): slot
            case .text(let text): text
            case .own, .none: nil
            }
        return touches.union(Touch.all(type: type, subject: subject, data: data)).union([.trust])
    }
}
