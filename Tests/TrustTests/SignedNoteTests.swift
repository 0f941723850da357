import Foundation
import SallyportBase
import SallyportTrust
import Testing

@Suite struct SignedNoteTests {
    static let origin = "ledger.example/adp1"
    static let vkey = "ledger.example/adp1+869f0227+AeuKMMA4GJL6tEs4vPFc1aNy2VtoMjXdgzHQ/roqP0HB"
    static let seed = "46f202227aad9b213f8e5cbc6016118e4127c1d547db459091563f3cea256b3c"
    static let note = """
        ledger.example/adp1
        3
        ER39fMT0e8NlokMmrUhOuOHSAcD8Su9ISLoL2RzU+aQ=

        — ledger.example/adp1 hp8CJ4yrYVdFsuNrerFPreVyG9pf/0QoX44V7Jv4sqLCtbUaCxK0t3c7LEaf1DTq/69QRGiyDWA+EG0X9Se9RlpCRAM=

        """

    private func signer() throws -> NoteSigner {
        let key = try #require(SigningKey(seed: try hex(Self.seed)))
        return try #require(NoteSigner(name: Self.origin, key: key))
    }

    @Test func workedValuesAreReproduced() throws {
        let signer = try signer()
        #expect(signer.verifier.vkey == Self.vkey)
        #expect(try NoteVerifier(vkey: Self.vkey) == signer.verifier)
        let root = try #require(Digest(hex: "111dfd7cc4f47bc365a24326ad484eb8e1d201c0fc4aef4848ba0bd91cd4f9a4"))
        let checkpoint = Checkpoint(origin: Self.origin, size: 3, root: root)
        let note = try signer.sign(checkpoint.text)
        #expect(string(note.bytes) == Self.note)
        let parsed = try SignedNote(parsing: bytes(Self.note))
        #expect(parsed == note)
        #expect(try parsed.verified(by: [signer.verifier]) == [signer.verifier])
        #expect(try Checkpoint(parsing: parsed.text) == checkpoint)
        let again = try NoteSigner(skey: signer.skey)
        #expect(again.verifier == signer.verifier)
        #expect(signer.skey.hasPrefix("PRIVATE+KEY+ledger.example/adp1+869f0227+AUby"))
    }

    @Test func checkpointsHaveOneSpelling() {
        let root = "ER39fMT0e8NlokMmrUhOuOHSAcD8Su9ISLoL2RzU+aQ="
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        let cases = [
            ("a\n3\n\(root)\n", true), ("a\n0\n\(empty)\n", true), ("a\n0\n\(root)\n", false),
            ("a\n03\n\(root)\n", false), ("a\n+3\n\(root)\n", false), ("\n3\n\(root)\n", false),
            ("a b\n3\n\(root)\n", false), ("a\n3\n\(root)\nextension\n", false), ("a\n3\n\(root)", false),
            ("a\n3\n\(root.dropLast())\n", false), ("a\n3\nAAAA\n", false), ("a\n9007199254740993\n\(root)\n", false),
        ]
        for (text, good) in cases {
            let found = code { () throws(TextProblem) in _ = try Checkpoint(parsing: bytes(text)) }
            #expect(found == (good ? "accepted" : "E-CHECKPOINT"), "\(text)")
        }
    }

    @Test func notesAreStrict() throws {
        let cases: [(why: String, note: String, code: String)] = [
            ("as signed", Self.note, "accepted"),
            ("no empty line", Self.note.replacing("\n\n—", with: "\n—"), "E-NOTE-FORM"),
            ("no signature", "text\n\n", "E-NOTE-FORM"), ("empty", "", "E-NOTE-FORM"), ("LF", "\n", "E-NOTE-FORM"),
            ("no last LF", String(Self.note.dropLast()), "E-NOTE-FORM"),
            ("hyphen for the dash", Self.note.replacing("—", with: "-"), "E-NOTE-SIGNATURE"),
            ("CR", Self.note.replacing("\n", with: "\r\n"), "E-NOTE-BYTES"),
            ("plus in the name", Self.note.replacing("— ledger", with: "— led+ger"), "E-NOTE-SIGNATURE"),
            ("two spaces", Self.note.replacing("— ledger", with: "—  ledger"), "E-NOTE-SIGNATURE"),
            ("changed text", Self.note.replacing("\n3\n", with: "\n4\n"), "E-NOTE-INVALID"),
            ("changed signature", Self.note.replacing("hp8CJ4y", with: "hp8CJ4z"), "E-NOTE-INVALID"),
            ("another key id", Self.note.replacing("hp8CJ4y", with: "hp8DJ4y"), "E-NOTE-UNSIGNED"),
            ("another name", Self.note.replacing("— ledger", with: "— Ledger"), "E-NOTE-UNSIGNED"),
            ("no base64", Self.note.replacing("RAM=", with: "RAM"), "E-NOTE-SIGNATURE"),
            ("too long", String(repeating: "x", count: 70_000) + Self.note, "E-NOTE-SIZE"),
            ("an unknown signature too", Self.note + "— other AAAAAAAA\n", "accepted"),
            ("a known bad one after a good one", Self.note + "— ledger.example/adp1 hp8CJwAA\n", "E-NOTE-INVALID"),
            ("101 lines", Self.note + String(repeating: "— other AAAAAAAA\n", count: 100), "E-NOTE-SIGNATURES"),
        ]
        let known = try NoteVerifier(vkey: Self.vkey)
        for test in cases {
            let found = code { () throws(TextProblem) in
                let note = try SignedNote(parsing: bytes(test.note))
                _ = try note.verified(by: [known])
            }
            #expect(found == test.code, "\(test.why)")
        }
    }

    @Test("published notes and verifier keys", .enabled(if: vectors != nil))
    func sumdb() throws {
        struct File: Decodable {
            let verifier_keys_good: [String]
            let verifier_keys_bad: [String]
            let text: String
            let signature_lines: [String]
        }
        let file = try JSONDecoder().decode(File.self, from: Data(try vector("sumdb-note/signed-note-vectors.json")))
        let known = try file.verifier_keys_good.map { try NoteVerifier(vkey: $0) }
        for bad in file.verifier_keys_bad {
            #expect(code { () throws(TextProblem) in _ = try NoteVerifier(vkey: bad) } == "E-VKEY")
        }
        for good in file.verifier_keys_good {
            for index in good.indices {
                var shorter = good
                shorter.remove(at: index)
                #expect(code { () throws(TextProblem) in _ = try NoteVerifier(vkey: shorter) } == "E-VKEY")
                #expect(
                    code { () throws(TextProblem) in _ = try NoteVerifier(vkey: String(good[..<index])) } == "E-VKEY"
                )
            }
        }
        let note = try SignedNote(parsing: vector("sumdb-note/two-signatures.note"))
        #expect(string(note.text) == file.text)
        #expect(try note.verified(by: known) == known)
        #expect(try note.verified(by: [known[1]]) == [known[1]])
        let first = file.signature_lines[0] + "\n"
        let twice = try SignedNote(parsing: bytes(file.text + "\n" + first + first))
        #expect(try twice.verified(by: known) == [known[0]])
    }

    @Test("the worked ledger's checkpoints", .enabled(if: vectors != nil))
    func ledgerVectors() throws {
        let known = try NoteVerifier(vkey: string(try vector("ledger/v/log.vkey")).trimmingCharacters(in: .newlines))
        for name in ["checkpoint", "cp2"] {
            let file = try vector("ledger/v/\(name)")
            let note = try SignedNote(parsing: file)
            #expect(note.bytes == file)
            #expect(try note.verified(by: [known]) == [known])
            let checkpoint = try Checkpoint(parsing: note.text)
            #expect(checkpoint.text == note.text)
        }
    }
}
