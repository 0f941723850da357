import Foundation
import SallyportBase
@testable import SallyportPackages
import Testing

/// The good manifest with one text replaced by another.
private func changed(_ old: String, _ new: String) throws -> JSON {
    #expect(goodManifest.contains(old))
    return try JSON.parse(Array(goodManifest.replacingOccurrences(of: old, with: new).utf8), limit: 1 << 20)
}

private func problems(_ value: JSON) -> [String] {
    ManifestCheck.findings(value, contents: ["agent.json", "run.sh", "tools/read.json"], Limits()).map {
        "\($0.rule) \($0.place)"
    }
}

@Suite("The manifest") struct ManifestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let old: String
        let new: String
        let expected: [String]
        var testDescription: String { "\(old) → \(new)" }
        init(_ old: String, _ new: String, _ expected: String...) {
            (self.old, self.new, self.expected) = (old, new, expected)
        }
    }

    static let cases: [Case] = [
        Case(#""internal","#, #""secret","#, "F-MANIFEST-VALUE /dataClassification"),
        Case(#""dataClassification": "internal","#, "", "F-MANIFEST-REQUIRED /dataClassification"),
        Case(#""schema": "sallyport.agent/v1","#, #""schema": "sallyport.agent/v2","#, "F-MANIFEST-VALUE /schema"),
        Case(#""1.5.0""#, #""1.5""#, "F-MANIFEST-PATTERN /version"),
        Case(#""1.5.0""#, "1", "F-MANIFEST-TYPE /version"),
        Case(#""invoice-triage""#, #""Invoice""#, "F-MANIFEST-PATTERN /name"),
        Case(#""invoice-triage""#, #""none""#, "F-MANIFEST-NAME /name"),
        Case(
            #""team": "finance""#,
            #""team": 1, "x": 2"#,
            "F-MANIFEST-TYPE /owner/team",
            "F-MANIFEST-UNKNOWN /owner/x"
        ),
        Case(
            #""version""#,
            #""displayName": "\#(String(repeating: "é", count: 129))", "version""#,
            "F-MANIFEST-RANGE /displayName"
        ),
        Case(#""access": "read""#, #""access": "execute""#, "F-MANIFEST-VALUE /tools/0/access"),
        Case(#""erp.read""#, #""erp read""#, "F-MANIFEST-PATTERN /tools/0/name"),
        Case("tools/read.json", "tools/other.json", "F-MANIFEST-FILE /tools/0/contract"),
        Case(#"["erp.internal:443"]"#, #"["a:1", "a:1"]"#, "F-MANIFEST-TWICE /network/egress/1"),
        Case(
            #""network""#,
            #""rollout": {"strategy": "all-at-once"}, "network""#,
            "F-MANIFEST-JUSTIFICATION /rollout/justification"
        ),
        Case(#""network""#, #""rollout": {"strategy": "all-at-once", "justification": "one user"}, "network""#),
        Case(#""network""#, #""authors": ["Alice"], "network""#, "F-MANIFEST-PATTERN /authors/0"),
        Case(#""network""#, #""dataCategories": ["pii", "pii"], "network""#, "F-MANIFEST-UNIQUE /dataCategories/1"),
        Case(
            #""network""#,
            #""extensions": {"com.example.x": {"any": [1]}, "bad": 1}, "network""#,
            "F-MANIFEST-PATTERN /extensions/bad"
        ),
        Case(
            #""network""#,
            #""endpoint": {"protocol": "http", "auth": "mtls", "port": 65536}, "network""#,
            "F-MANIFEST-RANGE /endpoint/port"
        ),
        Case(
            #""network""#,
            #""smokeTests": [{"name": "a", "command": [], "timeoutSeconds": 1}], "network""#,
            "F-MANIFEST-RANGE /smokeTests/0/command"
        ),
        Case(#""network""#, #""a/b~c": 1, "network""#, "F-MANIFEST-UNKNOWN /a~1b~0c"),
        Case(
            #""network""#,
            #""sbom": {"path": "sbom.json", "format": "cyclonedx-json"}, "network""#,
            "F-MANIFEST-FILE /sbom/path"
        ),
    ]

    @Test("each deviation has its rule and its JSON pointer", arguments: cases) func deviations(_ one: Case) throws {
        #expect(problems(try changed(one.old, one.new)) == one.expected)
    }

    @Test("all problems at once") func allAtOnce() throws {
        #expect(problems(.object([])).count == 7)
        #expect(problems(.array([])) == ["F-MANIFEST-TYPE "])
    }

    @Test(
        "what is no strict JSON is one finding with its line",
        arguments: [
            "{\"a\": 1,\n}", "{\"a\": 1, \"a\": 2}", "{\"a\": 1.5}", "[1] x", "{\"a\": \"\\u0000\"}", "\u{FEFF}{}",
        ]
    )
    func strict(_ text: String) throws {
        let inspection = try inspect(Archive.good(text).gzip)
        #expect(inspection.findings.map(\.rule) == ["F-MANIFEST-JSON"])
        #expect(inspection.findings.map(\.place) == ["agent.json"])
    }

    @Test("escapes and Unicode in the manifest survive the way through the child") func escapes() throws {
        let text = goodManifest.replacingOccurrences(
            of: #""version""#,
            with: #""description": "\u00e9\ud83d\ude00 \n\t\"\\\/ é😀", "labels": {"n": "-0"}, "version""#
        )
        let inspection = try inspect(Archive.good(text).gzip)
        #expect(inspection.findings == [])
        #expect(inspection.manifest?.summary == "é😀 \n\t\"\\/ é😀")
    }

    @Test("a tree that is not what the text says is noticed") func tree() throws {
        let text = Array(#"{"a": [1, "x", null, true], "b": {"c": -5}}"#.utf8)
        let value = try JSON.parse(text, limit: 100)
        #expect(JSONText.spells(value, text))
        for other in [
            #"{"a": [1, "y", null, true], "b": {"c": -5}}"#, #"{"a": [1, "x", null, true], "b": {"c": 5}}"#,
            #"{"a": [1, "x", null, true]}"#, #"{"b": {"c": -5}, "a": [1, "x", null, true]}"#,
            #"{"a": [1, "x", null, true, 2], "b": {"c": -5}}"#,
        ] {
            #expect(!JSONText.spells(try JSON.parse(Array(other.utf8), limit: 100), text))
        }
        var encoded: [UInt8] = []
        JSONTree.encode(value, into: &encoded)
        #expect(JSONTree.decode(encoded) == value)
        for cut in encoded.indices { #expect(JSONTree.decode(Array(encoded.prefix(cut))) == nil) }
    }
}

@Suite("The risk floor") struct RiskFloorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let data: String
        let tools: [(access: String, risk: String)]
        let egress: [String]
        let claim: String?
        let floor: RiskTier
        let tier: RiskTier
        var testDescription: String { "\(data) \(tools) \(egress) \(claim ?? "-") → \(floor) \(tier)" }
    }
    static let cases: [Case] = [
        Case(data: "public", tools: [("read", "low")], egress: ["a.com:443"], claim: nil, floor: .low, tier: .low),
        Case(data: "public", tools: [], egress: [], claim: "high", floor: .low, tier: .high),
        Case(data: "public", tools: [("write", "medium")], egress: [], claim: "low", floor: .medium, tier: .medium),
        Case(data: "internal", tools: [], egress: ["a.internal:1"], claim: nil, floor: .medium, tier: .medium),
        Case(data: "internal", tools: [], egress: ["a.com"], claim: nil, floor: .medium, tier: .medium),
        Case(data: "confidential", tools: [], egress: ["a.internal:1"], claim: nil, floor: .medium, tier: .medium),
        Case(data: "confidential", tools: [], egress: ["a.com"], claim: "medium", floor: .high, tier: .high),
        Case(data: "confidential", tools: [], egress: [], claim: nil, floor: .low, tier: .low),
        Case(data: "public", tools: [("write", "high")], egress: [], claim: nil, floor: .high, tier: .high),
        Case(data: "public", tools: [("write", "critical")], egress: [], claim: nil, floor: .high, tier: .high),
        Case(data: "public", tools: [("read", "critical")], egress: [], claim: nil, floor: .low, tier: .low),
        Case(
            data: "public",
            tools: [("destructive", "low")],
            egress: [],
            claim: nil,
            floor: .critical,
            tier: .critical
        ),
        Case(data: "restricted", tools: [], egress: [], claim: "low", floor: .critical, tier: .critical),
    ]

    @Test("the table of formats.md", arguments: cases) func table(_ one: Case) throws {
        let tools = one.tools.enumerated().map { index, tool -> JSON in
            ["name": .string("t\(index)"), "access": .string(tool.access), "risk": .string(tool.risk), "auth": "none"]
        }
        var members: [JSON.Member] = [
            .init("schema", "sallyport.agent/v1"), .init("name", "a"), .init("version", "1.0.0"),
            .init("owner", ["team": "t", "contact": "c"]), .init("dataClassification", .string(one.data)),
            .init("runtime", ["kind": "process"]), .init("tools", .array(tools)),
            .init("network", ["egress": .array(one.egress.map { .string($0) })]),
        ]
        if let claim = one.claim { members.append(.init("riskTier", .string(claim))) }
        let risk = RiskFloor.derive(try #require(Manifest(.object(members))))
        #expect(risk.floor == one.floor)
        #expect(risk.tier == one.tier)
        #expect(risk.lines.count >= 2)
    }

    @Test("what counts as inside the organisation") func inside() {
        for target in [
            "erp.internal:443", "localhost", "10.1.2.3:80", "https://x.internal/path", "172.16.0.1", "192.168.1.1",
        ] {
            #expect(RiskFloor.isInside(target), "\(target)")
        }
        for target in [
            "example.com", "internal.example.com", "x.internal@evil.com", "evil.com/x.internal", "172.32.0.1",
            "11.0.0.1", "xinternal", "*", "10.1.2.3.evil.com",
        ] {
            #expect(!RiskFloor.isInside(target), "\(target)")
        }
    }
}
