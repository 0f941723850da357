import Foundation
import SallyportBase
import SallyportTrust
import Testing

/// Builds SSHSIG files with one thing wrong.
struct SSHSIGParts {
    var magic = bytes("SSHSIG")
    var version: UInt32 = 1
    var keyType = "ssh-ed25519"
    var point: [UInt8]
    var keyTail: [UInt8] = []
    var namespace = bytes("approval.v1@sallyport")
    var reserved: [UInt8] = []
    var hash = "sha512"
    var signatureType = "ssh-ed25519"
    var signature: [UInt8]
    var signatureTail: [UInt8] = []
    var tail: [UInt8] = []

    init(_ text: [UInt8], _ key: SigningKey) throws {
        let parsed = try SSHSignature(
            parsing: SSHSignature.sign(text: text, namespace: "approval.v1@sallyport", with: key)
        )
        point = key.publicKey.bytes
        signature = parsed.signature
    }

    private static func u32(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    private static func str(_ value: [UInt8]) -> [UInt8] { u32(value.count) + value }

    var blob: [UInt8] {
        let publicKey = Self.str(bytes(keyType)) + Self.str(point) + keyTail
        let inner = Self.str(bytes(signatureType)) + Self.str(signature) + signatureTail
        return magic + Self.u32(Int(version)) + Self.str(publicKey) + Self.str(namespace) + Self.str(reserved)
            + Self.str(bytes(hash)) + Self.str(inner) + tail
    }

    func file(columns: Int = 70, of other: [UInt8]? = nil) -> [UInt8] {
        let base64 = Array(Base64.encode(other ?? blob).utf8)
        var out = bytes("-----BEGIN SSH SIGNATURE-----\n")
        for start in stride(from: 0, to: base64.count, by: columns) {
            out += base64[start..<min(start + columns, base64.count)] + [0x0A]
        }
        return out + bytes("-----END SSH SIGNATURE-----\n")
    }
}

@Suite struct SSHSignatureTests {
    static let text = bytes("sallyport-approval v1\nend\n")

    struct Bad: CustomTestStringConvertible, Sendable {
        let why: String
        let code: String
        let change: @Sendable (inout SSHSIGParts) -> Void
        var testDescription: String { why }
    }

    static let blobs: [Bad] = [
        Bad(why: "other magic", code: "E-SIG-MAGIC") { $0.magic = bytes("SSHSIF") },
        Bad(why: "version 0: ssh-keygen accepts it", code: "E-SIG-VERSION") { $0.version = 0 },
        Bad(why: "version 2", code: "E-SIG-VERSION") { $0.version = 2 },
        Bad(why: "reserved: not covered by the signature", code: "E-SIG-RESERVED") { $0.reserved = [1] },
        Bad(why: "bytes after the blob", code: "E-SIG-TRAILING") { $0.tail = [0] },
        Bad(why: "bytes after the key", code: "E-SIG-TRAILING") { $0.keyTail = [0] },
        Bad(why: "bytes after the signature", code: "E-SIG-TRAILING") { $0.signatureTail = [0] },
        Bad(why: "signature of 63 bytes", code: "E-SIG-LENGTH") { $0.signature.removeLast() },
        Bad(why: "signature of 65 bytes", code: "E-SIG-LENGTH") { $0.signature.append(0) },
        Bad(why: "key of 31 bytes", code: "E-SIG-POINT") { $0.point.removeLast() },
        Bad(why: "identity as key", code: "E-SIG-POINT") { $0.point = [1] + [UInt8](repeating: 0, count: 31) },
        Bad(why: "sha384", code: "E-SIG-HASH") { $0.hash = "sha384" },
        Bad(why: "no hash", code: "E-SIG-HASH") { $0.hash = "" },
        Bad(why: "sha256 in place of sha512", code: "E-SIG-INVALID") { $0.hash = "sha256" },
        Bad(why: "namespace of git commits", code: "E-SIG-NAMESPACE") { $0.namespace = bytes("git") },
        Bad(why: "namespace file", code: "E-SIG-NAMESPACE") { $0.namespace = bytes("file") },
        Bad(why: "namespace of orders", code: "E-SIG-NAMESPACE") { $0.namespace = bytes("order.v1@sallyport") },
        Bad(why: "NUL in the namespace", code: "E-SIG-NAMESPACE") { $0.namespace += [0] },
        Bad(why: "no namespace", code: "E-SIG-NAMESPACE") { $0.namespace = [] },
        Bad(why: "types differ", code: "E-SIG-TYPE-MISMATCH") { $0.signatureType = "ssh-rsa" },
        Bad(why: "certificate", code: "E-SIG-TYPE-CERT") { $0.keyType = "ssh-ed25519-cert-v01@openssh.com" },
        Bad(why: "RSA", code: "E-SIG-TYPE-RSA") { $0.keyType = "ssh-rsa" },
        Bad(why: "post-quantum", code: "E-SIG-TYPE-MLDSA") { $0.keyType = "ssh-mldsa44-ed25519@openssh.com" },
        Bad(why: "no type that exists", code: "E-SIG-TYPE-UNKNOWN") { $0.keyType = "ssh-ed25518" },
        Bad(why: "another message's signature", code: "E-SIG-INVALID") { $0.signature[0] ^= 1 },
    ]

    @Test("each fault has its code", arguments: blobs)
    func refusesBlob(_ bad: Bad) throws {
        let signer = try key("alice")
        var parts = try SSHSIGParts(Self.text, signer)
        bad.change(&parts)
        let file = parts.file()
        let found = code { () throws(TextProblem) in
            try SSHSignature(parsing: file).verify(
                text: Self.text,
                namespace: "approval.v1@sallyport",
                key: signer.publicKey
            )
        }
        #expect(found == bad.code)
    }

    @Test("FIDO: parsed strictly, refused by its own code until a later release")
    func fido() throws {
        for (flags, expected): (UInt8, String) in [
            (0x01, "E-SIG-TYPE-SK-ED25519"), (0x05, "E-SIG-TYPE-SK-ED25519"), (0x00, "E-SIG-FLAGS"),
            (0x04, "E-SIG-FLAGS"), (0x81, "E-SIG-FLAGS"),
        ] {
            var parts = try SSHSIGParts(Self.text, try key("alice"))
            parts.keyType = "sk-ssh-ed25519@openssh.com"
            parts.signatureType = parts.keyType
            parts.keyTail = [0, 0, 0, 4] + bytes("ssh:")
            parts.signatureTail = [flags, 0, 0, 0, 7]
            let file = parts.file()
            let point = try key("alice").publicKey
            let found = code { () throws(TextProblem) in
                try SSHSignature(parsing: file).verify(
                    text: Self.text,
                    namespace: "approval.v1@sallyport",
                    key: point
                )
            }
            #expect(found == expected, "flags \(flags)")
        }
    }

    @Test func refusesArmor() throws {
        let signer = try key("alice")
        let parts = try SSHSIGParts(Self.text, signer)
        let good = parts.file()
        let cases: [(why: String, file: [UInt8], code: String)] = [
            ("76 columns", parts.file(columns: 76), "accepted"),
            ("77 columns", parts.file(columns: 77), "E-SIG-ARMOR"),
            ("text after the end", good + bytes("x\n"), "E-SIG-ARMOR"),
            ("an LF after the end", good + [0x0A], "E-SIG-ARMOR"),
            ("no LF at the end", Array(good.dropLast()), "E-SIG-ARMOR"),
            ("text before", bytes("x\n") + good, "E-SIG-ARMOR"),
            ("CR", bytes(string(good).replacingOccurrences(of: "\n", with: "\r\n")), "E-SIG-CR"),
            ("empty body", bytes("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"), "E-SIG-BASE64"),
            ("end only", bytes("-----END SSH SIGNATURE-----\n"), "E-SIG-ARMOR"),
            ("empty", [], "E-SIG-ARMOR"),
            ("other alphabet", bytes(string(good).replacingOccurrences(of: "U1NI", with: "U1N_")), "E-SIG-BASE64"),
            ("4097 bytes", [UInt8](repeating: 0x41, count: 4097), "E-SIG-SIZE"),
            (
                "an empty line", bytes(string(good).replacingOccurrences(of: "-----\nU", with: "-----\n\nU")),
                "E-SIG-ARMOR"
            ),
        ]
        for test in cases {
            let found = code { () throws(TextProblem) in _ = try SSHSignature(parsing: test.file) }
            #expect(found == test.code, "\(test.why)")
        }
        for length in 0..<parts.blob.count {
            let file = parts.file(of: Array(parts.blob.prefix(length)))
            let found = code { () throws(TextProblem) in _ = try SSHSignature(parsing: file) }
            #expect(["E-SIG-TRUNCATED", "E-SIG-MAGIC", "E-SIG-BASE64"].contains(found), "\(length) bytes: \(found)")
        }
    }

    @Test("OpenSSH's own vectors: one good type, every other by its name", .enabled(if: vectors != nil))
    func vectorsOfOpenSSH() throws {
        let text = try vector("sshsig/signed-data")
        let namespace = string(try vector("sshsig/namespace"))
        let signer = try SSHPublicKey(line: string(try vector("sshsig/ed25519.pub")))
        try SSHSignature(parsing: vector("sshsig/ed25519.sig")).verify(
            text: text,
            namespace: namespace,
            key: signer.point
        )
        let fido = try SSHSignature(parsing: vector("sshsig/ed25519_sk.sig"))
        #expect(fido.authenticator?.counter == 305_419_896)
        #expect(fido.authenticator?.flags == 1)
        let refusals = [
            ("rsa", "RSA"), ("dsa", "DSA"), ("ecdsa", "ECDSA"), ("ecdsa_sk", "SK-ECDSA"),
            ("ecdsa_sk_webauthn", "SK-ECDSA"),
        ]
        for (name, expected) in refusals {
            let file = try vector("sshsig/\(name).sig")
            #expect(code { () throws(TextProblem) in _ = try SSHSignature(parsing: file) } == "E-SIG-TYPE-\(expected)")
            let line = string(try vector("sshsig/\(name).pub"))
            #expect(code { () throws(TextProblem) in _ = try SSHPublicKey(line: line) } == "E-KEY-TYPE-\(expected)")
        }
    }

    @Test("ssh-keygen: what it signs we verify, what we sign is byte for byte the same and it verifies")
    func oracle() throws {
        let scratch = try Scratch()
        #expect(try scratch.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a@b", "-f", "key"]).status == 0)
        let file = try OpenSSHPrivateKey(parsing: scratch.read("key"))
        #expect(file.comment == "a@b")
        let line = try SSHPublicKey(line: string(scratch.read("key.pub")))
        #expect(line == .ed25519(file.key.publicKey))
        #expect(string(try scratch.read("key.pub")) == line.line + " a@b\n")
        #expect(try scratch.run("ssh-keygen", ["-l", "-f", "key.pub"]).output.contains(line.fingerprint))
        let namespace = "approval.v1@sallyport"
        try scratch.write("allowed", bytes("alice namespaces=\"\(namespace)\" \(line.line)\n"))
        var random = Seeded(state: 1)
        var names: [String] = []
        for index in 0..<50 {
            let count = Int.random(in: 0...3000, using: &random)
            let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            try scratch.write("t\(index)", text)
            names.append("t\(index)")
        }
        #expect(try scratch.run("ssh-keygen", ["-Y", "sign", "-f", "key", "-n", namespace] + names).status == 0)
        for name in names {
            let text = try scratch.read(name)
            let theirs = try scratch.read(name + ".sig")
            let ours = SSHSignature.sign(text: text, namespace: namespace, with: file.key)
            #expect(ours == theirs)
            try SSHSignature(parsing: theirs).verify(text: text, namespace: namespace, key: file.key.publicKey)
        }
        let text = try scratch.read("t7")
        try scratch.write("ours.sig", SSHSignature.sign(text: text, namespace: namespace, with: file.key))
        let check = ["-Y", "verify", "-f", "allowed", "-I", "alice", "-n", namespace, "-s", "ours.sig"]
        #expect(try scratch.run("ssh-keygen", check, input: text).status == 0)
        #expect(try scratch.run("ssh-keygen", check, input: text + [1]).status != 0)

        // SHA-256 as ssh-keygen's option writes it.
        try scratch.write("s256", text)
        let options = ["-Y", "sign", "-f", "key", "-n", namespace, "-O", "hashalg=sha256", "s256"]
        #expect(try scratch.run("ssh-keygen", options).status == 0)
        let short = try SSHSignature(parsing: scratch.read("s256.sig"))
        #expect(short.hash == .sha256)
        try short.verify(text: text, namespace: namespace, key: file.key.publicKey)
    }

    @Test func keyFiles() throws {
        let scratch = try Scratch()
        _ = try scratch.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", "locked"])
        _ = try scratch.run("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", "rsa"])
        _ = try scratch.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "good"])
        func codeOf(_ file: [UInt8]) -> String {
            code { () throws(TextProblem) in _ = try OpenSSHPrivateKey(parsing: file) }
        }
        #expect(codeOf(try scratch.read("locked")) == "E-KEYFILE-ENCRYPTED")
        #expect(codeOf(try scratch.read("rsa")) == "E-KEYFILE-TYPE-RSA")
        #expect(codeOf([]) == "E-KEYFILE-ARMOR")
        #expect(codeOf([UInt8](repeating: 0x41, count: 9000)) == "E-KEYFILE-SIZE")
        #expect(codeOf(try scratch.read("good.pub")) == "E-KEYFILE-ARMOR")

        let lines = string(try scratch.read("good")).split(separator: "\n").map(String.init)
        let blob = try #require(Base64.decode(lines[1..<(lines.count - 1)].joined()))
        func file(_ blob: [UInt8]) -> [UInt8] {
            bytes("\(lines[0])\n")
                + bytes(Base64.encode(blob).enumerated().map { $0 % 70 == 69 ? "\($1)\n" : "\($1)" }.joined())
                + bytes("\n\(lines[lines.count - 1])\n")
        }
        #expect(codeOf(file(blob)) == "accepted")
        // Offsets: 15 magic, 8+8 none, 4 options, 4 count, 4+51 public key, 4 length, then the section.
        func changed(_ offset: Int) -> [UInt8] {
            var copy = blob
            copy[offset] ^= 0xFF
            return file(copy)
        }
        #expect(codeOf(changed(0)) == "E-KEYFILE-MAGIC")
        #expect(codeOf(changed(38)) == "E-KEYFILE-COUNT")
        #expect(codeOf(changed(98)) == "E-KEYFILE-CHECK")
        #expect(codeOf(changed(blob.count - 1)) == "E-KEYFILE-PADDING")
        #expect(codeOf(changed(98 + 8 + 15 + 36 + 4)) == "E-KEYFILE-MISMATCH")
        for length in 0..<blob.count {
            #expect(codeOf(file(Array(blob.prefix(length)))) != "accepted", "\(length) bytes")
        }
    }
}
