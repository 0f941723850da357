/// What child and parent say to each other: `u8 kind, u32 count, count bytes`, little-endian. The parent believes none of it.
enum Frame: Equatable {
    /// An entry begins: kind as ``EntryKind``, mode bits, declared size, the bytes of its path.
    case entry(kind: UInt8, mode: UInt32, size: UInt64, path: [UInt8])
    /// Content of the entry that was begun.
    case bytes(ArraySlice<UInt8>)
    /// The entry is complete.
    case entryEnd
    /// A rule that the container breaks: code, place, text.
    case finding(code: String, place: String, text: String)
    /// The file ends before the archive does.
    case incomplete
    /// Part of the manifest's tree (``JSONTree``).
    case manifest(ArraySlice<UInt8>)
    /// The manifest is not JSON as Sallyport reads it.
    case manifestProblem(String)
    /// The archive was read to its end, which is so many bytes of stream behind its start.
    case done(streamBytes: UInt64)

    /// The most bytes of one frame: a path at its limit, a piece of content.
    static let most = 66_000

    func encode(into out: inout [UInt8]) {
        let start = out.count
        out += [0, 0, 0, 0, 0]
        switch self {
        case .entry(let kind, let mode, let size, let path):
            out[start] = 1
            out.append(kind)
            append(mode, to: &out)
            append(size, to: &out)
            out += path
        case .bytes(let bytes):
            out[start] = 2
            out += bytes
        case .entryEnd: out[start] = 3
        case .finding(let code, let place, let text):
            out[start] = 4
            for part in [code, place, text] {
                append(UInt32(part.utf8.count), to: &out)
                out += part.utf8
            }
        case .incomplete: out[start] = 5
        case .manifest(let bytes):
            out[start] = 6
            out += bytes
        case .manifestProblem(let text):
            out[start] = 7
            out += text.utf8
        case .done(let bytes):
            out[start] = 8
            append(bytes, to: &out)
        }
        let count = UInt32(out.count - start - 5)
        for index in 0..<4 { out[start + 1 + index] = UInt8(truncatingIfNeeded: count >> UInt32(8 * index)) }
    }

    /// The frame in `bytes`; `nil` when it is none.
    init?(kind: UInt8, _ bytes: ArraySlice<UInt8>) {
        var reader = WireReader(bytes)
        switch kind {
        case 1:
            guard let kind = reader.byte(), let mode = reader.u32(), let size = reader.u64() else { return nil }
            self = .entry(kind: kind, mode: mode, size: size, path: Array(reader.rest))
        case 2: self = .bytes(bytes)
        case 3 where bytes.isEmpty: self = .entryEnd
        case 4:
            guard let code = reader.text(64), let place = reader.text(4_096), let text = reader.text(4_096) else {
                return nil
            }
            self = .finding(code: code, place: place, text: text)
        case 5 where bytes.isEmpty: self = .incomplete
        case 6: self = .manifest(bytes)
        case 7: self = .manifestProblem(String(decoding: bytes.prefix(1_000), as: UTF8.self))
        case 8:
            guard let bytes = reader.u64(), reader.rest.isEmpty else { return nil }
            self = .done(streamBytes: bytes)
        default: return nil
        }
    }
}

private func append<Number: FixedWidthInteger>(_ number: Number, to out: inout [UInt8]) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
        out.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
}

/// Reads little-endian numbers and counted texts; `nil` when the bytes end before the value does.
struct WireReader {
    private(set) var rest: ArraySlice<UInt8>
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func u32() -> UInt32? { take(4)?.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    mutating func u64() -> UInt64? { take(8)?.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    mutating func text(_ most: Int) -> String? {
        guard let count = u32(), count <= most, let bytes = take(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// The kinds of entries that a container can name.
enum EntryKind: UInt8 {
    case file = 0x66  // f
    case directory = 0x64  // d
    case symbolicLink = 0x6C  // l
    case hardLink = 0x68  // h
    case device = 0x62  // b
    case fifo = 0x70  // p
    case other = 0x3F  // ?
}
