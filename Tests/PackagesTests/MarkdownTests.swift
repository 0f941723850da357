import SallyportBase
@testable import SallyportPackages
import Testing

/// A generator with a seed, so that a failure comes back.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

@Suite("Package text in Markdown") struct MarkdownTests {
    /// What has a meaning in CommonMark, in GitHub's dialect or in HTML, and what could hide it.
    private static let pieces = [
        "#", "## ", "*", "**", "_", "__", "`", "``", "```", "~~~", "~", "[", "]", "](", "](http://x)", "![", "!", "<",
        ">",
        "<b>", "</script>", "<!--", "&lt;", "&#35;", "|", "||", "\\", "\\\\", "\n", "\n\n", "\r\n", "\t", "    ", " ",
        "- ", "+ ", "* ", "1. ", "1) ", "---", "===", "***", "http://x.y", "HTTPS://x", "www.x.y", "WWW.x.y", "ftp://x",
        "a@b.c",
        "mailto:a@b.c", "@team", "#1", "$x$", "$$", ":tada:", "[x]: http://y", "[^1]", "[ ] ", "\u{202E}", "\u{200B}",
        "\u{2028}", "\u{0}", "é", "日本", "word", "9",
    ]

    /// What is left of a line that can mean something: no code, no escaped characters, no letters.
    ///
    /// - Returns: `nil` for a line of an indented block.
    private static func skeleton(_ line: Substring) -> String? {
        if line.hasPrefix("    ") { return nil }
        let bytes = Array(line.utf8)
        var out: [UInt8] = []
        // Without code and escapes, letters and all: an address in it is a link by itself.
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\"):
                plain.append(0)
                index += 2
            case UInt8(ascii: "`"):
                let run = bytes[index...].prefix { $0 == UInt8(ascii: "`") }.count
                var end = index + run
                var isClosed = false
                while end < bytes.count {
                    let here = bytes[end...].prefix { $0 == UInt8(ascii: "`") }.count
                    if here == run {
                        isClosed = true
                        break
                    }
                    end += max(here, 1)
                }
                // A bar ends a cell even inside code, unless it is escaped.
                if isClosed, line.hasPrefix("|") {
                    var inside = index + run
                    while inside < end {
                        if bytes[inside] == UInt8(ascii: "\\") {
                            inside += 1
                        } else if bytes[inside] == UInt8(ascii: "|") {
                            out.append(UInt8(ascii: "|"))
                        }
                        inside += 1
                    }
                }
                out += Array(isClosed ? "C".utf8 : "OPEN".utf8)
                index = isClosed ? end + run : index + run
            case let byte:
                plain.append(byte)
                if "#*_[]<>|!~&@$".utf8.contains(byte) { out.append(byte) }
                index += 1
            }
        }
        let text = String(decoding: out, as: UTF8.self)
        let lower = String(decoding: plain, as: UTF8.self).lowercased()
        let links = lower.contains("://") || lower.contains("www.")
        let start = line.prefix { $0 == "-" || $0 == "=" || $0 == "+" || $0.isNumber }
        return text + (links ? " LINK" : "") + " " + (start.isEmpty ? "" : String(start.prefix(1)))
    }

    @Test("a line of package text is one line without meaning, whatever it holds") func line() {
        var random = Seeded(state: 0x5A11_1904)
        for _ in 0..<5_000 {
            let text = Self.text(&random)
            let line = Markdown.line(text)
            #expect(!line.utf8.contains(0x0A) && !line.utf8.contains(0x0D), "\(text.debugDescription)")
            #expect(!line.hasPrefix(" "), "\(text.debugDescription)")
            let skeleton = Self.skeleton(Substring(line)) ?? ""
            let digits = skeleton.last?.isNumber == true
            #expect(skeleton == " " || digits, "\(text.debugDescription) → \(line) → \(skeleton)")
            #expect(line.firstMatch(of: /^[0-9]+[.)]( |$)/) == nil, "\(text.debugDescription) → \(line)")
        }
    }

    @Test("code and cells keep what they hold") func code() {
        var random = Seeded(state: 0x5A11_1905)
        for _ in 0..<5_000 {
            let text = Self.text(&random)
            let code = Markdown.code(text)
            #expect(!code.utf8.contains(0x0A) && !code.utf8.contains(0x0D))
            #expect(Self.skeleton(Substring("x " + code)) == "C ", "\(text.debugDescription) → \(code)")
            let cell = Markdown.cell(text)
            #expect(Self.skeleton(Substring("|" + cell + "|")) == "|C| ", "\(text.debugDescription) → \(cell)")
        }
    }

    @Test("a report of hostile text has the shape of a report of harmless text") func report() throws {
        var random = Seeded(state: 0x5A11_1906)
        let old = try inspect(Archive.good(Self.manifest { _ in "old" }).gzip)
        let live = LiveRelease(release: "1.0.0-r1", manifest: try #require(old.manifest), entries: old.entries)
        let harmless = try Self.shape(Self.manifest { _ in "word" }, "n", live)
        for _ in 0..<40 {
            let name = Self.text(&random).replacing(/[^!#$&()*+,=@\[\]^_`{|}~<>"' a-z0-9-]/, with: "")
            let file = "x" + name.trimmingSuffix() + "x"
            let hostile = try Self.shape(Self.manifest { _ in Self.text(&random) + "y" }, file, live)
            // Members are listed by their names, so hostile ones change the order of lines and nothing else.
            #expect(hostile.sorted() == harmless.sorted(), "\(file)")
        }
    }

    private static func text(_ random: inout Seeded) -> String {
        (0..<Int.random(in: 1...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    /// Every member of free text that a report shows.
    private static func manifest(_ text: (String) -> String) -> String {
        func value(_ name: String) -> JSON { .string(text(name).replacing("\0", with: "")) }
        let document: JSON = [
            "schema": "sallyport.agent/v1", "name": "invoice-triage", "version": "1.5.0",
            "displayName": .string("d" + text("d").replacing("\0", with: "")),
            "description": value("d"), "changeSummary": value("c"), "ticket": value("t"),
            "owner": ["team": value("t"), "contact": value("c"), "onCall": value("o")],
            "dataClassification": "internal",
            "runtime": ["kind": "process", "entrypoint": ["command": value("c"), "args": [value("a")]]],
            "models": [["role": value("r"), "provider": value("p"), "id": "m", "version": value("v")]],
            "tools": [["name": "a:*_/b", "access": "write", "risk": "low", "auth": "none", "server": value("s")]],
            "network": ["egress": ["a*.example.com:443"]], "serviceAccount": value("s"),
            "secrets": [["name": value("n"), "ref": "vault://x"]],
            "build": ["gitSha": .string(String(repeating: "a", count: 40)), "buildNumber": value("b")],
            "rollback": ["stateCompatible": false, "minimumVersion": value("m")],
            "labels": ["l": value("l")],
        ]
        return document.compact
    }

    private static func shape(_ manifest: String, _ file: String, _ live: LiveRelease) throws -> [String] {
        var archive = Archive()
        archive.add("agent.json", manifest)
        archive.add(file)
        let inspection = try inspect(archive.gzip)
        #expect(inspection.findings == [], "\(file)")
        return ReportTests.report(live: live).markdown(inspection).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        .compactMap { skeleton($0) }.filter { !$0.allSatisfy { $0 == " " } }
    }
}

extension String {
    fileprivate func trimmingSuffix() -> String {
        var text = self
        while text.hasSuffix(" ") || text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
