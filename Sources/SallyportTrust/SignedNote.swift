public import SallyportBase

/// A name and a key that signs notes (C2SP signed-note, type 0x01).
public struct NoteSigner: Sendable {
    /// The key's name; for a log its origin.
    public let name: String
    /// The key.
    public let key: SigningKey

    /// `nil` for a name that is empty or holds a space, a control character or `+`.
    public init?(name: String, key: SigningKey) {
        guard NoteVerifier.isKeyName(name) else { return nil }
        self.name = name
        self.key = key
    }

    /// The public half.
    public var verifier: NoteVerifier { NoteVerifier(checkedName: name, key: key.publicKey) }
}

/// A name and a key that verifies notes.
public struct NoteVerifier: Hashable, Sendable {
    /// The key's name.
    public let name: String
    /// The key.
    public let key: CheckedKey
    /// First four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key), big-endian.
    public let keyID: UInt32

    init(checkedName: String, key: CheckedKey) {
        name = checkedName
        self.key = key
        let digest = Digest.of(Array(checkedName.utf8) + [0x0A, 0x01] + key.bytes).bytes
        keyID = digest[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// A signed note: a text and signature lines, parsed; not yet verified.
public struct SignedNote: Hashable, Sendable {
    /// One signature line.
    public struct Signature: Hashable, Sendable {
        /// The key's name.
        public let name: String
        /// The key's id.
        public let keyID: UInt32
        /// What follows the key id: 64 bytes for Ed25519.
        public let bytes: [UInt8]
    }
    /// The text, its final LF included: what is signed.
    public let text: [UInt8]
    /// In the order of the note, never empty.
    public let signatures: [Signature]

    /// Bytes of a note.
    public static let limitBytes = 64 << 10
    /// Signature lines of a note (x/mod's limit).
    public static let limitSignatures = 100
}

/// The three lines that a log signs (C2SP tlog-checkpoint), without extension lines.
public struct Checkpoint: Hashable, Sendable {
    /// The log's name.
    public let origin: String
    /// Entries in the tree.
    public let size: UInt64
    /// RFC 6962 root hash.
    public let root: Digest

    /// Makes a checkpoint.
    public init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text that is signed.
    public var text: [UInt8] { Array("\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n".utf8) }
}
