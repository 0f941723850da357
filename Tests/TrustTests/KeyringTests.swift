import SallyportBase
import SallyportTrust
import Testing

@Suite struct KeyringTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        let why: String
        let codes: [String]
        let change: @Sendable (String) throws -> String
        init(_ why: String, _ codes: [String], _ change: @escaping @Sendable (String) throws -> String) {
            self.why = why
            self.codes = codes
            self.change = change
        }
        var testDescription: String { why }
    }

    static let identity = "AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    static let faults: [Fault] = [
        Fault("threshold 0", ["E-GRAMMAR-VALUE"]) { $0.replacing("root-threshold: 2", with: "root-threshold: 0") },
        Fault("threshold above the people", ["E-KEYRING-THRESHOLD"]) {
            $0.replacing("root-threshold: 2", with: "root-threshold: 3")
        },
        Fault("no root at all", ["E-GRAMMAR-MISSING"]) {
            let lines = $0.split(separator: "\n").filter { !$0.hasPrefix("root: ") }
            return lines.joined(separator: "\n") + "\n"
        },
        Fault("a root person twice", ["E-KEYRING-PERSON"]) { $0.replacing("root: erin", with: "root: carol") },
        Fault("one key for two root people", ["E-KEYRING-POINT"]) {
            $0.replacing(try Samples.line("root-erin"), with: try Samples.line("root-carol"))
        },
        Fault("a root key with another role", ["E-KEYRING-POINT"]) {
            $0.replacing(try Samples.line("dave"), with: try Samples.line("root-carol"))
        },
        Fault("role root in a key line", ["E-KEYRING-ROLE"]) {
            $0.replacing("roles=operator", with: "roles=operator,root")
        },
        Fault("one key for two people", ["E-KEYRING-POINT"]) {
            $0.replacing(try Samples.line("dave"), with: try Samples.line("alice"))
        },
        Fault("the same point in both schemes", ["E-KEYRING-POINT"]) {
            let point = try MinisignPublicKey(base64: MinisignTests.publicKey).key
            return $0.replacing(try Samples.line("dave"), with: SSHPublicKey.ed25519(point).line)
        },
        Fault("the identity as key", ["E-KEY-POINT"]) {
            $0.replacing(try Samples.line("dave"), with: "ssh-ed25519 \(identity)")
        },
        Fault("RSA", ["E-KEY-TYPE-RSA"]) {
            $0.replacing(try Samples.line("dave"), with: "ssh-rsa AAAAB3NzaC1yc2EAAAAA")
        },
        Fault("a key id twice", ["E-KEYRING-KEY-ID"]) { $0.replacing("key: alice/2", with: "key: alice/1") },
        Fault("a key of nobody", ["E-KEYRING-PERSON"]) { $0.replacing("person: bob\n", with: "") },
        Fault("a person twice", ["E-KEYRING-PERSON"]) {
            $0.replacing("person: bob\n", with: "person: bob\nperson: bob\n")
        },
        Fault("a reserved person", ["E-KEYRING-PERSON"]) {
            $0.replacing("person: bob\n", with: "person: bob\nperson: unknown\n")
        },
        Fault("an unknown role", ["E-GRAMMAR-VALUE"]) { $0.replacing("roles=operator ", with: "roles=admin ") },
        Fault("a role twice", ["E-GRAMMAR-VALUE"]) {
            $0.replacing("roles=operator ", with: "roles=operator,operator ")
        },
        Fault("no role", ["E-GRAMMAR-VALUE"]) { $0.replacing("roles=operator ", with: "roles= ") },
        Fault("star among names", ["E-GRAMMAR-VALUE"]) {
            $0.replacing("env=staging,production", with: "env=staging,*")
        },
        Fault("until before from", ["E-KEYRING-VALIDITY"]) {
            $0.replacing("carol/1 ", with: "carol/1 ").replacing(
                "env=staging,production tenant=* agent=* from=2026",
                with: "env=staging,production tenant=* agent=* from=2028"
            )
        },
        Fault("verify-required on a key without", ["E-GRAMMAR-VALUE"]) {
            $0.replacing(
                "root: erin sshsig \(try Samples.line("root-erin"))",
                with: "root: erin sshsig \(try Samples.line("root-erin")) verify-required"
            )
        },
        Fault("a uid twice", ["E-KEYRING-UID"]) { $0.replacing("revoked:", with: "submitter-uid: bob 1007\nrevoked:") },
        Fault("a uid of nobody", ["E-KEYRING-PERSON"]) { $0.replacing("uid: dave", with: "uid: zoe") },
        Fault("revoked twice", ["E-KEYRING-REVOCATION"]) {
            $0.replacing("end\n", with: "revoked: mallory/1 2026-10-20T00:00:00Z lost\nend\n")
        },
        Fault("since without compromised", ["E-GRAMMAR-VALUE"]) {
            $0.replacing("compromised since", with: "retired since")
        },
        Fault("since after the revocation", ["E-GRAMMAR-VALUE"]) {
            $0.replacing("since=2026-09", with: "since=2026-11")
        },
        Fault("version 1 with a previous", ["E-KEYRING-PREVIOUS"]) {
            $0.replacing("previous: none", with: "previous: \(Samples.block)")
        },
        Fault("a damaged vkey", ["E-VKEY"]) { $0.replacing("869f0227", with: "869f0228") },
        Fault("a missing field", ["E-GRAMMAR-VALUE"]) {
            $0.replacing(" tenant=* agent=inv* from", with: " agent=inv* from")
        },
    ]

    @Test("load rules, each with its code", arguments: faults)
    func refuses(_ fault: Fault) throws {
        let good = try Samples.keyring()
        let text = try fault.change(good)
        #expect(text != good)
        let found = Set(codes(Keyring.unverified(bytes(text))))
        #expect(found == Set(fault.codes))
        // A junk candidate is refused the same way, whoever signed it.
        let signatures = try [Samples.sign(text, .keyring, "root-carol"), Samples.sign(text, .keyring, "root-erin")]
        let check = checkKeyring(bytes(text), signatures: signatures, after: nil, pin: Digest.of(text), at: Samples.day)
        #expect(Set(codes(check)) == Set(fault.codes))
    }

    @Test func firstVersionIsThePinnedOneAndSignedByItsThreshold() throws {
        let text = try Samples.keyring()
        let pin = Digest.of(text)
        let carol = try Samples.sign(text, .keyring, "root-carol")
        let erin = try Samples.sign(text, .keyring, "root-erin")
        func check(_ signatures: [[UInt8]], pin: Digest, at day: Timestamp = Samples.day) -> [String] {
            codes(checkKeyring(bytes(text), signatures: signatures, after: nil, pin: pin, at: day))
        }
        #expect(check([carol, erin], pin: pin) == ["verified"])
        #expect(check([carol, erin], pin: .zero) == ["E-KEYRING-PIN"])
        #expect(check([], pin: pin) == ["unsigned"])
        #expect(check([carol], pin: pin) == ["waiting carol of 2"])
        #expect(check([carol, carol], pin: pin) == ["waiting carol of 2"])
        #expect(check([carol, bytes("junk")], pin: pin) == ["waiting carol of 2"])
        #expect(check([bytes("junk")], pin: pin) == ["E-SIG-TYPE-UNKNOWN"])
        #expect(check([try Samples.sign(text, .keyring, "alice")], pin: pin) == ["E-KEY-UNKNOWN"])
        #expect(check([try Samples.sign(text, .policy, "root-carol")], pin: pin) == ["E-SIG-NAMESPACE"])
        #expect(check([try Samples.sign(text + "x", .keyring, "root-carol")], pin: pin) == ["E-SIG-INVALID"])
        #expect(check([carol, erin], pin: pin, at: at("2027-06-01T00:00:00Z")) == ["E-KEYRING-EXPIRED"])
        let keyring = try Samples.installedKeyring()
        #expect(keyring.proofs.map(\.person) == ["carol", "erin"])
        #expect(keyring.proofs.map(\.keyID) == ["carol/root", "erin/root"])
        #expect(keyring.textDigest == pin)
    }

    @Test func demoKeysLiveSevenDays() throws {
        let text = try Samples.keyring().replacing(
            "expires: 2027-06-01T00:00:00Z",
            with: "expires: 2026-11-28T12:00:00Z\ndemo: yes"
        )
        func check(_ day: String) throws -> [String] {
            let signatures = try [
                Samples.sign(text, .keyring, "root-carol"), Samples.sign(text, .keyring, "root-erin"),
            ]
            return codes(
                checkKeyring(bytes(text), signatures: signatures, after: nil, pin: Digest.of(text), at: at(day))
            )
        }
        #expect(try check("2026-11-21T12:00:00Z") == ["verified"])
        #expect(try check("2026-11-21T11:59:59Z") == ["E-KEYRING-DEMO"])
    }

    @Test func chainGoesForwardByOneAndByBothThresholds() throws {
        let first = try Samples.installedKeyring()
        let link = first.textDigest.tagged
        func check(_ text: String, _ signers: [String]) throws -> [String] {
            let signatures = try signers.map { try Samples.sign(text, .keyring, $0) }
            return codes(checkKeyring(bytes(text), signatures: signatures, after: first, pin: .zero, at: Samples.day))
        }
        let both = ["root-carol", "root-erin"]
        let next = try Samples.keyring(version: 2, previous: link)
        #expect(try check(next, both) == ["verified"])
        #expect(try check(next, ["root-erin"]) == ["waiting erin of 2"])
        #expect(try check(try Samples.keyring(version: 3, previous: link), both) == ["E-KEYRING-VERSION"])
        #expect(try check(try Samples.keyring(version: 4_294_967_296, previous: link), both) == ["E-KEYRING-VERSION"])
        #expect(try check(try Samples.keyring(version: 2, previous: Samples.block), both) == ["E-KEYRING-PREVIOUS"])
        // The old file put back.
        #expect(try check(try Samples.keyring(), both) == ["E-KEYRING-VERSION", "E-KEYRING-PREVIOUS"])
        let otherPipeline = next.replacing(Samples.pipeline, with: String(Samples.pipeline.reversed()))
        #expect(try check(otherPipeline, both) == ["E-KEYRING-PIPELINE"])

        // New root people alone do not install themselves, and old ones alone not either.
        let swapped = next.replacing(
            "root: erin sshsig \(try Samples.line("root-erin"))",
            with: "root: zoe sshsig \(try Samples.line("root-zoe"))"
        )
        #expect(try check(swapped, ["root-carol", "root-zoe"]) == ["waiting carol of 2"])
        #expect(try check(swapped, both) == ["waiting carol of 2"])
        #expect(try check(swapped, ["root-carol", "root-erin", "root-zoe"]) == ["verified"])
        // A lower threshold takes the old one's people.
        let lower = next.replacing("root-threshold: 2", with: "root-threshold: 1")
        #expect(try check(lower, ["root-carol"]) == ["waiting carol of 2"])
        #expect(try check(lower, both) == ["verified"])

        let gone = next.replacing(
            "revoked: mallory/1 2026-10-20T00:00:00Z compromised since=2026-09-30T00:00:00Z\n",
            with: ""
        )
        #expect(try check(gone, both) == ["E-KEYRING-REVOCATION"])
        let milder = next.replacing("compromised since=2026-09-30T00:00:00Z", with: "retired")
        #expect(try check(milder, both) == ["E-KEYRING-REVOCATION"])
        let harder = next.replacing("compromised since=2026-09-30T00:00:00Z", with: "compromised")
        #expect(try check(harder, both) == ["verified"])
        let reused = next.replacing(try Samples.line("dave"), with: try Samples.line("dave-new"))
        #expect(try check(reused, both) == ["E-KEYRING-ID-REUSED"])
        let moved = next.replacing("key: dave/1", with: "key: dave/2")
        #expect(try check(moved, both) == ["E-KEYRING-POINT-REUSED"])
    }

    @Test("ids and keys that left the keyring do not come back under another name")
    func historyReachesBeyondOneVersion() throws {
        let first = try Samples.installedKeyring()
        let signers = ["root-carol", "root-erin"]
        func install(_ text: String, after old: Verified<Keyring>) throws -> DocumentCheck<Keyring> {
            let signatures = try signers.map { try Samples.sign(text, .keyring, $0) }
            return checkKeyring(bytes(text), signatures: signatures, after: old, pin: .zero, at: Samples.day)
        }
        let without =
            try Samples.keyring(version: 2, previous: first.textDigest.tagged).split(separator: "\n")
            .filter { !$0.hasPrefix("key: alice/2") && !$0.hasPrefix("key: mallory/1") }.joined(separator: "\n") + "\n"
        let second = try verified(install(without, after: first))
        let third = try Samples.keyring(version: 3, previous: second.textDigest.tagged)
        #expect(codes(try install(third, after: second)) == ["E-KEYRING-ID-REUSED"])  // mallory/1 was revoked and gone
        let newName = third.replacing("key: mallory/1", with: "key: mallory/2")
        #expect(codes(try install(newName, after: second)) == ["E-KEYRING-POINT-REUSED"])
        let newKey = third.replacing(try Samples.line("mallory"), with: try Samples.line("mallory-2"))
            .replacing("key: alice/2", with: "key: alice/3")
        #expect(Set(codes(try install(newKey, after: second))) == ["E-KEYRING-ID-REUSED", "E-KEYRING-POINT-REUSED"])
    }

    @Test func rolesComeThroughValidKeysInScope() throws {
        let keyring = try Samples.installedKeyring().payload
        func roles(_ person: String, _ environment: String, _ agent: String, _ day: Timestamp = Samples.day) -> Set<
            Role
        > {
            keyring.roles(of: person, environment: environment, tenant: "emea", agent: agent, at: day)
        }
        #expect(roles("alice", "production", "x") == [.reviewer, .security])
        #expect(roles("bob", "production", "invoice") == [.reviewer])
        #expect(roles("bob", "production", "other") == [])
        #expect(roles("carol", "production", "x") == [.operator])
        #expect(roles("carol", "test", "x") == [])
        #expect(roles("mallory", "production", "x") == [])
        #expect(roles("mallory", "production", "x", at("2026-09-29T23:59:59Z")) == [.reviewer, .operator])
        #expect(roles("alice", "production", "x", at("2027-01-01T00:00:00Z")) == [])
        #expect(roles("erin", "production", "x") == [])
        #expect(
            keyring.roles(ofKey: "alice/2", environment: "production", tenant: "a", agent: "x", at: Samples.day) == []
        )
        #expect(
            keyring.roles(ofKey: "alice/2", environment: "staging", tenant: "a", agent: "x", at: Samples.day) == [
                .reviewer
            ]
        )
        #expect(keyring.person(forUID: 1007) == "dave")
        #expect(keyring.person(forUID: 0) == nil)
        #expect(keyring.people == ["alice", "bob", "carol", "dave", "mallory", "erin"])
        #expect(keyring.standing(of: "nobody/1", arrivedAt: Samples.day) == .unknown)
    }

    @Test("the exported allowed_signers file satisfies ssh-keygen")
    func allowedSigners() throws {
        let keyring = try Samples.installedKeyring().payload
        let scratch = try Scratch()
        try scratch.write("allowed", bytes(keyring.allowedSigners()))
        try scratch.write("sig", try Samples.sign(Samples.approval, .approval, "alice"))
        func verify(_ person: String, _ namespace: String, _ time: String) throws -> Int32 {
            try scratch.run(
                "ssh-keygen",
                ["-Y", "verify", "-f", "allowed", "-I", person, "-n", namespace, "-s", "sig", "-Overify-time=\(time)"],
                input: bytes(Samples.approval)
            ).status
        }
        #expect(try verify("alice", "approval.v1@sallyport", "20261121120000Z") == 0)
        #expect(try verify("alice", "approval.v1@sallyport", "20270101000001Z") != 0)
        #expect(try verify("bob", "approval.v1@sallyport", "20261121120000Z") != 0)
        #expect(try verify("alice", "order.v1@sallyport", "20261121120000Z") != 0)
        #expect(!keyring.allowedSigners().contains("mallory"))
    }
}
