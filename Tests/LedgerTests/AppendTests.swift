import Foundation
import SallyportBase
import SallyportDisk
import SallyportTrust
import Testing

@testable import SallyportLedger

@Suite("Ledger append") struct AppendTests {
    @Test("a request's own number, and a fold that goes on from a hint") func own() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        let first = try ledger.enter([Decision(.packageReceived, subject: .own), heartbeat()])
        #expect(first.entries.map { $0?.subject } == ["r1", nil])
        #expect(first.stale.isEmpty && first.newer.isEmpty && first.tail.size == 3)
        let hint = first.tail
        try ledger.enter([heartbeat(1)], at: 2)

        var seen: [UInt64] = []
        let again = try spool.open()
        #expect(try again.entries(after: hint) { seen.append($0.seq) }.size == 4)
        #expect(seen == [3])
        // A hint whose line is not there is no hint.
        let wrong = Position(size: hint.size, leaf: Digest.of("other"), segment: 0, offset: hint.offset)
        let late = Position(size: 99, leaf: hint.leaf, segment: 0, offset: hint.offset)
        let off = Position(size: hint.size, leaf: hint.leaf, segment: 0, offset: hint.offset - 1)
        for bad in [wrong, late, off] {
            seen = []
            _ = try again.entries(after: bad) { seen.append($0.seq) }
            #expect(seen == [0, 1, 2, 3])
        }
        #expect(try again.entry(2)?.data == ["n": 0])
        #expect(try again.entry(0)?.type == .ledgerOpened)
        #expect(try again.entry(4) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let why: String
        let theirs: Decision
        let ours: Decision
        let isStale: Bool
        init(_ why: String, _ theirs: Decision, _ ours: Decision, _ isStale: Bool) {
            (self.why, self.theirs, self.ours, self.isStale) = (why, theirs, ours, isStale)
        }
        var testDescription: String { why }
    }
    static let approve = Decision(.approvalAccepted, subject: .request(1))
    static let table = [
        Case("the same request", Decision(.requestExpired, subject: .request(1)), approve, true),
        Case("another request", Decision(.requestExpired, subject: .request(2)), approve, false),
        Case("the request in data", Decision(.approvalRefused, data: ["request": "r1"]), approve, true),
        Case(
            "the same slot",
            Decision(.slotHeld, subject: .slot("p/t/a")),
            Decision(.releaseActivated, touches: [.slot("p/t/a")]),
            true
        ),
        Case(
            "the slot in data",
            Decision(.releaseActivated, data: ["slot": "p/t/a"]),
            Decision(.slotHeld, subject: .slot("p/t/a")),
            true
        ),
        Case(
            "another slot",
            Decision(.slotHeld, subject: .slot("p/t/b")),
            Decision(.slotHeld, subject: .slot("p/t/a")),
            false
        ),
        Case("a keyring: everybody", Decision(.keyringInstalled), heartbeat(), true),
        Case("a policy: everybody", Decision(.policyInstalled), heartbeat(), true),
        Case("a freeze: everybody", Decision(.slotFrozen, subject: .slot("p/t/b")), heartbeat(), true),
        Case(
            "the same drop",
            Decision(.packageRefused, data: ["drop": ["dev": 1, "ino": 2]]),
            Decision(.packageReceived, subject: .own, touches: [.drop(device: 1, inode: 2)]),
            true
        ),
        Case(
            "the same bytes for the same environment",
            Decision(.packageReceived, subject: .own, data: ["package": "sha256:1", "environment": "p"]),
            Decision(.packageReceived, subject: .own, touches: [.package("sha256:1", in: "p")]),
            true
        ),
        Case(
            "the same bytes elsewhere",
            Decision(.packageReceived, subject: .own, data: ["package": "sha256:1", "environment": "q"]),
            Decision(.packageReceived, subject: .own, touches: [.package("sha256:1", in: "p")]),
            false
        ),
        Case("nothing in common", heartbeat(), approve, false),
    ]

    @Test("what makes a decision stale", arguments: table) func stale(_ example: Case) throws {
        let spool = try TestSpool()
        let ours = try spool.create()
        let theirs = try spool.open()
        try theirs.enter([example.theirs])
        let result = try ours.append([example.ours], basedOn: 1, at: TestSpool.start.adding(seconds: 1), run: "r")
        #expect(result.newer.map(\.type) == [example.theirs.type])
        #expect(result.stale == (example.isStale ? [0] : []))
        #expect((result.entries[0] == nil) == example.isStale)
        #expect(result.tail.size == (example.isStale ? 2 : 3))
    }

    @Test("only what touches is stale, the rest is entered in order") func mixed() throws {
        let spool = try TestSpool()
        let ours = try spool.create()
        try spool.open().enter([Decision(.requestExpired, subject: .request(1))])
        let result = try ours.append(
            [heartbeat(1), Self.approve, heartbeat(2)],
            basedOn: 1,
            at: TestSpool.start.adding(seconds: 1),
            run: "r"
        )
        #expect(result.stale == [1])
        #expect(result.entries.map { $0?.seq } == [2, nil, 3])
    }

    @Test("a caller that is older than its own ledger object") func basedOnOlder() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        try ledger.enter([Decision(.requestExpired, subject: .request(1)), heartbeat()])
        let result = try ledger.append([Self.approve], basedOn: 1, at: TestSpool.start.adding(seconds: 1), run: "r")
        #expect(result.stale == [0] && result.newer.map(\.seq) == [1, 2])
    }

    @Test("a decision of an instant before the last line") func late() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        try ledger.enter([heartbeat()], at: 10)
        let result = try ledger.append([heartbeat()], basedOn: 2, at: TestSpool.start.adding(seconds: 9), run: "r")
        #expect(result.stale == [0])
        #expect(try ledger.enter([heartbeat()], at: 10).stale.isEmpty)
    }

    @Test("lines that the caller has seen and that are gone") func gone() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        #expect(
            throws: LedgerError.contradiction(
                path: try spool.ledger.label + "/lines/000.jsonl",
                expected: "line 1",
                found: "no such line"
            )
        ) { try ledger.append([heartbeat()], basedOn: 2, at: TestSpool.start, run: "r") }
    }

    @Test("what no line can hold is refused before anything is written") func unwritable() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        let before = try spool.tree("/ledger")
        #expect(throws: LedgerError.self) {
            try ledger.enter([heartbeat(), Decision(.hookFinished, reason: "a\u{0}b")])
        }
        #expect(throws: LedgerError.self) {
            try ledger.enter([Decision(.hookFinished, data: ["n": 9_007_199_254_740_992])])
        }
        #expect(try spool.tree("/ledger") == before)
    }

    @Test("four writers at once lose nothing") func concurrent() throws {
        let spool = try TestSpool()
        try spool.create()
        let path = spool.path
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 4) { writer in
            do {
                let ledger = try Ledger.open(
                    ledger: Directory.open(path: path + "/ledger"),
                    state: Directory.open(path: path + "/state"),
                    verifier: testSigner().verifier
                )
                for number in 0..<25 {
                    let result = try ledger.append(
                        [Decision(.hookFinished, actor: "w\(writer)", data: ["n": .int(Int64(number))])],
                        basedOn: ledger.tail.size,
                        at: TestSpool.start.adding(seconds: 1),
                        run: "w"
                    )
                    if result.entries[0] == nil { failures.add("stale") }
                    if number % 10 == 9 { try ledger.publish(testSigner()) }
                }
            } catch { failures.add("\(error)") }
        }
        #expect(failures.all.isEmpty)
        let ledger = try spool.open()
        var seen: [String: [Int64]] = [:]
        _ = try ledger.entries { entry in
            if let actor = entry.actor, let number = entry.data?["n"]?.int { seen[actor, default: []].append(number) }
        }
        #expect(ledger.tail.size == 101)
        for writer in 0..<4 { #expect(seen["w\(writer)"] == Array(0..<25)) }
        try ledger.publish(spool.signer)
        #expect(try spool.verify().verdict == .holds)
    }

    final class Failures: @unchecked Sendable {
        private let lock = NSLock()
        private var found: [String] = []
        func add(_ text: String) { lock.withLock { found.append(text) } }
        var all: [String] { lock.withLock { found } }
    }

    @Test("evidence is kept once, by its digest") func evidence() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        let digest = try ledger.storeEvidence(Array("text".utf8))
        #expect(try ledger.storeEvidence(Array("text".utf8)) == digest)
        #expect(try ledger.evidence(digest) == Array("text".utf8))
        #expect(try ledger.evidence(Digest.of("other")) == nil)
        let path = "ledger/evidence/sha256/" + digest.hex.prefix(2) + "/" + digest.hex.dropFirst(2)
        try spool.write(path, Array("texT".utf8))
        #expect(throws: LedgerError.self) { try ledger.storeEvidence(Array("text".utf8)) }
        #expect(throws: LedgerError.self) { try ledger.evidence(digest) }
    }
}
