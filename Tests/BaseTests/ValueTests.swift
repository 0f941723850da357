import Foundation
import SallyportBase
import Testing

@Suite("values")
struct ValueTests {
    @Test("SHA-256 in one go and in pieces, and one spelling of a digest")
    func digest() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Digest.of("abc").hex == abc)
        var hasher = SHA256()
        hasher.update(byte: 0x61)
        let early = hasher
        hasher.update(Array("bc".utf8))
        #expect(hasher.finish().hex == abc)
        #expect(early.finish() == Digest.of("a"))
        #expect(Digest(hex: abc)?.tagged == "sha256:" + abc)
        #expect(Digest(tagged: "sha256:" + abc) == Digest.of("abc"))
        for bad in [abc.uppercased(), String(abc.dropLast()), abc + "0", abc + "\n", "sha256:" + abc, ""] {
            #expect(Digest(hex: bad) == nil)
        }
        #expect(Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(Digest.of("a") < Digest.of("abc") || Digest.of("abc") < Digest.of("a"))
    }

    @Test(
        "base64 has one spelling",
        arguments: ["Zm9", "Zm9v\n", "Zm9=", "Zm9v=", " Zm9v", "Zg=", "Zh==", "Z-_v", "===="]
    )
    func base64(_ bad: String) {
        #expect(Base64.decode(bad) == nil)
    }

    @Test("base64 of RFC 4648")
    func base64Good() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
        }
    }

    struct Name: CustomTestStringConvertible, Sendable {
        let text: String
        let isName: Bool
        let isAgent: Bool
        var testDescription: String { text }
    }

    @Test(
        "names of people and agents",
        arguments: [
            Name(text: "alice", isName: true, isAgent: true), Name(text: "a.b_c-d", isName: true, isAgent: false),
            Name(text: "none", isName: true, isAgent: false), Name(text: "unknown", isName: true, isAgent: false),
            Name(text: "a-", isName: true, isAgent: false), Name(text: "-a", isName: false, isAgent: false),
            Name(text: ".a", isName: false, isAgent: false), Name(text: "Alice", isName: false, isAgent: false),
            Name(text: "", isName: false, isAgent: false), Name(text: "a/b", isName: false, isAgent: false),
            Name(text: "..", isName: false, isAgent: false), Name(text: "é", isName: false, isAgent: false),
            Name(text: String(repeating: "a", count: 64), isName: true, isAgent: false),
            Name(text: String(repeating: "a", count: 65), isName: false, isAgent: false),
        ]
    )
    func names(_ example: Name) {
        #expect(Names.isName(example.text) == example.isName)
        #expect(Names.isAgent(example.text) == example.isAgent)
    }

    @Test("request ids have no leading zeros")
    func requests() {
        #expect(Names.requestNumber("r1884") == 1884)
        for bad in ["r01", "1884", "r", "R1", "r-1", "r1 ", "r99999999999999999999"] {
            #expect(Names.requestNumber(bad) == nil)
        }
    }

    @Test("precedence of SemVer §11, each lower than the next")
    func precedence() throws {
        let rising = [
            "0.9.9", "1.0.0-0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
            "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0", "10.0.0",
            "99999999999999999999.0.0",
        ]
        let versions = try rising.map { try #require(SemanticVersion($0)) }
        for (i, a) in versions.enumerated() {
            for (j, b) in versions.enumerated() { #expect((a < b) == (i < j)) }
        }
        for bad in [
            "1", "1.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "v1.0.0", "1.0.0 ", "1.0.0-a..b", "1.0.0+a+b",
        ] {
            #expect(SemanticVersion(bad) == nil, "\(bad)")
        }
        #expect(SemanticVersion("1.0.0+build.5-7") != nil)
        #expect(SemanticVersion("1.0.0-" + String(repeating: "a", count: 43)) == nil)
    }

    @Test("text from outside cannot steer a terminal")
    func escapes() {
        #expect(shown("a\u{1B}[31mb\u{202E}c\u{200B}d\n") == "a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{a}")
        #expect(shown("Grüße 漢字") == "Grüße 漢字")
        #expect(percentEncoded(Array("a b/ü%".utf8)) == "a%20b%2F%C3%BC%25")
    }
}

@Suite("strict JSON")
struct JSONTests {
    @Test(
        "refuses what two readers could read differently",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"a":1,}"#, "[1,]", "1.0", "1e3", "01", "9007199254740992",
            "-9007199254740992", #""\u0000""#, "\"\u{1}\"", #""\ud800""#, "\u{FEFF}{}", "{} {}", "1\u{0}",
            "{}\u{0} junk", "", "nul",
            "[NaN]", #"{"a" 1}"#,
        ]
    )
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(Array(text.utf8), limit: 1000) }
    }

    @Test("limits of size and depth come before the parser")
    func limits() {
        #expect(throws: JSONError("longer than 2 bytes")) { try JSON.parse(Array("[1]".utf8), limit: 2) }
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(throws: JSONError("nested deeper than 32", line: 1)) { try JSON.parse(Array(deep.utf8), limit: 1000) }
        #expect(throws: Never.self) {
            try JSON.parse(Array("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]".utf8), limit: 1000)
        }
    }

    @Test("writes one line that no terminal obeys, and reads it back in the same order")
    func roundTrip() throws {
        let value: JSON = [
            "z": [1, -5, true, nil], "a": "quote \" backslash \\ line\nescape \u{1B} bidi \u{202E} line-sep \u{2028} ü",
            "o": [:], "e": [],
        ]
        let text = value.compact
        #expect(
            text
                == #"{"z":[1,-5,true,null],"a":"quote \" backslash \\ line\nescape \u001b bidi \u202e line-sep \u2028 ü","o":{},"e":[]}"#
        )
        #expect(try JSON.parse(Array(text.utf8), limit: 1000) == value)
        #expect(try JSON.parse(Array(value.pretty.utf8), limit: 1000) == value)
    }

    @Test(
        "JSONTestSuite: y_ accepted but for floats and huge numbers, n_ refused",
        .enabled(if: ProcessInfo.processInfo.environment["SALLYPORT_VECTORS"] != nil, "SALLYPORT_VECTORS is not set")
    )
    func suite() throws {
        let root = try #require(ProcessInfo.processInfo.environment["SALLYPORT_VECTORS"])
        let folder = root + "/json-test-suite/test_parsing"
        var counted = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
            let isRead = (try? JSON.parse(bytes, limit: 1 << 20)) != nil
            counted += 1
            if name.hasPrefix("n_") { #expect(!isRead, "\(name)") }
            // We read a subset of JSON: no floats, no integers beyond 2^53, no U+0000, no duplicate keys.
            let outside =
                name.contains("number") || name.contains("duplicated") || name.contains("null_escape")
                || name.contains("escaped_null") || name == "y_structure_lonely_negative_real.json"
            if name.hasPrefix("y_"), !outside { #expect(isRead, "\(name)") }
        }
        #expect(counted > 300)
    }
}
