import Foundation
import SallyportBase
import Testing

@testable import SallyportLedger

@Suite("Ledger lines") struct EntryTests {
    static let full = EntryLine.Content(
        typeName: "package.received",
        run: "r",
        actor: "uid:1007",
        subject: "r7",
        outcome: .ok,
        reason: "because\u{202E}",
        from: "a",
        to: "b",
        links: [Link("order", 3)],
        evidence: [Digest.of("x")],
        data: [
            "drop": ["name": "n", "dev": 5, "ino": 9], "environment": "production", "package": "sha256:ab", "n": -1,
        ]
    )

    @Test("order of keys, escapes, lists") func encode() throws {
        let line = EntryLine.encode(seq: 7, prev: .zero, ts: TestSpool.start, Self.full)
        let zeros = String(repeating: "0", count: 64)
        let expected =
            #"{"seq":7,"prev":"\#(zeros)","ts":"2026-09-01T00:00:00.000000Z","type":"package.received","run":"r","actor":"uid:1007","#
            + #""subject":"r7","outcome":"ok","reason":"because\u202e","from":"a","to":"b","links":[{"rel":"order","seq":3}],"#
            + #""evidence":["sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"],"#
            + #""data":{"drop":{"name":"n","dev":5,"ino":9},"environment":"production","package":"sha256:ab","n":-1}}"#
        #expect(String(decoding: line, as: UTF8.self) == expected)
        let entry = try EntryLine.decode(line, seq: 7, prev: .zero, offset: 0)
        #expect(
            entry.reason == "because\u{202E}" && entry.links == [Link("order", 3)] && entry.evidence == [Digest.of("x")]
        )
        #expect(
            entry.touches == [.request(7), .drop(device: 5, inode: 9), .package("sha256:ab", in: "production")]
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let why: String
        let from: String
        let to: String
        init(_ why: String, _ from: String, _ to: String) { (self.why, self.from, self.to) = (why, from, to) }
        var testDescription: String { why }
    }
    static let bad = [
        Case("another number", "\"seq\":7", "\"seq\":8"), Case("a number with a zero", "\"seq\":7", "\"seq\":07"),
        Case("another predecessor", "\"prev\":\"0", "\"prev\":\"1"), Case("a space", "\"type\":", "\"type\": "),
        Case("a key twice", "\"from\":\"a\"", "\"from\":\"a\",\"from\":\"a\""),
        Case("a null", "\"from\":\"a\"", "\"from\":null"),
        Case("other order", "\"from\":\"a\",\"to\":\"b\"", "\"to\":\"b\",\"from\":\"a\""),
        Case("an unknown key", "\"to\":\"b\"", "\"to\":\"b\",\"too\":\"b\""), Case("a float", "\"n\":-1", "\"n\":-1.0"),
        Case("too big an integer", "\"n\":-1", "\"n\":9007199254740992"),
        Case("an unneeded escape", "because", "bec\\u0061use"),
        Case("a raw bidi control", "\\u202e", "\u{202E}"), Case("an unknown outcome", "\"ok\"", "\"okay\""),
        Case("a link's wrong key", "\"rel\"", "\"ref\""), Case("evidence untagged", "[\"sha256:2d", "[\"2d"),
        Case("seconds only", "00.000000Z", "00Z"), Case("no such day", "2026-09-01", "2026-02-30"),
        Case("a subject that is no text", "\"subject\":\"r7\"", "\"subject\":7"),
        Case("text behind it", "-1}}", "-1}} "),
        Case("no end", "-1}}", "-1}"),
    ]

    @Test("one spelling, no other", arguments: bad) func refuses(_ example: Case) throws {
        let line = String(
            decoding: EntryLine.encode(seq: 7, prev: .zero, ts: TestSpool.start, Self.full),
            as: UTF8.self
        )
        let changed = line.replacingOccurrences(of: example.from, with: example.to)
        #expect(changed != line)
        #expect(throws: EntryLine.Problem.self) {
            _ = try EntryLine.decode(Array(changed.utf8), seq: 7, prev: .zero, offset: 0)
        }
    }

    @Test("60,000 bytes and not one more") func limit() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        let before = try spool.tree()
        let overhead = try ledger.enter([Decision(.hookFinished, data: ["t": ""])]).entries[0]?.line.count ?? 0
        let fits = Decision(.hookFinished, data: ["t": .string(String(repeating: "x", count: 60_000 - overhead))])
        #expect(try ledger.enter([fits]).entries[0]?.line.count == 60_000)
        #expect(before.count > 0)
        let size = ledger.tail
        let over = Decision(.hookFinished, data: ["t": .string(String(repeating: "x", count: 60_001 - overhead))])
        #expect(throws: LedgerError.unwritable("line 3 (hook.finished): 60001 bytes, at most 60000")) {
            try ledger.enter([heartbeat(), over].reversed())
        }
        #expect(ledger.tail == size)
    }

    @Test(
        "what a line touches",
        arguments: [
            (EventType.slotHeld, "production/shared/a", JSON.null, [Touch.slot("production/shared/a")]),
            (.slotFrozen, "production/shared/a", .null, [.slot("production/shared/a"), .trust]),
            (.keyringInstalled, "keyring", .null, [.trust]), (.policyInstalled, "policy", .null, [.trust]),
            (.approvalAccepted, "r5", ["request": "r6", "issue": 1], [.request(5), .request(6)]),
            (.releaseActivated, "r5", ["slot": "p/t/a"], [.request(5), .slot("p/t/a")]),
            (
                .packageRefused, "x", ["drop": ["dev": 1, "ino": 2], "package": "d", "environment": "e"], [.drop("1:2")]
            ),
            (.ledgerHeartbeat, "r05", .null, []), (.ledgerHeartbeat, "a/b", .null, []),
        ] as [(EventType, String, JSON, [Touch])]
    )
    func touches(_ type: EventType, _ subject: String, _ data: JSON, _ expected: [Touch]) {
        #expect(Touch.all(type: type, subject: subject, data: data) == Set(expected))
    }

    @Test("the names are final") func names() {
        #expect(EventType.allCases.count == 41)
        #expect(EventType(rawValue: "release.rolled-back") == .releaseRolledBack)
    }

    @Test("a position survives its JSON") func position() {
        let position = Position(size: 9, leaf: Digest.of("a"), segment: 0, offset: 1234)
        #expect(Position(json: position.json) == position)
        #expect(Position(json: ["size": -1, "leaf": .string(Digest.zero.hex), "segment": 0, "offset": 0]) == nil)
    }
}
