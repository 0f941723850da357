import Foundation
import SallyportBase
import SallyportCore
import SallyportRunner
import SallyportTrust
import Testing

/// What happens to a request between the drop and the gate.
@Suite("requests")
struct RequestTests {
    static func policy(need: Int, extra: String = "") -> String {
        "environment: staging production=no\ngate: need=\(need) role=reviewer\n\(extra)build: optional\nsettle: 1s"
    }

    private func install(_ spool: TestSpool, _ body: String, version: Int) throws {
        try spool.dropPolicy(body, version: version, previous: Digest.of(spool.read("trust/policy")).tagged)
    }

    private func findings(_ spool: TestSpool) throws -> [String] {
        let refused = try spool.entries().last { $0["type"]?.string == "package.refused" }
        return (refused?["data"]?["findings"]?.array ?? []).compactMap { $0["rule"]?.string }
    }

    @Test("a policy change while in review: a new issue, the older vote is stale, new votes count")
    func reissuedInReview() throws {
        let spool = try TestSpool(policy: Self.policy(need: 2))
        let request = try spool.receive("1.0.0")
        try spool.decide(request.id, "alice")
        try spool.tick()
        let kept = try spool.read("review/\(request.directoryName)/\(request.id).bob.approve")
            .replacingOccurrences(of: "reason: -\n", with: "reason: read\n")
        try install(spool, Self.policy(need: 2, extra: "review-for: 12h\n"), version: 2)
        let tick = try spool.tick()
        #expect(tick.report.reissued == [request.id])
        #expect(spool.list("review/\(request.directoryName)/stale").count == 2)
        #expect(spool.list("review/\(request.directoryName)/votes") == [])
        try spool.drop(kept, in: "approvals", as: "old", signedBy: "bob", kind: .approval)
        #expect(try spool.tick().report.refused.map(\.code) == ["E-STALE-ISSUE"])
        try spool.decide(request.id, "bob")
        #expect(try spool.tick().report.activated == [])
        try spool.decide(request.id, "alice")
        #expect(try spool.tick().report.activated == ["\(request.slot) \(request.release)"])
    }

    @Test("a policy change while approved on hold brings it back to review")
    func reissuedWhileApproved() throws {
        let spool = try TestSpool(policy: Self.policy(need: 1))
        for version in ["1.0.0", "1.1.0"] {
            let request = try spool.receive(version)
            try spool.decide(request.id, "bob")
            let activated = try spool.tick()
            #expect(activated.report.activated.count == 1)
            if version == "1.1.0" { try spool.rollback("demo-agent", from: request.release) }
        }
        try spool.tick()
        let third = try spool.receive("1.2.0")
        try spool.decide(third.id, "bob")
        #expect(try spool.tick().report.approved == [third.id])
        #expect(spool.list("approved") == [third.directoryName])
        try install(spool, Self.policy(need: 1, extra: "review-for: 12h\n"), version: 2)
        #expect(try spool.tick().report.reissued == [third.id])
        #expect(spool.list("approved") == [])
        #expect(spool.list("review") == [third.directoryName])
        #expect(try spool.tick().report.contradictions.map(\.path) == [])
    }

    @Test("another release live meanwhile: the other request of the slot is issued again")
    func reissuedByRelease() throws {
        let spool = try TestSpool(policy: Self.policy(need: 1))
        try spool.dropPackage("1.0.0")
        let second = try spool.receive("1.1.0")
        let first = try require(try spool.tick().projection.openRequests.first { $0.version == "1.0.0" })
        try spool.decide(first.id, "bob")
        let tick = try spool.tick()
        #expect(tick.report.activated == ["\(first.slot) \(first.release)"])
        #expect(try spool.tick().report.reissued + tick.report.reissued == [second.id])
        let text = try spool.read("review/\(second.directoryName)/\(second.id).bob.approve")
        #expect(text.contains("\nreplaces: \(first.release)\n"))
        try spool.decide(second.id, "bob")
        #expect(try spool.tick().report.activated == ["\(second.slot) \(second.release)"])
    }

    @Test("a rejection ends the request, with its findings for the submitter; nothing goes live")
    func rejected() throws {
        let spool = try TestSpool(policy: Self.policy(need: 1))
        let request = try spool.receive("1.0.0")
        try spool.decide(request.id, "bob", "reject")
        try spool.decide(request.id, "alice", "approve")
        let tick = try spool.tick()
        #expect(tick.report.rejected == [request.id])
        #expect(tick.report.activated == [])
        #expect(spool.list("review") + spool.list("approved") == [])
        let (year, month) = request.received.yearAndMonth
        #expect(spool.list("archive/\(year)/\(month)") == [request.directoryName])
        #expect(spool.live() == nil)
        let name = try require(spool.list("outbox").first { $0.hasSuffix("-rejected-dave.json") })
        let message = try JSON.parse(Array(spool.read("outbox/" + name).utf8), limit: 1 << 16)
        #expect(message["feedback"]?.array?.first?["text"]?.string == "too vague")
        #expect(message["feedback"]?.array?.first?["remedy"]?.string == "say what it may not do")
    }

    @Test("an unknown submitter takes one approval more")
    func unknown() throws {
        guard getuid() == 0 else { return }
        let spool = try TestSpool(policy: Self.policy(need: 1))
        try spool.dropPackage("1.0.0", name: ".hidden")
        let file = spool.path + "/incoming/packages/staging/"
        unsafe chown(file + ".hidden", 4_711, 4_711)
        try FileManager.default.moveItem(atPath: file + ".hidden", toPath: file + "package")
        try spool.tick()
        spool.pass(seconds: 1)
        let request = try require(try spool.tick().projection.openRequests.first)
        #expect(request.submitter == nil)
        try spool.decide(request.id, "bob")
        #expect(try spool.tick().report.activated == [])
        try spool.decide(request.id, "alice")
        #expect(try spool.tick().report.activated == ["\(request.slot) \(request.release)"])
    }

    @Test("a version that is taken, a version that is older than the live one")
    func versions() throws {
        let spool = try TestSpool(policy: Self.policy(need: 1))
        let request = try spool.receive("1.5.0")
        try spool.decide(request.id, "bob")
        try spool.tick()
        for (version, rule) in [("1.5.0", "F-VERSION-TAKEN"), ("1.4.9", "F-VERSION-OLD")] {
            try spool.dropPackage(version, extra: ", \"displayName\": \"other bytes\"")
            try spool.tick()
            spool.pass(seconds: 1)
            try spool.tick()
            let seen = try findings(spool)
            #expect(seen == [rule])
        }
    }

    @Test("nobody decides in time: the request expires, and its version is free again")
    func expired() throws {
        let spool = try TestSpool(policy: Self.policy(need: 2))
        let request = try spool.receive("1.0.0")
        try spool.decide(request.id, "bob")
        try spool.tick()
        spool.pass(seconds: 86_398)
        #expect(try spool.tick().report.expired == [])
        spool.pass(seconds: 3)
        #expect(try spool.tick().report.expired == [request.id])
        #expect(spool.list("review") == [])
        let again = try spool.receive("1.0.0")
        #expect(again.version == "1.0.0" && again.seq > request.seq)
    }

    @Test("somebody whose key came with a later keyring may decide about a request that waits")
    func newReviewer() throws {
        let spool = try TestSpool(policy: Self.policy(need: 1))
        let request = try spool.receive("1.0.0")
        spool.pass(seconds: 60)
        let old = try spool.read("trust/keyring")
        let line =
            "key: stranger/1 sshsig \(spool.line("stranger")) roles=reviewer env=* tenant=* agent=* from=\(spool.now) until=2100-01-01T00:00:00Z\n"
        let next = old.replacingOccurrences(
            of: "version: 1\nprevious: none",
            with: "version: 2\nprevious: \(Digest.of(old).tagged)"
        )
        .replacingOccurrences(of: "person: frank\n", with: "person: frank\nperson: stranger\n")
        .replacingOccurrences(of: "submitter-uid:", with: line + "submitter-uid:")
        try spool.drop(next, in: "trust", as: "keyring.2", signedBy: "root", kind: .keyring)
        #expect(try spool.tick().report.refused.map(\.code) == [])
        try spool.tick()
        #expect(spool.exists("review/\(request.directoryName)/\(request.id).stranger.approve"))
        try spool.decide(request.id, "stranger")
        #expect(try spool.tick().report.activated == ["\(request.slot) \(request.release)"])
    }
}
