import Foundation
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportLedger
import SallyportRunner
import Testing

/// One way in: what an attacker does, what stops it, and what is so afterwards.
struct Way: Sendable, CustomTestStringConvertible {
    enum Afterwards: Sendable {
        /// The honest approvals of the attacked request count, under another name.
        case goesOn
        /// The attacked request stands still until a person has looked; everything else goes on.
        case frozen
        /// Nothing goes forward until a person has looked.
        case stopped
        /// The attacked request is over.
        case over
    }
    /// As the table names it.
    let name: String
    /// The code, or the state, that the attack ends in: compared exactly.
    let stops: String
    /// How the binary says it besides, for the table; empty where the code says all.
    let also: String
    let afterwards: Afterwards
    let attack: @Sendable (Siege) throws -> String

    init(
        _ name: String,
        _ stops: String,
        also: String = "",
        _ afterwards: Afterwards = .goesOn,
        attack: @escaping @Sendable (Siege) throws -> String
    ) {
        self.name = name
        self.stops = stops
        self.also = also
        self.afterwards = afterwards
        self.attack = attack
    }
    var testDescription: String { name }
}

@Suite("WaysIn")
struct WaysIn {
    /// Every way in. `docs/threat-model.md` shows this table, and the door's acceptance suite compares with it.
    static let table: [Way] = byHand + edited + approvals + replays + trust + drops + names

    static var markdown: String {
        var out = "| way in | what stops it | afterwards |\n|---|---|---|\n"
        for way in table {
            let afterwards =
                switch way.afterwards {
                case .goesOn: "the honest approvals count"
                case .frozen: "this request is frozen, others go on"
                case .stopped: "nothing goes forward, rollback does"
                case .over: "this request is over, others go on"
                }
            out += "| \(way.name) | \(way.stops)\(way.also.isEmpty ? "" : ", " + way.also) | \(afterwards) |\n"
        }
        return out
    }

    @Test("nothing goes live by it, the innocent request does, the ledger verifies", arguments: table)
    func stands(_ way: Way) throws {
        let siege = try Siege()
        try siege.approveInnocent()
        let seen = try way.attack(siege)
        #expect(seen == way.stops)
        #expect(siege.spool.live() == nil)
        let expected: String? = way.afterwards == .stopped ? nil : "releases/1.0.0-\(siege.innocent.id)"
        #expect(siege.spool.live("innocent") == expected)
        switch way.afterwards {
        case .goesOn:
            try siege.approveTarget()
            #expect(siege.spool.live() == "releases/1.0.0-\(siege.target.id)")
            #expect(siege.last.report.contradictions.map(\.path) == [])
        case .frozen, .stopped:
            try? siege.approveTarget()
            #expect(siege.spool.live() == nil)
            #expect(!siege.last.report.contradictions.isEmpty)
        case .over: break
        }
        #expect(siege.last.report.failures.map(\.what) == [])
        #expect(try siege.spool.verifyLedger() == .holds)
    }

    @Test("docs/threat-model.md shows this table")
    func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/threat-model.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(page.range(of: "<!-- ways-in:begin -->\n"))
        let end = try #require(page.range(of: "<!-- ways-in:end -->"))
        // RECORD_SNAPSHOTS=1 rewrites the block, and this run fails all the same.
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let new = page.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: Self.markdown)
            try new.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(String(page[begin.upperBound..<end.lowerBound]) == Self.markdown)
        #expect(Set(Self.table.map(\.name)).count == Self.table.count)
    }
}
