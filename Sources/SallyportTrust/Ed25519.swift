private import CSodium

/// An Ed25519 public key that is a point of prime order, in canonical form.
///
/// Holding one is the proof that `crypto_core_ed25519_is_valid_point` said yes: the only way to make one is the check.
/// Under other points (the identity, for one) ssh-keygen and OpenSSL accept one constant signature for every message.
public struct CheckedKey: Hashable, Sendable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Checks the point; `nil` for another length, a non-canonical, off-curve, small-order or mixed-order point.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        let key = Array(bytes)
        guard isValidPoint(key) else { return nil }
        self.bytes = key
    }
}

/// libsodium's verdict over 32 bytes: canonical, on the curve, in the prime-order subgroup.
func isValidPoint(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == 32 else { return false }
    return unsafe crypto_core_ed25519_is_valid_point(bytes) == 1
}

/// The one Ed25519 rule (formats.md §1): A and R in the prime-order subgroup, S canonical, the equation holds.
///
/// With both points of prime order the equations with and without cofactor say the same, so the answer does not depend
/// on the version of libsodium.
public func verifyStrict(signature: [UInt8], message: [UInt8], key: CheckedKey) -> Bool {
    // Wrong lengths never reach C.
    guard signature.count == 64, isValidPoint(Array(signature[..<32])) else { return false }
    return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), key.bytes) == 0
}

/// BLAKE2b with a 64-byte output and no key: what minisign signs in place of the file.
func blake2b512(_ message: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 64)
    _ = unsafe crypto_generichash(&out, 64, message, UInt64(message.count), nil, 0)
    return out
}

/// SHA-512: what SSHSIG signs in place of the file.
func sha512(_ message: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 64)
    _ = unsafe crypto_hash_sha512(&out, message, UInt64(message.count))
    return out
}

/// Makes libsodium ready. Safe to call again from any thread; `false` when it cannot work at all.
func sodiumIsReady() -> Bool { sodium_init() >= 0 }
