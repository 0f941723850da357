import Foundation
import SallyportBase
@testable import SallyportPackages
import Testing

/// `docs/agent.schema.json` and the compiled-in schema say the same: every constraint of the file is broken once, alone.
@Suite("The shipped schema") struct SchemaTests {
    static func document(_ name: String) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appendingPathComponent("docs/" + name)))
    }
    static func schema() throws -> JSON { try JSON.parse(try document("agent.schema.json"), limit: 1 << 20) }

    /// For each expression of the file: what it takes, and what it does not. A new expression needs a line here.
    static let samples: [String: (good: [String], bad: [String])] = [
        "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$": (["a", "a-9"], ["", "A", "-a", "a-", "a_b", "a\n"]),
        "^[A-Za-z0-9][A-Za-z0-9._:/@*-]{0,95}$": (["erp.Read:1/@*-_"], ["", ".a", "a b", "a\n", "é"]),
        "^[a-z0-9][a-z0-9._-]{0,63}$": (["alice", "a._-"], ["", "Alice", "_a", "a b"]),
        "@sha256:[0-9a-f]{64}$": (
            ["x@sha256:" + String(repeating: "a", count: 64)], ["x", "x@sha256:" + String(repeating: "A", count: 64)]
        ),
        "^sha256:[0-9a-f]{64}$": (
            ["sha256:" + String(repeating: "0", count: 64)],
            ["sha256:0", "x" + "sha256:" + String(repeating: "0", count: 64)]
        ),
        "^([0-9a-f]{40}|[0-9a-f]{64})$": (
            [String(repeating: "f", count: 40), String(repeating: "f", count: 64)],
            ["", String(repeating: "f", count: 41), String(repeating: "F", count: 40)]
        ),
        "^[a-z][a-z0-9+.-]*://": (["vault://x", "a+b.c-1://"], ["vault:/x", "1a://", "A://", "://"]),
        "^[0-9]+(\\.[0-9]+)?m?$": (["1", "0.5", "250m"], ["", "m", "1.", ".5", "1k", "1.5.2"]),
        "^[0-9]+(Ki|Mi|Gi)$": (["1Ki", "128Mi", "2Gi"], ["1", "Mi", "1M", "1.5Gi"]),
        "^-?[0-9]+(\\.[0-9]+)?$": (["1", "-0.5"], ["", "-", "+1", "1e5", ".5"]),
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$": (
            ["2026-11-21T10:11:00Z"], ["2026-11-21", "2026-11-21T10:11:00+01:00", "2026-11-21T10:11:00.5Z"]
        ),
        "^[a-z0-9-]+(\\.[a-z0-9-]+)+$": (["com.example"], ["com", "Com.example", "com..x", ".com"]),
    ]

    /// One change to a whole document, and the place where a finding must be; `nil`: the document must stay good.
    private struct Probe {
        let why: String
        let document: JSON
        let place: String?
    }

    @Test("each constraint of the file is one of the program, at the same place") func agree() throws {
        let schema = try Self.schema()
        let walk = Walk(schema)
        let whole = walk.example(schema)
        #expect(ManifestSchema.violations(in: whole) == [], "the document with every member is good")
        var probes: [Probe] = []
        walk.probes(schema, whole, "") { why, document, place in
            probes.append(Probe(why: why, document: document, place: place))
        } replacing: {
            $0
        }
        // The figure says that the walk walked.
        #expect(probes.count > 600)
        for probe in probes {
            let found = ManifestSchema.violations(in: probe.document)
            if let place = probe.place {
                #expect(found.contains { $0.place == place }, "\(probe.why) at \(place): \(found.map(\.place))")
            } else {
                #expect(found == [], "\(probe.why)")
            }
        }
    }

    @Test("none and unknown are refused as names, as the file says") func reserved() throws {
        let names = try Self.schema()["properties"]?["name"]?["not"]?["enum"]?.array?.compactMap(\.string)
        #expect(names == ["none", "unknown"])
        for name in names ?? [] {
            let found = ManifestCheck.findings(["name": .string(name)], contents: nil, Limits())
            #expect(found.contains { $0.place == "/name" && $0.rule == Rule.manifestName.rawValue })
        }
    }

    @Test("the program knows no member that the file does not have, and requires none that it does not require")
    func noMore() throws {
        let schema = try Self.schema()
        compare(ManifestSchema.agent, schema, Walk(schema), "")
    }

    private func compare(_ shape: Shape, _ node: JSON, _ walk: Walk, _ place: String) {
        let node = walk.resolved(node)
        switch shape {
        case .object(let members):
            let properties = node["properties"]?.members ?? []
            #expect(Set(members.map(\.name)) == Set(properties.map(\.key)), "\(place)")
            let required = Set((node["required"]?.array ?? []).compactMap(\.string))
            #expect(Set(members.filter(\.isRequired).map(\.name)) == required, "\(place)")
            for member in members {
                guard let inner = properties.first(where: { $0.key == member.name }) else { continue }
                compare(member.shape, inner.value, walk, place + "/" + member.name)
            }
        case .list(let element, _, _, _):
            #expect(node["type"]?.string == "array", "\(place)")
            if let items = node["items"] { compare(element, items, walk, place + "/*") }
        case .oneOf(let values):
            let allowed = node["enum"]?.array?.compactMap(\.string) ?? [node["const"]?.string].compactMap { $0 }
            #expect(values == allowed, "\(place)")
        case .text, .matching, .yes, .flag, .integer, .map, .open: break
        }
    }

    @Test("docs/manifest.md has a row for every member, and its minimal manifest passes") func page() throws {
        let page = String(decoding: try Self.document("manifest.md"), as: UTF8.self)
        let walk = Walk(try Self.schema())
        var members = 0
        walk.members(walk.schema, "") { place, isRequired in
            members += 1
            let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(place)` |") }
            #expect(row != nil, "\(place)")
            let cell = row?.split(separator: "|").dropFirst(2).first?.trimmingCharacters(in: .whitespaces)
            #expect(cell == (isRequired ? "yes" : "no"), "\(place)")
        }
        #expect(page.split(separator: "\n").count { $0.hasPrefix("| `/") } == members)
        let begin = try #require(page.range(of: "```json\n"))
        let end = try #require(page.range(of: "```", range: begin.upperBound..<page.endIndex))
        let minimal = String(page[begin.upperBound..<end.lowerBound])
        var archive = Archive()
        archive.add("agent.json", minimal)
        archive.add("run.sh", "#!/bin/sh\n", mode: "0000755")
        #expect(try inspect(archive.gzip).findings == [])
    }
}

/// Walks a JSON Schema of the words that the file uses; any other word is a failure, for it would be a constraint that nobody checks.
struct Walk {
    let schema: JSON
    static let words: Set<String> = [
        "$schema", "$id", "$defs", "$ref", "title", "description", "type", "additionalProperties", "required",
        "properties",
        "items", "enum", "const", "pattern", "minimum", "maximum", "minItems", "maxItems", "maxLength", "uniqueItems",
        "propertyNames", "if", "then", "not",
    ]

    init(_ schema: JSON) { self.schema = schema }

    func resolved(_ node: JSON) -> JSON {
        guard let name = node["$ref"]?.string?.split(separator: "/").last else { return node }
        return schema["$defs"]?[String(name)] ?? .null
    }

    /// A value that fulfils everything, with every member.
    func example(_ node: JSON) -> JSON {
        let node = resolved(node)
        for member in node.members ?? [] where !Self.words.contains(member.key) { Issue.record("\(member.key)?") }
        if let const = node["const"] { return const }
        if let first = node["enum"]?.array?.first { return first }
        switch node["type"]?.string {
        case "object":
            let members = (node["properties"]?.members ?? []).map { JSON.Member($0.key, example($0.value)) }
            return .object(members)
        case "array": return .array([example(node["items"] ?? .null)])
        case "integer": return .int(max(node["minimum"]?.int ?? 1, 1))
        case "boolean": return .bool(true)
        default:
            guard let pattern = node["pattern"]?.string else { return "x" }
            if node["maxLength"]?.int == 48 { return "1.2.3-rc.1+b" }
            guard let sample = SchemaTests.samples[pattern] else {
                Issue.record("no samples of \(pattern)")
                return "x"
            }
            return .string(sample.good[0])
        }
    }

    func members(_ node: JSON, _ place: String, _ body: (String, Bool) -> Void) {
        let node = resolved(node)
        let required = (node["required"]?.array ?? []).compactMap(\.string)
        for member in node["properties"]?.members ?? [] {
            let inner = place + "/" + member.key
            body(inner, required.contains(member.key))
            members(member.value, inner, body)
        }
        if let items = node["items"], resolved(items)["properties"] != nil { members(items, place + "/*", body) }
    }

    /// Every way to break a node alone. `replacing` puts a value of this node into the whole document.
    func probes(
        _ node: JSON,
        _ value: JSON,
        _ place: String,
        _ emit: (String, JSON, String?) -> Void,
        replacing put: (JSON) -> JSON
    ) {
        let node = resolved(node)
        if node["const"] != nil || node["enum"] != nil {
            emit("a value that is not allowed", put("~"), place)
            emit("another type", put(1), place)
            for allowed in node["enum"]?.array ?? [] where place != "/rollout/strategy" {
                emit("an allowed value", put(allowed), nil)
            }
            return
        }
        emit("another type", put(node["type"]?.string == "boolean" ? "true" : true), place)
        emit("null", put(.null), place)
        switch node["type"]?.string {
        case "object": object(node, value, place, emit, put)
        case "array":
            let item = value.array?.first ?? .null
            if let items = node["items"] {
                probes(items, item, place + "/0", emit) { put(.array([$0])) }
            }
            if let least = node["minItems"]?.int, least == 1 { emit("too few", put(.array([])), place) }
            if let most = node["maxItems"]?.int {
                emit("too many", put(.array(Array(repeating: item, count: Int(most) + 1))), place)
                emit("as many as may be", put(.array(Array(repeating: item, count: Int(most)))), nil)
            }
            if node["uniqueItems"]?.bool == true { emit("the same twice", put(.array([item, item])), place + "/1") }
        case "integer":
            if let least = node["minimum"]?.int {
                emit("below the minimum", put(.int(least - 1)), place)
                emit("the minimum", put(.int(least)), nil)
            }
            if let most = node["maximum"]?.int {
                emit("above the maximum", put(.int(most + 1)), place)
                emit("the maximum", put(.int(most)), nil)
            }
        case "string":
            if let most = node["maxLength"]?.int {
                emit("too long", put(.string("1.2.3-" + String(repeating: "a", count: Int(most) - 5))), place)
                emit("as long as may be", put(.string("1.2.3-" + String(repeating: "a", count: Int(most) - 6))), nil)
            }
            if let pattern = node["pattern"]?.string {
                let version = (good: ["1.5.0"], bad: ["1.5", "01.5.0", "v1.5.0", "1.5.0-01", "1.5.0\n"])
                let sample = node["maxLength"]?.int == 48 ? version : SchemaTests.samples[pattern] ?? ([], [])
                for good in sample.good { emit("matches", put(.string(good)), nil) }
                for bad in sample.bad { emit("'\(bad)' does not match", put(.string(bad)), place) }
            }
        default: break
        }
    }

    private func object(
        _ node: JSON,
        _ value: JSON,
        _ place: String,
        _ emit: (String, JSON, String?) -> Void,
        _ put: (JSON) -> JSON
    ) {
        let members = value.members ?? []
        for required in (node["required"]?.array ?? []).compactMap(\.string) {
            emit("without it", put(.object(members.filter { $0.key != required })), place + "/" + required)
        }
        func added(_ key: String, _ value: JSON) -> JSON { put(.object(members + [JSON.Member(key, value)])) }
        switch node["additionalProperties"] {
        case .bool(false)?: emit("an unknown member", added("zzz", 1), place + "/zzz")
        case let inner?:
            emit("any member", added("any", example(inner)), nil)
            emit("a member of another type", added("any", 1), place + "/any")
        case nil: emit("any member", added("com.example", [1, "x", ["a": true]]), nil)
        }
        if let pattern = node["propertyNames"]?["pattern"]?.string {
            let sample = SchemaTests.samples[pattern] ?? ([], [])
            for bad in sample.bad { emit("a key that does not match", added(bad, 1), place + "/" + bad) }
        }
        if node["if"] != nil, let needed = node["then"]?["required"]?.array?.first?.string {
            let switched = members.map { $0.key == "strategy" ? JSON.Member("strategy", "all-at-once") : $0 }
            emit("all at once, with a reason", put(.object(switched)), nil)
            emit("all at once", put(.object(switched.filter { $0.key != needed })), place + "/" + needed)
        }
        for (index, member) in members.enumerated() {
            guard let inner = node["properties"]?[member.key] else { continue }
            probes(inner, member.value, place + "/" + member.key, emit) { new in
                var changed = members
                changed[index] = JSON.Member(member.key, new)
                return put(.object(changed))
            }
        }
    }
}
