import Foundation
import SallyportTrust
import Testing

@Suite("pages about signed texts")
struct GrammarPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("docs/grammar.md shows the code's own tables")
    func grammar() throws {
        let file = Self.root.appendingPathComponent("docs/grammar.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(page.range(of: "<!-- grammar:begin -->\n"))
        let end = try #require(page.range(of: "<!-- grammar:end -->"))
        // RECORD_SNAPSHOTS=1 rewrites the block, and this run fails all the same.
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let new = page.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: grammarMarkdown())
            try new.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(String(page[begin.upperBound..<end.lowerBound]) == grammarMarkdown())
    }

    @Test("docs/policy.md has one row for each line of the policy's grammar, in its order, and no other")
    func policy() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/policy.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "`")[1] }
        let section = try #require(grammarMarkdown().components(separatedBy: "### policy\n").last)
        let lines = section.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "`")[1] }
        #expect(rows == lines)
        #expect(!lines.isEmpty)
    }
}
