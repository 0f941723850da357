/// The hash that an SSH signature applies to the file before Ed25519; its name is part of what is signed.
public enum SSHHash: String, Sendable, CaseIterable {
    /// SHA-512, ssh-keygen's default and what we write.
    case sha512
    /// SHA-256, by `ssh-keygen -O hashalg=sha256`.
    case sha256
}

/// An SSH public key as it stands in keys files and in signatures: type and material.
public enum SSHPublicKey: Hashable, Sendable {
    /// `ssh-ed25519`.
    case ed25519(CheckedKey)
    /// `sk-ssh-ed25519@openssh.com`: a FIDO key and the application that it was made for.
    case ed25519SK(CheckedKey, application: String)

    /// The 32-byte point.
    public var point: CheckedKey {
        switch self {
        case .ed25519(let key), .ed25519SK(let key, _): key
        }
    }
}

/// A detached signature of `ssh-keygen -Y sign` (PROTOCOL.sshsig), parsed strictly; not yet verified.
public struct SSHSignature: Hashable, Sendable {
    /// Bytes of a signature file: a FIDO signature takes about 500.
    public static let limitBytes = 4096

    /// The key that the blob names. A selector and nothing more: trust is the keyring.
    public let key: SSHPublicKey
    /// The namespace that was signed.
    public let namespace: String
    /// The hash that was signed.
    public let hash: SSHHash
    /// R and S, 64 bytes.
    public let signature: [UInt8]
    /// FIDO flags and counter; `nil` for a plain key.
    public let authenticator: Authenticator?

    /// What a FIDO device adds to a signature, inside the signed message.
    public struct Authenticator: Hashable, Sendable {
        /// 0x01 touched, 0x04 verified by PIN or finger.
        public let flags: UInt8
        /// The device's counter.
        public let counter: UInt32
    }
}
