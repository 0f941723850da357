internal import SallyportBase

extension SSHSignature {
    static let magic = Array("SSHSIG".utf8)

    /// Reads a signature file.
    ///
    /// Stricter than ssh-keygen 9.2, which accepts another `reserved`, version 0 and text after the end line
    /// (formats.md §3).
    /// - Throws: the first problem, `E-SIG-…`.
    public init(parsing file: [UInt8]) throws(TextProblem) {
        guard file.count <= Self.limitBytes else {
            throw TextProblem("E-SIG-SIZE", expected: "at most \(Self.limitBytes) bytes", found: "\(file.count) bytes")
        }
        let blob = try Armor.signature.decode(file, code: "E-SIG")
        var reader = WireReader(blob)
        guard reader.bytes(6)?.elementsEqual(Self.magic) == true else {
            throw TextProblem("E-SIG-MAGIC", expected: "SSHSIG", found: "other bytes")
        }
        guard let version = reader.u32() else { throw Self.truncated("version") }
        guard version == 1 else {
            throw TextProblem("E-SIG-VERSION", place: "version", expected: "1", found: "\(version)")
        }
        guard let keyBlob = reader.string() else { throw Self.truncated("public key") }
        key = try SSHPublicKey(blob: keyBlob, code: "E-SIG")
        guard let space = reader.string() else { throw Self.truncated("namespace") }
        guard let space = asciiText(space), !space.isEmpty, space.utf8.count <= 64 else {
            throw TextProblem(
                "E-SIG-NAMESPACE",
                place: "namespace",
                expected: "1 to 64 printable characters",
                found: String(decoding: space, as: UTF8.self)
            )
        }
        namespace = space
        guard let reserved = reader.string() else { throw Self.truncated("reserved") }
        guard reserved.isEmpty else {
            throw TextProblem(
                "E-SIG-RESERVED",
                place: "reserved",
                expected: "nothing",
                found: "\(reserved.count) bytes"
            )
        }
        guard let hashName = reader.string() else { throw Self.truncated("hash algorithm") }
        guard let hash = asciiText(hashName).flatMap(SSHHash.init) else {
            throw TextProblem(
                "E-SIG-HASH",
                place: "hash algorithm",
                expected: "sha512 or sha256",
                found: String(decoding: hashName, as: UTF8.self)
            )
        }
        self.hash = hash
        guard let inner = reader.string() else { throw Self.truncated("signature") }
        guard reader.isAtEnd else {
            throw TextProblem("E-SIG-TRAILING", expected: "nothing after the blob", found: "\(reader.count) bytes")
        }
        (signature, authenticator) = try Self.inner(inner, of: key)
    }

    private static func truncated(_ place: String) -> TextProblem {
        TextProblem("E-SIG-TRUNCATED", place: place, expected: "the whole field", found: "too few bytes")
    }

    private static func inner(_ bytes: [UInt8], of key: SSHPublicKey) throws(TextProblem) -> ([UInt8], Authenticator?) {
        var reader = WireReader(bytes)
        guard let type = reader.ascii() else { throw truncated("signature type") }
        guard type == key.type else {
            throw TextProblem("E-SIG-TYPE-MISMATCH", place: "signature type", expected: key.type, found: type)
        }
        guard let raw = reader.string() else { throw truncated("signature") }
        guard raw.count == 64 else {
            throw TextProblem("E-SIG-LENGTH", place: "signature", expected: "64 bytes", found: "\(raw.count) bytes")
        }
        var authenticator: Authenticator?
        if case .ed25519SK = key {
            guard let flags = reader.byte(), let counter = reader.u32() else { throw truncated("flags and counter") }
            // 0x01 touched, 0x04 verified; ssh-keygen accepts a signature that nobody touched the device for.
            guard flags == 0x01 || flags == 0x05 else {
                throw TextProblem(
                    "E-SIG-FLAGS",
                    place: "flags",
                    expected: "0x01 (touched) or 0x05 (touched and verified)",
                    found: "0x" + Hex.encode([flags])
                )
            }
            authenticator = Authenticator(flags: flags, counter: counter)
        }
        guard reader.isAtEnd else {
            throw TextProblem(
                "E-SIG-TRAILING",
                place: "signature",
                expected: "nothing after it",
                found: "\(reader.count) bytes"
            )
        }
        return (raw, authenticator)
    }

    /// What Ed25519 signs: the namespace and the hash's name are inside.
    static func signedData(text: [UInt8], namespace: String, hash: SSHHash) -> [UInt8] {
        let digest = hash == .sha512 ? sha512(text) : Digest.of(text).bytes
        return magic + Wire.string(namespace) + Wire.string("") + Wire.string(hash.rawValue) + Wire.string(digest)
    }

    /// Verifies that `key` signed `text` in `namespace`; returns when it did.
    ///
    /// - Throws: `E-SIG-TYPE-SK-ED25519` (FIDO comes in a later release), `E-SIG-NAMESPACE`, `E-SIG-KEY-OTHER`,
    ///   `E-SIG-INVALID`.
    public func verify(text: [UInt8], namespace expected: String, key checked: CheckedKey) throws(TextProblem) {
        guard case .ed25519(let named) = key else {
            throw TextProblem(
                "E-SIG-TYPE-SK-ED25519",
                place: "public key",
                expected: "ssh-ed25519",
                found: "\(key.type): this release does not verify FIDO signatures"
            )
        }
        guard namespace == expected else {
            throw TextProblem("E-SIG-NAMESPACE", place: "namespace", expected: expected, found: namespace)
        }
        guard named == checked else {
            throw TextProblem(
                "E-SIG-KEY-OTHER",
                place: "public key",
                expected: SSHPublicKey.ed25519(checked).fingerprint,
                found: key.fingerprint
            )
        }
        let data = Self.signedData(text: text, namespace: namespace, hash: hash)
        guard verifyStrict(signature: signature, message: data, key: checked) else {
            throw TextProblem(
                "E-SIG-INVALID",
                place: "signature",
                expected: "a signature over these \(text.count) bytes",
                found: "one over other bytes, or damaged"
            )
        }
    }

    /// The file that `ssh-keygen -Y sign -n namespace` writes for this key, byte for byte: sha512, 70 columns.
    public static func sign(text: [UInt8], namespace: String, with key: SigningKey) -> [UInt8] {
        let publicKey = SSHPublicKey.ed25519(key.publicKey)
        let signature = key.sign(signedData(text: text, namespace: namespace, hash: .sha512))
        var blob = magic + Wire.u32(1) + Wire.string(publicKey.blob) + Wire.string(namespace) + Wire.string("")
        blob += Wire.string(SSHHash.sha512.rawValue)
        blob += Wire.string(Wire.string(SSHPublicKey.plainType) + Wire.string(signature))
        return Armor.signature.encode(blob)
    }
}
