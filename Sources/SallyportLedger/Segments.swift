internal import Glibc
internal import SallyportBase
internal import SallyportDisk

/// Reads a segment file forwards, line by line, in steps of one MiB.
struct LineReader {
    /// What comes next.
    enum Step {
        /// A line with its LF taken off, and where it begins.
        case line([UInt8], offset: Int64)
        /// The file ends here, after an LF or at its beginning.
        case end(offset: Int64)
        /// From here on there is no whole line of at most ``EntryLine/limit`` bytes.
        case torn(offset: Int64)
    }
    private let file: File
    private var buffer: [UInt8] = []
    private var start = 0
    private var offset: Int64
    private var atEnd = false
    private static let step = 1 << 20

    init(_ file: File, from offset: Int64) {
        self.file = file
        self.offset = offset
    }

    mutating func next() throws(LedgerError) -> Step {
        while true {
            if let length = lengthOfLine() {
                guard length <= EntryLine.limit else { return .torn(offset: offset) }
                let line = Array(buffer[start..<start + length])
                defer {
                    start += length + 1
                    offset += Int64(length) + 1
                }
                return .line(line, offset: offset)
            }
            if buffer.count - start > EntryLine.limit { return .torn(offset: offset) }
            if atEnd { return buffer.count == start ? .end(offset: offset) : .torn(offset: offset) }
            buffer.removeFirst(start)
            start = 0
            let more: [UInt8]
            do throws(DiskError) {
                more = try file.read(at: offset + Int64(buffer.count), count: Self.step)
            } catch { throw .disk(error) }
            atEnd = more.count < Self.step
            buffer += more
        }
    }

    private func lengthOfLine() -> Int? {
        unsafe buffer.withUnsafeBytes { raw in
            guard start < raw.count, let base = raw.baseAddress else { return nil }
            guard let found = unsafe memchr(base + start, 0x0A, raw.count - start) else { return nil }
            return unsafe UnsafeRawPointer(found) - (base + start)
        }
    }
}

/// What lies behind the last good line.
struct Torn: Equatable {
    let segment: UInt64
    let offset: Int64
    /// Bytes from there to the end of the file.
    let bytes: Int64
    /// A later segment holds lines: no crash of ours leaves that.
    let isFollowed: Bool
    /// What the first bad line should have been, and what it is.
    let problem: EntryLine.Problem
}

/// Walks the good lines of a ledger directory: number, predecessor, spelling, `ts` not falling. Ends at the end, at the first bad
/// byte, or after `limit` lines.
struct LineWalker {
    private let ledger: Directory
    private let limit: UInt64
    private var reader: LineReader?
    private var isOver = false
    /// After the last good line.
    private(set) var position: Position
    /// The last `ts`.
    private(set) var ts: Timestamp?
    /// What is behind the last good line, when it is not the end.
    private(set) var torn: Torn?
    /// The files that lines were read from.
    private(set) var files: [(segment: UInt64, file: File)] = []

    init(_ ledger: Directory, after position: Position, ts: Timestamp? = nil, limit: UInt64 = .max) {
        self.ledger = ledger
        self.position = position
        self.ts = ts
        self.limit = limit
    }

    mutating func next() throws(LedgerError) -> Entry? {
        while !isOver, position.size < limit {
            if reader == nil {
                guard try openSegment() else {
                    isOver = true
                    return nil
                }
            }
            guard let step = try reader?.next() else { return nil }
            switch step {
            case .line(let line, let offset):
                do throws(EntryLine.Problem) {
                    let entry = try EntryLine.decode(line, seq: position.size, prev: position.leaf, offset: offset)
                    if let before = ts, entry.ts < before {
                        throw EntryLine.Problem(
                            expected: "ts not before \(before.preciseText)",
                            found: entry.ts.preciseText
                        )
                    }
                    position = entry.position
                    ts = entry.ts
                    if position.size % Position.segmentLines == 0 { reader = nil }
                    return entry
                } catch {
                    try tear(at: offset, error)
                }
            case .end(let offset):
                isOver = true
                // A crash between two segments leaves an empty one at most.
                if try hasLines(current + 1) {
                    try tear(
                        at: offset,
                        .init(
                            expected: "\(Position.segmentLines) lines in a segment",
                            found: "\(position.size % Position.segmentLines)"
                        )
                    )
                }
            case .torn(let offset):
                try tear(
                    at: offset,
                    .init(expected: "a line of at most \(EntryLine.limit) bytes", found: "bytes without a line feed")
                )
            }
        }
        return nil
    }

    private var current: UInt64 { position.size / Position.segmentLines }

    private mutating func openSegment() throws(LedgerError) -> Bool {
        let begins = position.size % Position.segmentLines == 0
        if begins, position.size > 0, let before = try ledger.openFile(below: TilePath.segment(current - 1)) {
            let size = try fileSize(before)
            if size > position.offset {
                let problem = EntryLine.Problem(
                    expected: "the end of a full segment",
                    found: "\(size - position.offset) more bytes"
                )
                torn = Torn(
                    segment: current - 1,
                    offset: position.offset,
                    bytes: size - position.offset,
                    isFollowed: try hasLines(current),
                    problem: problem
                )
                return false
            }
        }
        guard let file = try ledger.openFile(below: TilePath.segment(current)) else { return false }
        files.append((current, file))
        reader = LineReader(file, from: begins ? 0 : position.offset)
        return true
    }

    private mutating func tear(at offset: Int64, _ problem: EntryLine.Problem) throws(LedgerError) {
        isOver = true
        guard let file = files.last?.file else { return }
        torn = Torn(
            segment: current,
            offset: offset,
            bytes: try fileSize(file) - offset,
            isFollowed: try hasLines(current + 1),
            problem: problem
        )
    }

    private func hasLines(_ segment: UInt64) throws(LedgerError) -> Bool {
        guard let file = try ledger.openFile(below: TilePath.segment(segment)) else { return false }
        return try fileSize(file) > 0
    }

    private func fileSize(_ file: File) throws(LedgerError) -> Int64 {
        do throws(DiskError) { return try file.status().size } catch { throw .disk(error) }
    }
}

/// Finds a line from the end of its segment, without reading what lies before it.
enum LineSearch {
    /// The position after line `seq`, which must have this leaf hash when one is given; `nil` when there is no such line.
    ///
    /// A line is never mistaken for another: LF stands nowhere but at the end of a line, and the number is its first field.
    static func after(_ seq: UInt64, leaf: Digest?, in ledger: Directory) throws(LedgerError) -> Position? {
        let segment = seq / Position.segmentLines
        guard let file = try ledger.openFile(below: TilePath.segment(segment)) else { return nil }
        let start = Array("{\"seq\":\(seq),\"prev\":\"".utf8)
        let step: Int64 = 256 << 10
        do throws(DiskError) {
            var end = try file.status().size
            // Bytes of a line that begins in the chunk before and ends in this one.
            var rest: [UInt8] = []
            while end > 0 {
                let from = max(0, end - step)
                let chunk = try file.read(at: from, count: Int(end - from)) + rest
                var stop = chunk.count
                while stop > 0 {
                    let feed = lastFeed(chunk, before: stop)
                    guard feed != nil || from == 0 else { break }
                    let begin = feed.map { $0 + 1 } ?? 0
                    if chunk[begin...].starts(with: start), let length = chunk[begin...].firstIndex(of: 0x0A) {
                        let line = Array(chunk[begin..<length])
                        let hash = Merkle.leaf(line)
                        if leaf == nil || hash == leaf {
                            return Position(
                                size: seq + 1,
                                leaf: hash,
                                segment: segment,
                                offset: from + Int64(length) + 1
                            )
                        }
                    }
                    stop = feed ?? 0
                }
                // What is left begins in an earlier chunk; a line that long is none.
                rest = Array(chunk.prefix(min(stop + 1, EntryLine.limit + 1)))
                end = from
            }
        } catch { throw .disk(error) }
        return nil
    }

    private static func lastFeed(_ bytes: [UInt8], before end: Int) -> Int? {
        unsafe bytes.withUnsafeBytes { raw in
            var at = end
            while at > 0 {
                at -= 1
                if unsafe raw[at] == 0x0A { return at }
            }
            return nil
        }
    }
}
