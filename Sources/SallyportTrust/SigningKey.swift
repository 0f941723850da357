private import CSodium

/// An Ed25519 key that signs. Its seed lives in memory that is locked, guarded and never swapped, and is wiped at the end.
@safe
public final class SigningKey: Sendable {
    // 64 bytes from sodium_malloc: seed and public key, as libsodium keeps them. Read-only after init.
    private nonisolated(unsafe) let secret: UnsafeMutablePointer<UInt8>
    /// The public half.
    public let publicKey: CheckedKey

    /// Makes the key of a 32-byte seed and wipes the caller's copy; `nil` for another length or when no secret memory
    /// is to be had.
    public init?(wiping seed: inout [UInt8]) {
        defer { wipe(&seed) }
        guard seed.count == 32, sodiumIsReady(), let raw = unsafe sodium_malloc(64) else { return nil }
        let memory = unsafe raw.bindMemory(to: UInt8.self, capacity: 64)
        var point = [UInt8](repeating: 0, count: 32)
        guard unsafe crypto_sign_seed_keypair(&point, memory, seed) == 0, let key = CheckedKey(point) else {
            unsafe sodium_free(raw)
            return nil
        }
        unsafe sodium_mprotect_readonly(raw)
        unsafe secret = memory
        publicKey = key
    }

    /// Makes the key of a 32-byte seed that the caller is welcome to keep: tests and vectors.
    public convenience init?(seed: [UInt8]) {
        var copy = seed
        self.init(wiping: &copy)
    }

    /// A new key from the kernel's randomness; `nil` when no secret memory is to be had.
    public static func generate() -> SigningKey? {
        guard sodiumIsReady() else { return nil }
        var seed = [UInt8](repeating: 0, count: 32)
        unsafe randombytes_buf(&seed, 32)
        return SigningKey(wiping: &seed)
    }

    deinit { unsafe sodium_free(secret) }  // sodium_free wipes before it gives back

    /// The 64-byte signature over `message`; the same key and message give the same bytes.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 64)
        _ = unsafe crypto_sign_detached(&out, nil, message, UInt64(message.count), secret)
        return out
    }

    /// Hands the 32-byte seed to `body` and wipes the copy afterwards. Only for writing a key file.
    public func withSeed<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        var seed = unsafe [UInt8](UnsafeBufferPointer(start: secret, count: 32))
        defer { wipe(&seed) }
        return try body(seed)
    }
}

/// Overwrites an array that held something secret, in a way that the optimiser does not remove.
func wipe(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    unsafe bytes.withUnsafeMutableBytes { raw in
        if let base = raw.baseAddress { unsafe sodium_memzero(base, raw.count) }
    }
}
