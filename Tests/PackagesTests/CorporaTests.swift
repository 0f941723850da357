import Foundation
import SallyportBase
import SallyportPackages
import Testing

private let corpora = ProcessInfo.processInfo.environment["SALLYPORT_CORPORA"]

@Suite("Archives of other projects", .enabled(if: corpora != nil, "SALLYPORT_CORPORA names no folder"))
struct CorporaTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let path: String
        let accept: Bool
        let sure: Bool
        var testDescription: String { path }
    }

    /// Where the product's choice differs from the manifest's strict one, with the reason. Only `policy` rows may stand here.
    static let choices: [String: String] = [
        "go-archive/tar/testdata/invalid-go17.tar": "a GNU header with a POSIX prefix has two names: F-TAR-AMBIGUOUS"
    ]

    static let rows: [Row] = {
        guard let corpora, let text = try? String(contentsOfFile: corpora + "/MANIFEST.tsv", encoding: .utf8) else {
            return []
        }
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            // Accepted ones in the formats that are taken; refused ones in any: they must be refused too.
            let taken = ["tar", "tar.gz", "gz(not tar)"].contains(columns[6])
            guard taken || columns[3] == "reject" else { return nil }
            return Row(path: columns[0], accept: columns[3] == "accept", sure: columns[4] == "sure")
        }
    }()

    @Test("the verdict is the manifest's", arguments: rows) func verdict(_ row: Row) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: (corpora ?? "") + "/" + row.path))
        let inspection = try inspect(Array(data), containerOnly: true)
        let rules = inspection.findings.map { "\($0.rule) \($0.place): \($0.text)" }
        if Self.choices[row.path] != nil {
            #expect(!row.sure)
            #expect(inspection.isAccepted != row.accept, "no choice is needed any more")
        } else {
            #expect(inspection.isAccepted == row.accept, "\(rules)")
        }
        #expect(
            !inspection.findings.contains { ["F-PARSER-DIED", "F-TIMEOUT", "F-PARSER-PROTOCOL"].contains($0.rule) }
        )
    }

    @Test("there are as many as there should be") func count() {
        #expect(Self.rows.filter(\.sure).count >= 400)
    }
}
