/// A minisign public key: key number and point.
public struct MinisignPublicKey: Hashable, Sendable {
    /// Eight bytes that minisign drew at random; a hint, never an identity.
    public let keyNumber: [UInt8]
    /// The point.
    public let key: CheckedKey
}

/// A minisign signature file, parsed strictly; not yet verified.
public struct MinisignSignature: Hashable, Sendable {
    /// Bytes of a signature file: minisign itself allows comments of 1,024 and 8,192.
    public static let limitBytes = 16 << 10

    /// The number of the key that signed, as the file claims.
    public let keyNumber: [UInt8]
    /// Ed25519 over BLAKE2b-512 of the file.
    public let signature: [UInt8]
    /// Signed by ``globalSignature``; recorded, never used for a decision.
    public let trustedComment: String
    /// Ed25519 over ``signature`` and ``trustedComment``.
    public let globalSignature: [UInt8]
}
