internal import Glibc
internal import SallyportBase
public import SallyportDisk
public import SallyportTrust

extension LedgerVerification {
    /// Checks everything in a ledger directory against one pinned key; needs no spool, takes no lock, and may run while the runner
    /// writes.
    ///
    /// * every line: number, predecessor's hash, `ts` not falling, a type; strictly read where it names evidence or is not signed;
    /// * every hash tile that lies there, and that none that must be there is missing;
    /// * `checkpoint` and every `checkpoints/<size>`: signed, and the root of exactly that many of these lines;
    /// * `log.vkey`; every file under `evidence/`, and that every digest that a line names is there;
    /// * no file where only the ledger's own may be.
    ///
    /// - Parameters:
    ///   - verifier: the pinned key, never taken from the directory.
    ///   - older: checkpoints that the caller kept, with names for messages.
    ///   - evidence: false leaves evidence files unread.
    /// - Throws: ``LedgerError/disk(_:)`` when the disk does not answer. What is wrong with the ledger is a verdict.
    public static func verify(
        _ directory: Directory,
        verifier: NoteVerifier,
        from older: [(name: String, note: [UInt8])] = [],
        evidence: Bool = true
    ) throws(LedgerError) -> LedgerVerification {
        var check = LedgerCheck(directory, verifier)
        return try check.run(older: older, evidence: evidence)
    }
}

/// One verification on its way.
struct LedgerCheck {
    private let ledger: Directory
    private let verifier: NoteVerifier
    private var problems: [LedgerVerification.Problem] = []
    private var omitted = 0

    // Tiles that lie in the directory: level and index, and the widths found, 256 for the full one.
    private struct TileName: Hashable {
        let level: Int
        let index: UInt64
    }
    private var tiles: [TileName: [Int]] = [:]
    private var wanted: [UInt64] = []
    private var roots: [UInt64: Digest] = [:]
    private var named: [(digest: Digest, entry: UInt64)] = []
    private var frontier = Frontier()
    private var signed: Checkpoint?

    init(_ ledger: Directory, _ verifier: NoteVerifier) {
        self.ledger = ledger
        self.verifier = verifier
    }

    private mutating func note(_ problem: LedgerVerification.Problem) {
        if problems.count < LedgerVerification.problemLimit { problems.append(problem) } else { omitted += 1 }
    }

    private mutating func note(_ file: String, entry: UInt64? = nil, expected: String, found: String) {
        note(LedgerVerification.Problem(file, entry: entry, expected: expected, found: found))
    }

    mutating func run(
        older: [(name: String, note: [UInt8])],
        evidence: Bool
    ) throws(LedgerError) -> LedgerVerification {
        // Names are listed before the lines are read: whatever is published meanwhile is simply not looked at.
        let present = try names(of: [])
        if present.contains("checkpoint") { signed = try readCheckpoint("checkpoint", isForeign: false) }
        let archived = try archivedCheckpoints()
        let foreign = try foreignCheckpoints(older)
        try listTiles()
        let segments = try listSegments()
        if segments.isEmpty, signed == nil, !present.contains("checkpoint"), tiles.isEmpty, archived.isEmpty {
            for (name, checkpoint) in foreign { noteShorter(name, checkpoint, lines: 0, isForeign: true) }
            return result(.nothing, good: 0, torn: 0)
        }
        if !present.contains("checkpoint") { note("checkpoint", expected: "a signed note", found: "nothing") }
        try checkKeyFile()
        wanted = Set((archived + foreign).map(\.checkpoint.size) + (signed.map { [$0.size] } ?? [])).sorted()
        let (lines, torn) = try checkLines(segments)
        checkRoots(archived, foreign, lines: lines)
        try checkEdge()
        if evidence { try checkEvidence() }
        return result(problems.isEmpty ? .holds : .contradicted, good: lines, torn: torn)
    }

    private func result(
        _ verdict: LedgerVerification.Verdict,
        good: UInt64,
        torn: Int64
    ) -> LedgerVerification {
        let size = signed?.size ?? 0
        var ranges: [LedgerVerification.Range] = []
        if min(size, good) > 0 { ranges.append(.init(from: 0, to: min(size, good), isSigned: true)) }
        if good > size { ranges.append(.init(from: size, to: good, isSigned: false)) }
        return LedgerVerification(
            size: size,
            root: signed?.root ?? .zero,
            verdict: verdict,
            ranges: ranges,
            tornBytes: torn,
            problems: problems,
            omitted: omitted
        )
    }
}

// Checkpoints
extension LedgerCheck {
    typealias Named = (name: String, checkpoint: Checkpoint)

    private mutating func readCheckpoint(_ name: String, isForeign: Bool, _ bytes: [UInt8]? = nil) throws(LedgerError)
        -> Checkpoint?
    {
        let note: [UInt8]
        if let bytes {
            note = bytes
        } else {
            guard let read = try read(name.split(separator: "/").map(String.init), limit: SignedNote.limitBytes) else {
                if !problems.contains(where: { $0.file == name }) {
                    self.note(name, expected: "a signed note", found: "nothing")
                }
                return nil
            }
            note = read
        }
        do throws(LedgerError) { return try Checkpoint.verified(note, path: name, by: verifier) } catch {
            guard case .contradiction(_, let expected, let found) = error else { throw error }
            self.note(.init(name, isForeign: isForeign, expected: expected, found: found))
            return nil
        }
    }

    private mutating func archivedCheckpoints() throws(LedgerError) -> [Named] {
        var found: [Named] = []
        for name in try names(of: ["checkpoints"]) {
            let path = "checkpoints/" + name
            guard let size = UInt64(name), String(size) == name else {
                note(path, expected: "a size as name", found: name)
                continue
            }
            guard let checkpoint = try readCheckpoint(path, isForeign: false) else { continue }
            if checkpoint.size == size {
                found.append((path, checkpoint))
            } else {
                note(path, expected: "a checkpoint of \(size) lines", found: "one of \(checkpoint.size)")
            }
        }
        if let signed, !found.contains(where: { $0.checkpoint.size == signed.size }) {
            note("checkpoints/\(signed.size)", expected: "the note of checkpoint", found: "nothing good")
        }
        return found
    }

    private mutating func foreignCheckpoints(_ older: [(name: String, note: [UInt8])]) throws(LedgerError) -> [Named] {
        var found: [Named] = []
        for (name, bytes) in older {
            if let checkpoint = try readCheckpoint(shown(name), isForeign: true, bytes) {
                found.append((shown(name), checkpoint))
            }
        }
        return found
    }

    private mutating func noteShorter(_ name: String, _ checkpoint: Checkpoint, lines: UInt64, isForeign: Bool) {
        note(
            .init(
                name,
                isForeign: isForeign,
                expected: "at least the \(checkpoint.size) lines that were signed",
                found: "\(lines) lines"
            )
        )
    }

    private mutating func checkRoots(_ archived: [Named], _ foreign: [Named], lines: UInt64) {
        let all =
            (signed.map { [("checkpoint", $0, false)] } ?? []) + archived.map { ($0.name, $0.checkpoint, false) }
            + foreign.map { ($0.name, $0.checkpoint, true) }
        for (name, checkpoint, isForeign) in all {
            guard let root = roots[checkpoint.size] else {
                noteShorter(name, checkpoint, lines: lines, isForeign: isForeign)
                continue
            }
            if root != checkpoint.root {
                note(
                    .init(
                        name,
                        isForeign: isForeign,
                        expected: "root \(checkpoint.root) over the first \(checkpoint.size) lines",
                        found: "root \(root)"
                    )
                )
            }
        }
    }

    private mutating func checkKeyFile() throws(LedgerError) {
        let expected = verifier.vkey + "\n"
        let bytes = try read(["log.vkey"], limit: 4096)
        guard bytes != Array(expected.utf8) else { return }
        if !problems.contains(where: { $0.file == "log.vkey" }) {
            note(
                "log.vkey",
                expected: verifier.vkey,
                found: bytes.map { shown(String(decoding: $0, as: UTF8.self)) } ?? "nothing"
            )
        }
    }
}

// Lines
extension LedgerCheck {
    private mutating func listSegments() throws(LedgerError) -> [UInt64: File] {
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

    private mutating func checkLines(_ segments: [UInt64: File]) throws(LedgerError) -> (lines: UInt64, torn: Int64) {
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
    private mutating func checkLine(_ line: [UInt8], _ seq: UInt64, _ prev: Digest, _ ts: inout [UInt8], _ path: String)
    {
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

    private mutating func checkFirst(_ entry: Entry, _ path: String) {
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

    private static let evidenceKey = Array(",\"evidence\":[".utf8)
    private static let typeKey = Array("\",\"type\":\"".utf8)
    private static let known = Set(EventType.allCases.map { Array($0.rawValue.utf8) })

    private func isKnown(_ line: [UInt8], at index: Int) -> Bool {
        let begin = index + Self.typeKey.count
        guard line.count > begin, line[index..<begin].elementsEqual(Self.typeKey) else { return false }
        return Self.known.contains(Array(line[begin...].prefix { $0 != 0x22 }))
    }

    private func contains(_ line: [UInt8], _ part: [UInt8]) -> Bool {
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

    private func length(_ file: File) throws(LedgerError) -> Int64 {
        do throws(DiskError) { return try file.status().size } catch { throw .disk(error) }
    }
}

// Tiles
extension LedgerCheck {
    private mutating func listTiles() throws(LedgerError) {
        for path in try files(below: ["tile"]) {
            let name = TilePath.text(path)
            var rest = path.dropFirst()
            guard let first = rest.popFirst(), let level = Int(first), String(level) == first, level < 8 else {
                note(name, expected: "tile/<level>/…", found: "another file")
                continue
            }
            var width = 256
            var suffix = ""
            if rest.count > 1, rest[rest.endIndex - 2].hasSuffix(".p"), let text = rest.popLast() {
                guard let number = Int(text), (1...255).contains(number), String(number) == text else {
                    note(name, expected: "a width from 1 to 255", found: text)
                    continue
                }
                width = number
                suffix = ".p"
            }
            guard let index = index(rest, suffix: suffix) else {
                note(name, expected: "a tile's name", found: "another file")
                continue
            }
            tiles[TileName(level: level, index: index), default: []].append(width)
        }
    }

    private mutating func add(_ leaf: Digest) throws(LedgerError) {
        var full: [Frontier.FullTile] = []
        try frontier.append(leaf) { (tile) throws(LedgerError) in full.append(tile) }
        for tile in full {
            let found = tiles.removeValue(forKey: TileName(level: tile.level, index: tile.index)) ?? []
            for width in found { try compare(tile.level, tile.index, width, tile.bytes) }
            if !found.contains(256), isSigned(tile) {
                note(
                    TilePath.text(TilePath.tile(tile.level, tile.index)),
                    expected: "a full hash tile",
                    found: "nothing"
                )
            }
        }
        if let next = wanted.first, next == frontier.size {
            roots[next] = frontier.root
            wanted.removeFirst()
        }
        if let signed, signed.size == frontier.size { try checkRightEdge() }
    }

    private func isSigned(_ tile: Frontier.FullTile) -> Bool {
        guard let signed else { return false }
        return (tile.index + 1) << UInt64(8 * (tile.level + 1)) <= signed.size
    }

    // At the signed size: the partial tiles must be there, or the full ones that came later.
    private mutating func checkRightEdge() throws(LedgerError) {
        for (level, bytes) in frontier.partial.enumerated() where !bytes.isEmpty {
            let index = frontier.size >> UInt64(8 * (level + 1))
            let found = tiles[TileName(level: level, index: index)] ?? []
            if !found.contains(bytes.count / 32), !found.contains(256) {
                let path = TilePath.tile(level, index, width: bytes.count / 32)
                note(TilePath.text(path), expected: "a partial hash tile", found: "nothing")
            }
        }
    }

    // What is left in the list belongs to tiles that the lines did not fill.
    private mutating func checkEdge() throws(LedgerError) {
        for (level, bytes) in frontier.partial.enumerated() {
            let index = frontier.size >> UInt64(8 * (level + 1))
            for width in tiles.removeValue(forKey: TileName(level: level, index: index)) ?? [] {
                if width * 32 <= bytes.count {
                    try compare(level, index, width, bytes)
                } else {
                    note(
                        TilePath.text(TilePath.tile(level, index, width: width)),
                        expected: "no tile beyond \(frontier.size) lines",
                        found: "one"
                    )
                }
            }
        }
        for (tile, widths) in tiles.sorted(by: { ($0.key.level, $0.key.index) < ($1.key.level, $1.key.index) }) {
            for width in widths {
                note(
                    TilePath.text(TilePath.tile(tile.level, tile.index, width: width)),
                    expected: "no tile beyond \(frontier.size) lines",
                    found: "one"
                )
            }
        }
    }

    private mutating func compare(_ level: Int, _ index: UInt64, _ width: Int, _ bytes: [UInt8]) throws(LedgerError) {
        let path = TilePath.tile(level, index, width: width)
        // A partial may go between listing and reading, when its full tile comes.
        guard let found = try read(path, limit: 256 * 32) else { return }
        let expected = Array(bytes.prefix(width * 32))
        guard found != expected else { return }
        let at =
            zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(found.count, expected.count)
        let entry = (index * 256 + UInt64(at / 32)) << UInt64(8 * level)
        note(
            TilePath.text(path),
            entry: entry,
            expected: "hash \(Hex.encode(expected.dropFirst(at / 32 * 32).prefix(32)))",
            found: "\(Hex.encode(found.dropFirst(at / 32 * 32).prefix(32))) (\(found.count) bytes)"
        )
    }
}

// Evidence
extension LedgerCheck {
    private mutating func checkEvidence() throws(LedgerError) {
        var good: Set<Digest> = []
        var bad: Set<Digest> = []
        for path in try files(below: ["evidence"]) {
            let name = TilePath.text(path)
            guard path.count == 4, path[1] == "sha256", let digest = Digest(hex: path[2] + path[3]),
                path[2].utf8.count == 2
            else {
                note(name, expected: "evidence/sha256/ab/<62 hex>", found: "another file")
                continue
            }
            guard let file = try open(path) else { continue }
            let found = try hash(file)
            if found == digest {
                good.insert(digest)
            } else {
                bad.insert(digest)
                note(name, entry: named.first { $0.digest == digest }?.entry, expected: digest.hex, found: found.hex)
            }
        }
        for (digest, entry) in named where !good.contains(digest) && !bad.contains(digest) {
            note(
                TilePath.text(TilePath.evidence(digest)),
                entry: entry,
                expected: "the evidence that the line names",
                found: "nothing"
            )
        }
    }

    private func hash(_ file: File) throws(LedgerError) -> Digest {
        var hasher = SHA256()
        var offset: Int64 = 0
        do throws(DiskError) {
            while true {
                let bytes = try file.read(at: offset, count: 1 << 20)
                if bytes.isEmpty { return hasher.finish() }
                hasher.update(bytes)
                offset += Int64(bytes.count)
            }
        } catch { throw .disk(error) }
    }
}

// Names
extension LedgerCheck {
    private func names(of path: [String]) throws(LedgerError) -> [String] {
        do throws(DiskError) {
            return try ledger.openIfPresent(path)?.list().map { $0.text ?? $0.shown } ?? []
        } catch {
            if error.isWrongKind { return [] }
            throw .disk(error)
        }
    }

    /// Every file below a directory, as a path from the ledger directory; links and the like are problems.
    private mutating func files(below path: [String]) throws(LedgerError) -> [[String]] {
        var found: [[String]] = []
        var open = [path]
        while let here = open.popLast() {
            do throws(DiskError) {
                guard let directory = try ledger.openIfPresent(here) else { continue }
                for name in try directory.list() {
                    guard let text = name.text else {
                        note(
                            TilePath.text(here) + "/" + name.shown,
                            expected: "a name of the ledger's own",
                            found: "another"
                        )
                        continue
                    }
                    switch try directory.status(of: name)?.kind {
                    case .directory: open.append(here + [text])
                    case .file: found.append(here + [text])
                    case nil: continue
                    default:
                        note(TilePath.text(here + [shown(text)]), expected: "a regular file", found: "a link or device")
                    }
                }
            } catch {
                guard error.isWrongKind else { throw .disk(error) }
                note(TilePath.text(here), expected: "a directory", found: error.description)
            }
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private mutating func open(_ path: [String]) throws(LedgerError) -> File? {
        do throws(LedgerError) { return try ledger.openFile(below: path) } catch {
            guard case .disk(let disk) = error, disk.isWrongKind else { throw error }
            note(TilePath.text(path), expected: "a readable regular file", found: disk.description)
            return nil
        }
    }

    private mutating func read(_ path: [String], limit: Int) throws(LedgerError) -> [UInt8]? {
        do throws(LedgerError) { return try ledger.read(below: path, limit: limit) } catch {
            guard case .disk(let disk) = error, disk.isWrongKind else { throw error }
            note(TilePath.text(path), expected: "a regular file of at most \(limit) bytes", found: disk.description)
            return nil
        }
    }

    /// The number that `["x001", "x234", "067"]` spells.
    private func index(_ groups: ArraySlice<String>, suffix: String) -> UInt64? {
        guard var last = groups.last, last.hasSuffix(suffix) else { return nil }
        last.removeLast(suffix.count)
        var value: UInt64 = 0
        for group in groups.dropLast() + [last] {
            guard let number = UInt64(group.suffix(3)), value < 1 << 48 else { return nil }
            value = value * 1000 + number
        }
        return TilePath.groups(value) == groups.dropLast() + [last] ? value : nil
    }
}

extension DiskError {
    /// Something else lies under the name, or too much of it: the ledger's fault, not the disk's. `EINVAL`, `EISDIR`, `ENOTDIR`, `ELOOP`, `EFBIG`.
    fileprivate var isWrongKind: Bool { [22, 21, 20, 40, 27].contains(code) }
}
