import Foundation
import SallyportBase
@testable import SallyportPackages
import Testing

@Suite("The rules") struct RuleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text between the two marks of a page; RECORD_SNAPSHOTS=1 rewrites it, and this run fails all the same.
    private func block(_ name: String, of page: String, expected: String) throws -> String {
        let file = Self.root.appendingPathComponent("docs/" + page)
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- \(name):begin -->\n"))
        let end = try #require(text.range(of: "<!-- \(name):end -->"))
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: expected)
            try new.write(to: file, atomically: true, encoding: .utf8)
        }
        return String(text[begin.upperBound..<end.lowerBound])
    }

    @Test("docs/findings.md shows the code's own table") func findings() throws {
        #expect(
            try block("rules", of: "findings.md", expected: Rule.table(of: Rule.allCases))
                == Rule.table(of: Rule.allCases)
        )
    }

    @Test("docs/manifest.md shows the rules of the manifest") func manifest() throws {
        let table = Rule.table(of: Rule.allCases.filter { $0.rawValue.hasPrefix("F-MANIFEST-") })
        #expect(try block("manifest-rules", of: "manifest.md", expected: table) == table)
    }

    @Test("every F-code that the sources write is a rule of the table") func complete() throws {
        let codes = Set(Rule.allCases.map(\.rawValue))
        let sources = Self.root.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        var read = 0
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            read += 1
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /"(F-[A-Z0-9]+(?:-[A-Z0-9]+)*)"/) {
                let code = String(match.1)
                // What stands in the ledger when a refusal has no code at all: cannot happen, must not trap.
                #expect(codes.contains(code) || code == "F-UNKNOWN", "\(code) in \(file.lastPathComponent)")
            }
        }
        #expect(read > 100)
    }
}
