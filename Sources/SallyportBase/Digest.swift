private import CCrypto

/// A SHA-256 value: 32 bytes with one spelling, 64 lower-case hex digits.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// All zero: `prev` of the first ledger entry, nothing else.
    public static let zero = Digest(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Makes a digest of exactly 32 bytes; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var all: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { all[index >> 3] = all[index >> 3] << 8 | UInt64(byte) }
        words = (all[0], all[1], all[2], all[3])
    }

    /// Reads 64 lower-case hex digits; `nil` for any other spelling.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 64, let bytes = Hex.decode(hex), let digest = Digest(bytes: bytes) else { return nil }
        self = digest
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                out.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return out
    }

    /// 64 lower-case hex digits.
    public var hex: String { Hex.encode(bytes) }
    /// The spelling in signed texts and JSON: `sha256:` and 64 hex digits.
    public var tagged: String { "sha256:" + hex }
    /// The same as ``hex``.
    public var description: String { hex }

    /// Reads `sha256:` followed by 64 lower-case hex digits.
    public init?(tagged text: some StringProtocol) {
        guard text.hasPrefix("sha256:") else { return nil }
        self.init(hex: text.dropFirst(7))
    }

    /// Equal when all 32 bytes are.
    public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
    /// Bytewise order.
    public static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }
    /// Feeds the 32 bytes to `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    /// SHA-256 of `bytes`.
    public static func of(_ bytes: [UInt8]) -> Digest {
        var hasher = SHA256()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// SHA-256 of the UTF-8 of `text`.
    public static func of(_ text: String) -> Digest { of(Array(text.utf8)) }
}

/// Streaming SHA-256 by libcrypto (SHA-NI). A value: a copy goes on from the same point.
public struct SHA256: Sendable {
    private var state = SHA256_CTX()

    /// Begins an empty message.
    public init() { _ = unsafe SHA256_Init(&state) }

    /// Adds bytes to the message.
    public mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { raw in _ = unsafe SHA256_Update(&state, raw.baseAddress, raw.count) }
    }

    /// Adds part of an array to the message.
    public mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { raw in _ = unsafe SHA256_Update(&state, raw.baseAddress, raw.count) }
    }

    /// Adds one byte: RFC 6962's prefixes.
    public mutating func update(byte: UInt8) {
        var copy = byte
        _ = unsafe SHA256_Update(&state, &copy, 1)
    }

    /// Adds memory that the caller keeps alive during the call.
    @unsafe public mutating func update(_ raw: UnsafeRawBufferPointer) {
        _ = unsafe SHA256_Update(&state, raw.baseAddress, raw.count)
    }

    /// The digest of everything so far; the state can go on.
    public func finish() -> Digest {
        var copy = state
        var out = [UInt8](repeating: 0, count: 32)
        _ = unsafe SHA256_Final(&out, &copy)
        return Digest(bytes: out) ?? .zero
    }
}
