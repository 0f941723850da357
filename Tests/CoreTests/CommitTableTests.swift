import Foundation
import SallyportCore
import SallyportLedger
import Testing

@Suite("commit table")
struct CommitTableTests {
    @Test("docs/disk.md shows the code's own table")
    func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/disk.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(page.range(of: "<!-- commit-table:begin -->\n"))
        let end = try #require(page.range(of: "<!-- commit-table:end -->"))
        // RECORD_SNAPSHOTS=1 rewrites the block, and this run fails all the same.
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let new = page.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: CommitTable.markdown)
            try new.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(String(page[begin.upperBound..<end.lowerBound]) == CommitTable.markdown)
    }

    @Test("every row names an event of the ledger")
    func names() {
        for row in CommitTable.rows { #expect(EventType(rawValue: row.entry) != nil, "\(row.entry)") }
    }
}
