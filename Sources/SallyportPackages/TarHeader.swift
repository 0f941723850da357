/// One block of 512 bytes that says it is a tar header, and whose checksum agrees.
struct TarHeader: Equatable {
    enum Dialect: Equatable {
        /// POSIX ustar and pax: has a prefix
        case posix
        /// GNU: times where POSIX has the prefix
        case gnu
        /// Before 1988: no magic
        case v7
    }
    let dialect: Dialect
    let type: UInt8
    /// Name with prefix, up to the first NUL of each field.
    let name: [UInt8]
    /// `nil` when the field is no number.
    let size: UInt64?
    /// `nil` when the field is no number.
    let mode: UInt32?
    /// GNU's old sparse map or the flag of its continuation is set.
    let isSparse: Bool
    /// The GNU area where POSIX has the prefix holds what is neither empty nor a number.
    let hasStrayPrefix: Bool

    /// Reads a block; `nil` when it has fewer than 512 bytes or the checksum is wrong.
    init?(_ block: ArraySlice<UInt8>) {
        guard block.count >= 512 else { return nil }
        let b = Array(block.prefix(512))
        guard let stated = Self.octal(b[148..<156]) else { return nil }
        let sum = b[..<148].reduce(0) { $0 + UInt64($1) } + 8 * 0x20 + b[156...].reduce(0) { $0 + UInt64($1) }
        guard sum == stated, sum != 8 * 0x20 else { return nil }
        if b[257..<265].elementsEqual("ustar  \0".utf8) {
            dialect = .gnu
        } else if b[257..<262].elementsEqual("ustar".utf8) {
            dialect = .posix
        } else {
            dialect = .v7
        }
        type = b[156]
        let name = Array(b[0..<100].prefix { $0 != 0 })
        // star keeps times in the last 24 bytes of the prefix and says so at the block's end.
        let isStar = b[508..<512].elementsEqual("tar\0".utf8)
        let prefix = b[345..<(isStar ? 476 : 500)].prefix { $0 != 0 }
        self.name = dialect == .posix && !prefix.isEmpty ? prefix + [0x2F] + name : name
        size = Self.number(b[124..<136])
        mode = Self.octal(b[100..<108]).flatMap { UInt32(exactly: $0 & 0o7777) }
        isSparse = dialect == .gnu && (b[386] != 0 || b[482] != 0) && b[156] == 0x53
        hasStrayPrefix = dialect == .gnu && [345..<357, 357..<369].contains { Self.number(b[$0]) == nil }
    }

    /// Spaces, octal digits, then spaces or NULs; an empty field is 0.
    static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
        let digits = field.drop { $0 == 0x20 }
        let number = digits.prefix { (0x30...0x37).contains($0) }
        guard digits.dropFirst(number.count).allSatisfy({ $0 == 0x20 || $0 == 0 }), number.count < 22 else {
            return nil
        }
        return number.reduce(0) { $0 << 3 | UInt64($1 - 0x30) }
    }

    /// Octal, or GNU's base 256 for positive numbers.
    private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
        guard field.first == 0x80 else { return octal(field) }
        let bytes = field.dropFirst().drop { $0 == 0 }
        return bytes.count > 7 ? nil : bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
