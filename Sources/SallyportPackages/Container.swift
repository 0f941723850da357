/// What the first bytes say a file is. Names and extensions are hints and never asked.
enum Container: Equatable {
    /// A gzip stream; what is in it must be a tar.
    case gzip
    /// A tar without compression.
    case tar
    /// A known format that is not taken, by its name.
    case unsupported(String)
    /// Nothing that is known.
    case unknown

    /// Bytes that ``recognise(_:)`` wants to see: one tar header.
    static let looks = 512

    private static let magics: [(offset: Int, bytes: [UInt8], name: String)] = [
        (0, [0x50, 0x4B, 0x03, 0x04], "zip"), (0, [0x50, 0x4B, 0x05, 0x06], "zip"),
        (0, [0x50, 0x4B, 0x07, 0x08], "zip"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "zstd"), (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
        (0, Array("BZh".utf8), "bzip2"), (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
        (0, Array("Rar!\u{1A}\u{7}".utf8), "rar"), (0, Array("070701".utf8), "cpio"), (0, Array("070702".utf8), "cpio"),
        (0, Array("070707".utf8), "cpio"), (0, [0xC7, 0x71], "cpio"), (0, [0x71, 0xC7], "cpio"),
        (0, [0x1F, 0x9D], "compress (.Z)"), (0, [0x1F, 0xA0], "compress (.Z)"), (0, Array("!<arch>\n".utf8), "ar"),
        (0, Array("MSCF".utf8), "cab"), (0, Array("xar!".utf8), "xar"), (0, [0x04, 0x22, 0x4D, 0x18], "lz4"),
        (0, Array("LZIP".utf8), "lzip"), (0, [0x89, 0x4C, 0x5A, 0x4F], "lzop"), (0, [0x5D, 0x00, 0x00], "lzma"),
        (2, Array("-lh".utf8), "lha"), (2, Array("-lz".utf8), "lha"), (0, [0x60, 0xEA], "arj"),
    ]

    static func recognise(_ head: ArraySlice<UInt8>) -> Container {
        if head.starts(with: [0x1F, 0x8B]) { return .gzip }
        // The checksum makes a tar certain, whatever its first name begins with.
        if TarHeader(head) != nil { return .tar }
        for magic in magics where head.dropFirst(magic.offset).starts(with: magic.bytes) {
            return .unsupported(magic.name)
        }
        return .unknown
    }
}
