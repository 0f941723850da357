import Foundation
import SallyportPackages
import Testing

@Suite("pages about packages")
struct PageTests {
    @Test(
        "docs/manifest.md and docs/findings.md show the code's own tables",
        arguments: [("manifest", ManifestSchema.markdown), ("findings", Rule.markdown)]
    )
    func documented(name: String, table: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/\(name).md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(page.range(of: "<!-- \(name):begin -->\n"))
        let end = try #require(page.range(of: "<!-- \(name):end -->"))
        // RECORD_SNAPSHOTS=1 rewrites the block, and this run fails all the same.
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let new = page.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: table)
            try new.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(String(page[begin.upperBound..<end.lowerBound]) == table)
    }
}
