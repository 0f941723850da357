import Foundation
import SallyportBase
import SallyportTrust
import Testing

@Suite struct Ed25519Tests {
    @Test func startUpTestPasses() { #expect(selfTest() == nil) }

    struct Point: CustomTestStringConvertible, Sendable {
        let why: String
        let hex: String
        var testDescription: String { why }
    }
    static let refused = [
        Point(why: "identity: one signature fits every message", hex: "01" + String(repeating: "00", count: 31)),
        Point(why: "order 2", hex: "ec" + String(repeating: "ff", count: 30) + "7f"),
        Point(why: "B + order 2 (CVE-2025-69277)", hex: "95" + String(repeating: "99", count: 31)),
        Point(why: "B + order 4", hex: "5252cc0a7f208133b620acbd4537eba2a4123bf0a8c2e4f980c3b31bb69765ea"),
        Point(why: "not canonical", hex: "ee" + String(repeating: "ff", count: 30) + "7f"),
        Point(why: "31 bytes", hex: String(repeating: "58", count: 31)),
        Point(why: "33 bytes", hex: String(repeating: "58", count: 33)),
        Point(why: "empty", hex: ""),
    ]
    @Test("refuses as a key", arguments: refused)
    func refuses(_ point: Point) throws { #expect(CheckedKey(try hex(point.hex)) == nil) }

    @Test func signsAndVerifiesAndNothingElseFits() throws {
        let signer = try key("one")
        let signature = signer.sign(bytes("message"))
        #expect(verifyStrict(signature: signature, message: bytes("message"), key: signer.publicKey))
        #expect(!verifyStrict(signature: signature, message: bytes("messagE"), key: signer.publicKey))
        #expect(!verifyStrict(signature: signature, message: bytes("message"), key: try key("two").publicKey))
        #expect(!verifyStrict(signature: Array(signature.dropLast()), message: bytes("message"), key: signer.publicKey))
        #expect(!verifyStrict(signature: signature + [0], message: bytes("message"), key: signer.publicKey))
        #expect(!verifyStrict(signature: [], message: [], key: signer.publicKey))
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(!verifyStrict(signature: changed, message: bytes("message"), key: signer.publicKey), "bit \(bit)")
        }
    }

    @Test func seedIsWipedAndLengthsAreChecked() throws {
        var seed = Digest.of("seed").bytes
        _ = try #require(SigningKey(wiping: &seed))
        #expect(seed == [UInt8](repeating: 0, count: 32))
        #expect(SigningKey(seed: [UInt8](repeating: 1, count: 31)) == nil)
        let made = try #require(SigningKey.generate())
        #expect(made.withSeed { SigningKey(seed: $0)?.publicKey } == made.publicKey)
    }

    @Test("Wycheproof's 151 cases as stated there", .enabled(if: vectors != nil))
    func wycheproof() throws {
        struct File: Decodable {
            struct Group: Decodable {
                struct Key: Decodable { let pk: String }
                struct Case: Decodable {
                    let tcId: Int
                    let msg: String
                    let sig: String
                    let result: String
                }
                let publicKey: Key
                let tests: [Case]
            }
            let testGroups: [Group]
        }
        let file = try JSONDecoder().decode(File.self, from: Data(try vector("wycheproof/ed25519_test.json")))
        var count = 0
        for group in file.testGroups {
            let point = CheckedKey(try hex(group.publicKey.pk))
            for test in group.tests {
                let signature = try hex(test.sig)
                let message = try hex(test.msg)
                let good = point.map { verifyStrict(signature: signature, message: message, key: $0) } ?? false
                #expect(good == (test.result == "valid"), "case \(test.tcId)")
                count += 1
            }
        }
        #expect(count == 151)
    }

    @Test("speccheck: none of the 12 is accepted", .enabled(if: vectors != nil))
    func speccheck() throws {
        struct Case: Decodable {
            let message: String
            let pub_key: String
            let signature: String
        }
        let cases = try JSONDecoder().decode([Case].self, from: Data(try vector("ed25519-speccheck/cases.json")))
        #expect(cases.count == 12)
        for (index, test) in cases.enumerated() {
            let message = try hex(test.message)
            let signature = try hex(test.signature)
            let point = CheckedKey(try hex(test.pub_key))
            let good = point.map { verifyStrict(signature: signature, message: message, key: $0) } ?? false
            #expect(!good, "case \(index)")
        }
    }
}
