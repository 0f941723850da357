internal import Glibc
internal import SallyportBase
internal import SallyportDisk
internal import SallyportTrust

// The chain.
extension LedgerCheck {
    mutating func listSegments() throws(LedgerError) -> [UInt64: File] {
        var found: [UInt64: File] = [:]
        for path in try files(below: ["lines"]) {
            let name = TilePath.text(path)
            guard name.hasSuffix(".jsonl"), let index = index(path.dropFirst(), suffix: ".jsonl") else {
                note(name, expected: "a segment's name", found: "another file")
                continue
            }
            if let file = try open(path) { found[index] = file }
        }
        return found
    }

    mutating func checkLines(_ segments: [UInt64: File]) throws(LedgerError) -> (lines: UInt64, torn: Int64) {
        let size = signed?.size ?? 0
        var seq: UInt64 = 0
        var prev = Digest.zero
        var ts: [UInt8] = []
        var segment: UInt64 = 0
        var torn: Int64 = 0
        let beyond = segments.keys.max() ?? 0
        walk: while let file = segments[segment] {
            let path = TilePath.text(TilePath.segment(segment))
            var reader = LineReader(file, from: 0)
            let last = (segment + 1) * Position.segmentLines
            lines: while true {
                switch try reader.next() {
                case .line(let line, let offset):
                    if seq == last {
                        note(path, entry: seq, expected: "\(Position.segmentLines) lines", found: "more")
                        break lines
                    }
                    if seq >= size {
                        // Not signed: what is not a good line is the tail of a write that was killed or is going on.
                        guard let entry = try? EntryLine.decode(line, seq: seq, prev: prev, offset: offset),
                            Array(entry.ts.preciseText.utf8).lexicographicallyPrecedes(ts) == false
                        else {
                            // No crash leaves a whole, well-formed line out of order: somebody put it there.
                            if (try? JSON.parse(line, limit: EntryLine.limit))?["seq"] != nil {
                                checkLine(line, seq, prev, &ts, path)
                            }
                            torn = try length(file) - offset
                            break walk
                        }
                    }
                    checkLine(line, seq, prev, &ts, path)
                    prev = Merkle.leaf(line)
                    try add(prev)
                    seq += 1
                case .end: break lines
                case .torn(let offset):
                    torn = try length(file) - offset
                    break walk
                }
            }
            guard seq == last else { break }
            segment += 1
        }
        if segment < beyond {
            for late in segments.keys.sorted() where late > segment {
                if let file = segments[late], try length(file) > 0 {
                    note(TilePath.text(TilePath.segment(late)), expected: "no segment after line \(seq)", found: "one")
                }
            }
        }
        if torn > 0, seq < size {
            note(
                TilePath.text(TilePath.segment(segment)),
                entry: seq,
                expected: "a whole line",
                found: "\(torn) bytes that are none"
            )
        }
        return (seq, torn)
    }

    // Everything that can be said of a line without parsing it; parsed when it names evidence or its type or start is strange.
    mutating func checkLine(_ line: [UInt8], _ seq: UInt64, _ prev: Digest, _ ts: inout [UInt8], _ path: String) {
        let prefix = EntryLine.prefix(seq: seq, prev: prev)
        guard line.starts(with: prefix) else {
            note(
                path,
                entry: seq,
                expected: String(decoding: prefix, as: UTF8.self) + "…",
                found: EntryLine.start(of: line)
            )
            return
        }
        let stamp = Array(line[prefix.count..<min(line.count, prefix.count + 27)])
        if stamp.lexicographicallyPrecedes(ts) {
            note(
                path,
                entry: seq,
                expected: "ts not before \(String(decoding: ts, as: UTF8.self))",
                found: shown(String(decoding: stamp, as: UTF8.self))
            )
        }
        ts = stamp
        let isFirst = seq == 0
        guard isFirst || contains(line, Self.evidenceKey) || !isKnown(line, at: prefix.count + 27) else { return }
        do throws(EntryLine.Problem) {
            let entry = try EntryLine.decode(line, seq: seq, prev: prev, offset: 0)
            for digest in entry.evidence { named.append((digest, seq)) }
            if isFirst { checkFirst(entry, path) }
        } catch {
            note(path, entry: seq, expected: error.expected, found: error.found)
        }
    }

    mutating func checkFirst(_ entry: Entry, _ path: String) {
        if entry.type != .ledgerOpened || entry.data?["origin"]?.string != verifier.name
            || entry.data?["vkey"]?.string != verifier.vkey
        {
            note(
                path,
                entry: 0,
                expected: "ledger.opened with origin \(verifier.name) and vkey \(verifier.vkey)",
                found: EntryLine.start(of: entry.line)
            )
        }
    }

    static let evidenceKey = Array(",\"evidence\":[".utf8)
    static let typeKey = Array("\",\"type\":\"".utf8)
    static let known = Set(EventType.allCases.map { Array($0.rawValue.utf8) })

    func isKnown(_ line: [UInt8], at index: Int) -> Bool {
        let begin = index + Self.typeKey.count
        guard line.count > begin, line[index..<begin].elementsEqual(Self.typeKey) else { return false }
        return Self.known.contains(Array(line[begin...].prefix { $0 != 0x22 }))
    }

    func contains(_ line: [UInt8], _ part: [UInt8]) -> Bool {
        unsafe line.withUnsafeBytes { a in
            unsafe part.withUnsafeBytes { b in
                guard let text = a.baseAddress, let wanted = b.baseAddress, let first = unsafe b.first else {
                    return false
                }
                var from = 0
                while from + b.count <= a.count {
                    guard let hit = unsafe memchr(text + from, Int32(first), a.count - b.count + 1 - from) else {
                        return false
                    }
                    if unsafe memcmp(hit, wanted, b.count) == 0 { return true }
                    from = unsafe UnsafeRawPointer(hit) - text + 1
                }
                return false
            }
        }
    }

    func length(_ file: File) throws(LedgerError) -> Int64 {
        do throws(DiskError) { return try file.status().size } catch { throw .disk(error) }
    }
}
