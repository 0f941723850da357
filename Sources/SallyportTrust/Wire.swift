/// SSH's wire format (RFC 4251 §5): big-endian `u32`, and strings as a `u32` length with the bytes.
struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = Array(bytes)[...] }

    /// Nothing is left. Every level of a blob must end so.
    var isAtEnd: Bool { rest.isEmpty }

    /// Bytes that are left.
    var count: Int { rest.count }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func u32() -> UInt32? { bytes(4)?.reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func string() -> [UInt8]? {
        guard let length = u32(), let found = bytes(Int(length)) else { return nil }
        return Array(found)
    }

    /// A string of printable ASCII; `nil` for other bytes, so that nothing odd reaches a comparison or a message.
    mutating func ascii() -> String? { string().flatMap(asciiText) }
}

/// Printable ASCII as text; `nil` when another byte is among them.
func asciiText(_ bytes: some Collection<UInt8>) -> String? {
    bytes.allSatisfy { (0x20...0x7E).contains($0) } ? String(decoding: bytes, as: UTF8.self) : nil
}

/// The writing side of ``WireReader``.
enum Wire {
    static func u32(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    static func string(_ bytes: some Collection<UInt8>) -> [UInt8] { u32(UInt32(bytes.count)) + bytes }
    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }
}

/// Lines of a file that ends in LF; `nil` when the last line has none.
func linesEndingInLF(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
    guard bytes.last == 0x0A else { return nil }
    return bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
}
