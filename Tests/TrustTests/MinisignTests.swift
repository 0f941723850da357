import SallyportBase
import SallyportTrust
import Testing

@Suite struct MinisignTests {
    static let text = bytes("test")
    static let publicKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
    static let good = bytes(
        """
        untrusted comment: signature from minisign secret key
        RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
        trusted comment: timestamp:1635443258\tfile:test\thashed
        /cj37GK60vryibFn+ftOgbCvW9NKhKYgjVpFFQUcWPAnjO23wrvVDTt7cloNC06maoBli9q6qwZDXXoaxweICQ==

        """
    )

    @Test func publishedVectorVerifies() throws {
        let key = try MinisignPublicKey(base64: Self.publicKey)
        #expect(key.base64 == Self.publicKey)
        #expect(key.printedNumber == "E7620F1842B4E81F")
        let signature = try MinisignSignature(parsing: Self.good)
        try signature.verify(text: Self.text, key: key)
        #expect(signature.trustedComment == "timestamp:1635443258\tfile:test\thashed")
    }

    @Test func eachFaultHasItsCode() throws {
        let key = try MinisignPublicKey(base64: Self.publicKey)
        let file = string(Self.good)
        let cases: [(why: String, file: String, code: String)] = [
            ("as signed", file, "accepted"),
            ("legacy: its algorithm bytes are not signed", file.replacing("\nRUQ", with: "\nRWQ"), "E-SIG-LEGACY"),
            ("no algorithm that exists", file.replacing("\nRUQ", with: "\nRVQ"), "E-SIG-TYPE-UNKNOWN"),
            ("another key number", file.replacing("\nRUQf6L", with: "\nRUQf7L"), "E-SIG-KEY-OTHER"),
            ("a fifth line", file + "x\n", "E-SIG-LINES"),
            ("three lines", String(file.dropLast(89)), "E-SIG-LINES"),
            ("no LF at the end", String(file.dropLast()), "E-SIG-LINES"),
            ("changed comment", file.replacing("file:test", with: "file:tesT"), "E-SIG-COMMENT-INVALID"),
            ("ESC in the comment", file.replacing("file:", with: "\u{1B}[2J"), "E-SIG-COMMENT"),
            ("another untrusted comment: not signed, not shown", file.replacing("from", with: "FROM"), "accepted"),
            ("other first words", file.replacing("untrusted comment", with: "Untrusted comment"), "E-SIG-LINES"),
            ("other third words", file.replacing("\ntrusted comment", with: "\nTrusted comment"), "E-SIG-LINES"),
            ("CR", file.replacing("\n", with: "\r\n"), "E-SIG-CR"),
            ("no padding", file.replacing("Zwo=", with: "Zwo"), "E-SIG-BASE64"),
            ("a byte less", file.replacing("LzZwo=", with: "LzZw=="), "E-SIG-LENGTH"),
            ("too long", file + String(repeating: "x", count: 16 << 10), "E-SIG-SIZE"),
        ]
        for test in cases {
            let found = code { () throws(TextProblem) in
                try MinisignSignature(parsing: bytes(test.file)).verify(text: Self.text, key: key)
            }
            #expect(found == test.code, "\(test.why)")
        }
        let other = code { () throws(TextProblem) in
            try MinisignSignature(parsing: Self.good).verify(text: bytes("tesT"), key: key)
        }
        #expect(other == "E-SIG-INVALID")
    }

    @Test("files of go-minisign: prehashed good, legacy refused by name", .enabled(if: vectors != nil))
    func vectorFiles() throws {
        let key = try MinisignPublicKey(file: vector("minisign/test.pub"))
        let text = try vector("minisign/test")
        try MinisignSignature(parsing: vector("minisign/test.hashed.minisig")).verify(text: text, key: key)
        let legacy = try vector("minisign/test.legacy.minisig")
        #expect(code { () throws(TextProblem) in _ = try MinisignSignature(parsing: legacy) } == "E-SIG-LEGACY")
    }

    @Test("minisign itself: what it signs we verify; its legacy mode is refused")
    func oracle() throws {
        let scratch = try Scratch()
        #expect(try scratch.run("minisign", ["-G", "-W", "-p", "k.pub", "-s", "k.key"]).status == 0)
        let key = try MinisignPublicKey(file: scratch.read("k.pub"))
        var random = Seeded(state: 2)
        var names: [String] = []
        for index in 0..<50 {
            let count = Int.random(in: 1...2000, using: &random)
            try scratch.write("t\(index)", (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            names.append("t\(index)")
        }
        #expect(try scratch.run("minisign", ["-S", "-s", "k.key", "-t", "a b", "-m"] + names).status == 0)
        for name in names {
            let text = try scratch.read(name)
            let signature = try MinisignSignature(parsing: scratch.read(name + ".minisig"))
            try signature.verify(text: text, key: key)
            #expect(signature.trustedComment == "a b")
            let changed = code { () throws(TextProblem) in try signature.verify(text: text + [0], key: key) }
            #expect(changed == "E-SIG-INVALID")
        }
        _ = try scratch.run("minisign", ["-S", "-l", "-s", "k.key", "-m", "t0"])
        let legacy = try scratch.read("t0.minisig")
        #expect(code { () throws(TextProblem) in _ = try MinisignSignature(parsing: legacy) } == "E-SIG-LEGACY")
    }

    @Test func otherEnvelopesAreRefusedByName() {
        let comment = "untrusted comment: verify with a.pub\n"
        let cases = [
            ("-----BEGIN PGP SIGNATURE-----\n", "PGP"), ("-----BEGIN PKCS7-----\n", "X509"),
            ("{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[]}", "DSSE"), ("{\"a\":1}", "JSON"),
            ("eyJhbGciOiJFZERTQSJ9.e30.x", "JWS"), ("ssh-ed25519 AAAA", "KEY"), ("", "UNKNOWN"), ("hello", "UNKNOWN"),
            (comment + "RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaV\n", "SIGNIFY"),
        ]
        for (file, expected) in cases {
            let found = code { () throws(TextProblem) in _ = try SignatureEnvelope(parsing: bytes(file)) }
            #expect(found == "E-SIG-TYPE-\(expected)", "\(file)")
        }
        #expect(code { () throws(TextProblem) in _ = try SignatureEnvelope(parsing: [0x88, 1]) } == "E-SIG-TYPE-PGP")
    }
}
