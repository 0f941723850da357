/// An unencrypted OpenSSH private key file of type ssh-ed25519 (PROTOCOL.key).
public struct OpenSSHPrivateKey: Sendable {
    /// The key, in secret memory.
    public let key: SigningKey
    /// Its comment, printable ASCII or empty.
    public let comment: String

    /// Bytes of a key file: an Ed25519 one takes about 400.
    public static let limitBytes = 8192

    /// Reads the file. The decoded copies are wiped; the file's bytes are the caller's.
    ///
    /// - Throws: `E-KEYFILE-ENCRYPTED` for a key with a passphrase (bcrypt is not ours to do: use ssh-keygen),
    ///   `E-KEYFILE-…` for anything that is not exactly one Ed25519 key.
    public init(parsing file: [UInt8]) throws(TextProblem) {
        guard file.count <= Self.limitBytes else {
            throw TextProblem(
                "E-KEYFILE-SIZE",
                expected: "at most \(Self.limitBytes) bytes",
                found: "\(file.count) bytes"
            )
        }
        var blob = try Armor.privateKey.decode(file, code: "E-KEYFILE")
        defer { wipe(&blob) }
        var reader = WireReader(blob)
        guard reader.bytes(15)?.elementsEqual(Array("openssh-key-v1".utf8) + [0]) == true else {
            throw TextProblem("E-KEYFILE-MAGIC", expected: "openssh-key-v1", found: "other bytes")
        }
        guard let cipher = reader.ascii(), let kdf = reader.ascii(), let options = reader.string(),
            let count = reader.u32()
        else { throw Self.truncated }
        guard cipher == "none", kdf == "none", options.isEmpty else {
            throw TextProblem(
                "E-KEYFILE-ENCRYPTED",
                expected: "a key without passphrase; otherwise sign with ssh-keygen (--print-command shows the line)",
                found: "cipher \(cipher)"
            )
        }
        guard count == 1 else { throw TextProblem("E-KEYFILE-COUNT", expected: "1 key", found: "\(count)") }
        guard let publicBlob = reader.string(), var section = reader.string() else { throw Self.truncated }
        defer { wipe(&section) }
        guard reader.isAtEnd else {
            throw TextProblem("E-KEYFILE-TRAILING", expected: "nothing after the key", found: "\(reader.count) bytes")
        }
        let publicKey = try SSHPublicKey(blob: publicBlob, code: "E-KEYFILE")
        guard case .ed25519(let point) = publicKey else {
            throw TextProblem(
                "E-KEYFILE-TYPE-SK-ED25519",
                expected: "ssh-ed25519; a FIDO key signs with ssh-keygen",
                found: publicKey.type
            )
        }
        (key, comment) = try Self.section(section, point: point)
    }

    private static let truncated = TextProblem("E-KEYFILE-TRUNCATED", expected: "a whole file", found: "too few bytes")

    private static func section(_ bytes: [UInt8], point: CheckedKey) throws(TextProblem) -> (SigningKey, String) {
        guard bytes.count % 8 == 0 else {
            throw TextProblem("E-KEYFILE-PADDING", expected: "a multiple of 8 bytes", found: "\(bytes.count)")
        }
        var reader = WireReader(bytes)
        guard let first = reader.u32(), let second = reader.u32() else { throw truncated }
        guard first == second else {
            throw TextProblem("E-KEYFILE-CHECK", expected: "two equal check numbers", found: "different ones")
        }
        guard let type = reader.ascii(), let publicBytes = reader.string(), var secret = reader.string() else {
            throw truncated
        }
        defer { wipe(&secret) }
        guard let comment = reader.string() else { throw truncated }
        guard type == SSHPublicKey.plainType else {
            throw TextProblem("E-KEYFILE-TYPE-MISMATCH", expected: SSHPublicKey.plainType, found: type)
        }
        var padding: UInt8 = 0
        while let byte = reader.byte() {
            padding += 1
            // Less than one block of 8: more would be room for something hidden.
            guard byte == padding, padding < 8 else {
                throw TextProblem("E-KEYFILE-PADDING", expected: "1, 2, 3, … below 8", found: "\(byte)")
            }
        }
        guard secret.count == 64, publicBytes == point.bytes, secret[32...].elementsEqual(point.bytes) else {
            throw TextProblem("E-KEYFILE-MISMATCH", expected: "one public key in all three places", found: "others")
        }
        var seed = Array(secret[..<32])
        guard let key = SigningKey(wiping: &seed), key.publicKey == point else {
            throw TextProblem("E-KEYFILE-MISMATCH", expected: "the secret of the public key", found: "another secret")
        }
        return (key, asciiText(comment) ?? "")
    }
}
