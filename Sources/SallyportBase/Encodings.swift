private import CSodium

/// Lower-case hexadecimal, one spelling.
public enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two digits a byte.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes of an even number of lower-case digits; `nil` for anything else.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            let value: UInt8
            switch character {
            case 0x30...0x39: value = character - 0x30
            case 0x61...0x66: value = character - 0x57
            default: return nil
            }
            if let first = high {
                out.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? out : nil
    }
}

/// RFC 4648 §4 base64 with padding, strict (libsodium): no line breaks, no spare bits, no other alphabet.
public enum Base64 {
    /// The padded text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        let variant = Int32(sodium_base64_VARIANT_ORIGINAL)
        let room = sodium_base64_encoded_len(bytes.count, variant)
        var out = [CChar](repeating: 0, count: room)
        _ = unsafe sodium_bin2base64(&out, room, bytes, bytes.count, variant)
        return String(decoding: out.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The bytes, or `nil` when the text is not exactly what ``encode(_:)`` would write.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let ascii = Array(text.utf8).map { CChar(bitPattern: $0) }
        guard ascii.count % 4 == 0 else { return nil }
        var out = [UInt8](repeating: 0, count: ascii.count / 4 * 3 + 1)
        var count = 0
        let status = unsafe sodium_base642bin(
            &out,
            out.count,
            ascii,
            ascii.count,
            nil,
            &count,
            nil,
            Int32(sodium_base64_VARIANT_ORIGINAL)
        )
        guard status == 0 else { return nil }
        let bytes = Array(out.prefix(count))
        return encode(bytes).utf8.elementsEqual(text.utf8) ? bytes : nil
    }
}

/// Random bytes of the kernel's generator (libsodium).
public enum Random {
    /// `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: count)
        unsafe randombytes_buf(&out, count)
        return out
    }

    /// 32 lower-case hex digits: 128 random bits.
    public static func id() -> String { Hex.encode(bytes(16)) }
}
