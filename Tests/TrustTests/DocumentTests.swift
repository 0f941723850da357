import SallyportBase
import SallyportTrust
import Testing

@Suite struct DocumentTests {
    private func approval(_ signatures: [[UInt8]], at day: Timestamp = Samples.day) throws -> [String] {
        try approval(Samples.approval, signatures, at: day)
    }

    private func approval(
        _ text: String,
        _ signatures: [[UInt8]],
        at day: Timestamp = Samples.day
    ) throws -> [String] {
        codes(checkApproval(bytes(text), signatures: signatures, keyring: try Samples.installedKeyring(), at: day))
    }

    @Test func aGoodApprovalIsVerified() throws {
        let signature = try Samples.sign(Samples.approval, .approval, "alice")
        let keyring = try Samples.installedKeyring()
        let value = try verified(
            checkApproval(bytes(Samples.approval), signatures: [signature], keyring: keyring, at: Samples.day)
        )
        #expect(value.person == "alice")
        #expect(value.keyID == "alice/1")
        #expect(value.proofs.map(\.roles) == [[.reviewer, .security]])
        #expect(value.textDigest == Digest.of(Samples.approval))
        #expect(value.signatureDigest == Digest.of(signature))
        #expect(value.text == bytes(Samples.approval))
        #expect(value.payload.request.number == 1884)
    }

    @Test func everyReasonHasItsCode() throws {
        let text = Samples.approval
        let good = try Samples.sign(text, .approval, "alice")
        #expect(try approval([]) == ["unsigned"])
        #expect(try approval([good]) == ["verified"])
        #expect(try approval([bytes("junk"), good]) == ["verified"])
        #expect(try approval([bytes("junk"), bytes("-----BEGIN PGP")]) == ["E-SIG-TYPE-UNKNOWN", "E-SIG-TYPE-PGP"])
        #expect(try approval([try Samples.sign(text, .order, "alice")]) == ["E-SIG-NAMESPACE"])
        #expect(try approval([try Samples.sign(text + " ", .approval, "alice")]) == ["E-SIG-INVALID"])
        #expect(try approval([try Samples.sign(text, .approval, "nobody")]) == ["E-KEY-UNKNOWN"])
        #expect(try approval([try Samples.sign(text, .approval, "carol")]) == ["E-PERSON-MISMATCH"])
        #expect(try approval([try Samples.sign(text, .approval, "alice-2")]) == ["E-KEY-SCOPE"])
        #expect(try approval([try Samples.sign(text, .approval, "root-carol")]) == ["E-KEY-ROLE"])
        #expect(try approval([good], at: at("2025-12-31T23:59:59Z")) == ["E-KEY-NOT-YET"])
        #expect(try approval([good], at: at("2026-01-01T00:00:00Z")) == ["verified"])
        #expect(try approval([good], at: at("2026-12-31T23:59:59Z")) == ["verified"])
        #expect(try approval([good], at: at("2027-01-01T00:00:00Z")) == ["E-KEY-EXPIRED"])
        let mallory = text.replacing("reviewer: alice", with: "reviewer: mallory")
        let revoked = try Samples.sign(mallory, .approval, "mallory")
        #expect(try approval(mallory, [revoked]) == ["E-KEY-REVOKED"])
        #expect(try approval(mallory, [revoked], at: at("2026-09-30T00:00:00Z")) == ["E-KEY-REVOKED"])
        #expect(try approval(mallory, [revoked], at: at("2026-09-29T23:59:59Z")) == ["verified"])
        let dave = text.replacing("reviewer: alice", with: "reviewer: dave")
        #expect(try approval(dave, [try Samples.sign(dave, .approval, "dave")]) == ["E-KEY-ROLE"])
        let changed = text.replacing("issue: 1", with: "issue: x")
        #expect(try approval(changed, [try Samples.sign(changed, .approval, "alice")]) == ["E-GRAMMAR-VALUE"])
        #expect(try approval([[UInt8]](repeating: bytes("junk"), count: 8) + [good]).count == 8)
    }

    @Test("a minisign signature by a real key stands for its person")
    func minisign() throws {
        let scratch = try Scratch()
        _ = try scratch.run("minisign", ["-G", "-W", "-p", "k.pub", "-s", "k.key"])
        let key = try MinisignPublicKey(file: scratch.read("k.pub"))
        let text = try Samples.keyring().replacing(MinisignTests.publicKey, with: key.base64)
        let signatures = try [Samples.sign(text, .keyring, "root-carol"), Samples.sign(text, .keyring, "root-erin")]
        let keyring = try verified(
            checkKeyring(bytes(text), signatures: signatures, after: nil, pin: Digest.of(text), at: Samples.day)
        )
        let mine = Samples.approval.replacing("reviewer: alice", with: "reviewer: bob")
        try scratch.write("t", bytes(mine))
        _ = try scratch.run("minisign", ["-S", "-s", "k.key", "-m", "t"])
        let value = try verified(
            checkApproval(bytes(mine), signatures: [scratch.read("t.minisig")], keyring: keyring, at: Samples.day)
        )
        #expect(value.keyID == "bob/1")
        #expect(value.proofs.map(\.scheme) == [.minisign])
    }

    @Test func ordersAndTickets() throws {
        let keyring = try Samples.installedKeyring()
        func order(_ text: String, _ name: String) throws -> [String] {
            codes(
                checkOrder(
                    bytes(text),
                    signatures: [try Samples.sign(text, .order, name)],
                    keyring: keyring,
                    at: Samples.day
                )
            )
        }
        func ticket(_ text: String, _ name: String) throws -> [String] {
            codes(
                checkTicket(
                    bytes(text),
                    signatures: [try Samples.sign(text, .ticket, name)],
                    keyring: keyring,
                    at: Samples.day
                )
            )
        }
        #expect(try order(Samples.order, "carol") == ["verified"])
        #expect(try order(Samples.liftHold, "carol") == ["verified"])
        #expect(
            try order(Samples.order.replacing("operator: carol", with: "operator: alice"), "alice") == ["E-KEY-ROLE"]
        )
        #expect(
            try order(Samples.order.replacing("environment: production", with: "environment: lab"), "carol") == [
                "E-KEY-SCOPE"
            ]
        )
        #expect(try ticket(Samples.ticket, "dave") == ["verified"])
        #expect(try ticket(Samples.ticket, "carol") == ["E-PERSON-MISMATCH"])
        let annotate = Samples.order.replacing("order: rollback", with: "order: annotate").replacing(
            "operator: carol",
            with: "operator: dave"
        )
        .replacing("from: 1.5.0-r1884\nto: last-good", with: "request: r7")
        #expect(try order(annotate, "dave") == ["verified"])
    }

    @Test("mutated input is refused, never trapped on")
    func mutations() throws {
        let keyring = try Samples.installedKeyring()
        let signer = try #require(NoteSigner(name: "a", key: key("note")))
        let texts = [
            Samples.approval, Samples.rejection, Samples.order, Samples.liftHold, Samples.ticket, Samples.policy,
            try Samples.keyring(), SignedNoteTests.note,
        ].map(bytes)
        let signature = try Samples.sign(Samples.approval, .approval, "alice")
        let files = [
            signature, MinisignTests.good, signer.verifier.vkey.utf8.map { $0 },
            try Samples.line("alice").utf8.map { $0 },
        ]
        var random = Seeded(state: 5)
        func mutated(_ original: [UInt8]) -> [UInt8] {
            var out = original
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<max(out.count, 1), using: &random)
                switch Int.random(in: 0...6, using: &random) {
                case 0 where !out.isEmpty: out[place] = UInt8.random(in: 0...255, using: &random)
                case 1 where !out.isEmpty: out[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                case 2: out.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: min(place, out.count))
                case 3 where !out.isEmpty: out.remove(at: place)
                case 4: out = Array(out.prefix(place))
                case 5: out.insert(contentsOf: out.dropFirst(place).prefix(40), at: min(place, out.count))
                default: out.insert(contentsOf: [0x20, 0x0A, 0x2F, 0x3D], at: min(place, out.count))
                }
            }
            return out
        }
        var refused = 0
        for _ in 0..<4000 {
            let text = mutated(texts.randomElement(using: &random) ?? [])
            let file = mutated(files.randomElement(using: &random) ?? [])
            if textProblems(text) != nil { refused += 1 }
            _ = splitCombined(text)
            let words = string(file)
            _ = code { () throws(TextProblem) in _ = try SignatureEnvelope(parsing: file) }
            _ = code { () throws(TextProblem) in _ = try OpenSSHPrivateKey(parsing: file) }
            _ = code { () throws(TextProblem) in _ = try SSHPublicKey(line: words) }
            _ = code { () throws(TextProblem) in _ = try NoteVerifier(vkey: words) }
            _ = code { () throws(TextProblem) in _ = try NoteSigner(skey: words) }
            _ = code { () throws(TextProblem) in _ = try SignedNote(parsing: text) }
            _ = code { () throws(TextProblem) in _ = try Checkpoint(parsing: text) }
            _ = code { () throws(TextProblem) in _ = try MinisignPublicKey(file: file) }
            if file != signature {
                let check = checkApproval(
                    bytes(Samples.approval),
                    signatures: [file],
                    keyring: keyring,
                    at: Samples.day
                )
                if case .verified(let value) = check {
                    // Another wrapping of the base64 is another file, not another signature.
                    let original = try SSHSignature(parsing: signature)
                    #expect(try SSHSignature(parsing: value.signature) == original)
                }
            }
            for kind in [Samples.order, Samples.policy] where text == bytes(kind) { refused += 1 }
            _ = checkOrder(text, signatures: [file], keyring: keyring, at: Samples.day)
            _ = checkTicket(text, signatures: [file], keyring: keyring, at: Samples.day)
            _ = checkKeyring(text, signatures: [file], after: keyring, pin: .zero, at: Samples.day)
            _ = checkPolicy(text, signatures: [file], keyring: keyring, after: nil, at: Samples.day)
        }
        #expect(refused > 3000)
    }
}
