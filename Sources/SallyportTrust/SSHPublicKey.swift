internal import SallyportBase

extension SSHPublicKey {
    static let plainType = "ssh-ed25519"
    static let fidoType = "sk-ssh-ed25519@openssh.com"

    /// The key's type, as in the first column of a `.pub` line.
    public var type: String {
        switch self {
        case .ed25519: Self.plainType
        case .ed25519SK: Self.fidoType
        }
    }

    /// The bytes that the second column of a `.pub` line spells in base64.
    public var blob: [UInt8] {
        switch self {
        case .ed25519(let key): Wire.string(Self.plainType) + Wire.string(key.bytes)
        case .ed25519SK(let key, let application):
            Wire.string(Self.fidoType) + Wire.string(key.bytes) + Wire.string(application)
        }
    }

    /// Reads ``blob``; other types are refused by a code that names them.
    init(blob: [UInt8], code: String) throws(TextProblem) {
        var reader = WireReader(blob)
        guard let type = reader.ascii() else {
            throw TextProblem(code + "-TRUNCATED", place: "public key", expected: "a key type", found: "too few bytes")
        }
        guard type == Self.plainType || type == Self.fidoType else { throw Self.refusedType(type, code: code) }
        guard let bytes = reader.string() else {
            throw TextProblem(code + "-TRUNCATED", place: "public key", expected: "32 bytes", found: "too few bytes")
        }
        guard let key = CheckedKey(bytes) else {
            throw TextProblem(
                code + "-POINT",
                place: "public key",
                expected: "an Ed25519 point of prime order",
                found: "\(bytes.count) bytes \(Hex.encode(bytes.prefix(32)))"
            )
        }
        if type == Self.plainType {
            self = .ed25519(key)
        } else {
            guard let application = reader.ascii(), (1...64).contains(application.utf8.count) else {
                throw TextProblem(
                    code + "-APPLICATION",
                    place: "public key",
                    expected: "an application of 1 to 64 characters",
                    found: "something else"
                )
            }
            self = .ed25519SK(key, application: application)
        }
        guard reader.isAtEnd else {
            throw TextProblem(
                code + "-TRAILING",
                place: "public key",
                expected: "nothing after the key",
                found: "\(reader.count) bytes"
            )
        }
    }

    /// Reads `ssh-ed25519 AAAA… [comment]`, one line with or without its LF.
    public init(line: String) throws(TextProblem) {
        let text = line.hasSuffix("\n") ? line.dropLast() : line[...]
        guard text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 != 0x0A && $0 != 0x0D }) else {
            throw TextProblem("E-KEY-LINE", expected: "one line of at most 1024 bytes", found: line)
        }
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let blob = Base64.decode(parts[1]) else {
            throw TextProblem("E-KEY-LINE", expected: "ssh-ed25519 AAAA…", found: String(text))
        }
        try self.init(blob: blob, code: "E-KEY")
        guard type == parts[0] else {
            throw TextProblem("E-KEY-LINE", expected: type, found: String(parts[0]))
        }
    }

    /// `ssh-ed25519 AAAA…`, without a comment.
    public var line: String { type + " " + Base64.encode(blob) }

    /// `SHA256:…` as ssh-keygen prints it: unpadded base64.
    public var fingerprint: String {
        "SHA256:" + Base64.encode(Digest.of(blob).bytes).replacing("=", with: "")
    }

    /// The refusal of a key type, by name (formats.md §3).
    static func refusedType(_ type: String, code: String) -> TextProblem {
        let name: String
        if type.contains("-cert-v0") {
            name = "CERT"
        } else if type.hasPrefix("webauthn-") {
            name = "WEBAUTHN"
        } else if type.hasPrefix("sk-ecdsa-") {
            name = "SK-ECDSA"
        } else if type.hasPrefix("ecdsa-") {
            name = "ECDSA"
        } else if type == "ssh-rsa" || type.hasPrefix("rsa-") {
            name = "RSA"
        } else if type == "ssh-dss" {
            name = "DSA"
        } else if type.contains("mldsa") {
            name = "MLDSA"
        } else {
            name = "UNKNOWN"
        }
        return TextProblem(
            "\(code)-TYPE-\(name)",
            place: "public key",
            expected: "ssh-ed25519 (make one: ssh-keygen -t ed25519)",
            found: type
        )
    }
}
