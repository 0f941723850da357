import Foundation
import Glibc
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportRunner
import SallyportTrust
import Testing

@Suite("gates")
struct GateTests {
    /// Approves by each person in turn and tells after whom the request went live.
    private func liveAfter(_ spool: TestSpool, _ request: Request, _ people: [String]) throws -> String? {
        for person in people {
            try spool.decide(request.id, person)
            if try spool.tick().report.activated != [] { return person }
        }
        return nil
    }

    @Test("two rules take two people: one person who could fill both fills one")
    func distinct() throws {
        let spool = try TestSpool()
        let request = try spool.receive("1.0.0", environment: "production")
        #expect(try liveAfter(spool, request, ["alice", "bob"]) == "bob")
    }

    @Test("without security nothing enters production, whatever the number of reviewers")
    func security() throws {
        let spool = try TestSpool()
        let request = try spool.receive("1.0.0", environment: "production")
        #expect(try liveAfter(spool, request, ["bob", "erin", "alice"]) == "alice")
    }

    struct Floor: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let data: String
        let extra: String
    }

    @Test(
        "the compiled-in floor asks for security where the policy asks for one reviewer",
        arguments: [
            Floor(testDescription: "confidential data", data: "confidential", extra: ""),
            Floor(testDescription: "restricted data: critical", data: "restricted", extra: ""),
            Floor(testDescription: "a claim of high risk", data: "public", extra: #", "riskTier": "high""#),
        ]
    )
    func floor(_ example: Floor) throws {
        let spool = try TestSpool()
        try spool.dropPackage("1.0.0", data: example.data, extra: example.extra)
        try spool.tick()
        spool.pass(seconds: 1)
        let request = try require(try spool.tick().projection.openRequests.last)
        #expect(try liveAfter(spool, request, ["bob", "erin"]) == nil)
        #expect(try liveAfter(spool, request, ["alice"]) == "alice")
    }

    @Test("a rule with a tier counts from that tier on, and not below")
    func tier() throws {
        let body = """
            environment: staging production=no
            gate: need=1 role=reviewer
            gate: tier=high need=2 role=reviewer
            build: optional
            settle: 1s
            """
        let spool = try TestSpool(policy: body)
        let low = try spool.receive("1.0.0", agent: "harmless")
        #expect(try liveAfter(spool, low, ["bob"]) == "bob")
        let high = try spool.receive("1.0.0", agent: "dangerous", extra: #", "riskTier": "high""#)
        #expect(try liveAfter(spool, high, ["bob", "erin", "alice"]) == "alice")
    }

    @Test("a vote by a key that is revoked since before it arrived no longer counts; another person's does")
    func revoked() throws {
        let spool = try TestSpool()
        let request = try spool.receive("1.0.0", environment: "production")
        try spool.decide(request.id, "bob")
        try spool.tick()
        let old = try spool.read("trust/keyring")
        let revoked = "revoked: bob/1 \(spool.now) compromised since=2026-02-01T00:00:00Z\n"
        let next = old.replacingOccurrences(
            of: "version: 1\nprevious: none",
            with: "version: 2\nprevious: \(Digest.of(old).tagged)"
        ).replacingOccurrences(of: "end\n", with: revoked + "end\n")
        try spool.drop(next, in: "trust", as: "keyring.2", signedBy: "root", kind: .keyring)
        #expect(try spool.tick().report.refused.map(\.code) == [])
        #expect(try liveAfter(spool, request, ["alice", "erin"]) == "erin")
    }

    @Test("a request of an older version ends when a higher one is approved in its slot")
    func superseded() throws {
        let spool = try TestSpool()
        let older = try spool.receive("1.0.0")
        let newer = try spool.receive("1.1.0")
        #expect(try liveAfter(spool, newer, ["bob"]) == "bob")
        let projection = try spool.tick().projection
        #expect(projection.requests[older.seq]?.state == .superseded)
        #expect(spool.list("review") == [])
    }

    @Test("a rollback never goes forward: what came after the live release is no target")
    func neverForward() throws {
        let spool = try TestSpool()
        var requests: [Request] = []
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            let request = try spool.receive(version)
            #expect(try liveAfter(spool, request, ["bob"]) == "bob")
            requests.append(request)
        }
        try spool.rollback("demo-agent", from: requests[2].release, to: requests[0].release)
        #expect(try spool.tick().report.rolledBack.map(\.to) == [requests[0].release])
        for target in ["last-good", requests[1].release] {
            try spool.rollback("demo-agent", from: requests[0].release, to: target)
            #expect(try spool.tick().report.refused.map(\.code) == ["E-ROLLBACK-TARGET"])
        }
        #expect(spool.live() == "releases/" + requests[0].release)
    }

    @Test("somebody's lease on his own drop keeps nobody else's from being read")
    func lease() throws {
        let spool = try TestSpool()
        let request = try spool.receive("1.0.0")
        let path = spool.path + "/incoming/approvals/aaa"
        try spool.write(path, "junk\n")
        let file = unsafe open(path, O_RDWR)
        defer { close(file) }
        // The kernel asks the holder by SIGIO to give it up; whoever opens without waiting gets EAGAIN.
        signal(SIGIO, SIG_IGN)
        let leaseCommand: Int32 = 1024
        #expect(fcntl(file, leaseCommand, Int32(F_WRLCK)) == 0)
        try spool.decide(request.id, "bob")
        let tick = try spool.tick()
        #expect(tick.report.activated == ["\(request.slot) \(request.release)"])
        #expect(tick.report.waiting.map(\.code) == ["E-UNREADABLE"])
    }

    @Test("names of thousands of combining marks are refused by a line that fits, and stop nothing")
    func longFindings() throws {
        let spool = try TestSpool()
        let folder = spool.path + ".package"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = """
            import io, tarfile
            with tarfile.open("\(spool.path)/incoming/packages/staging/marks.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as tar:
                for number in range(30):
                    tar.addfile(tarfile.TarInfo(str(number) + "e" + "\\u0301" * 15000), io.BytesIO())
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let innocent = try spool.receive("1.0.0")
        #expect(try spool.refusals() == ["F-PATH-LENGTH"])
        #expect(innocent.version == "1.0.0")
    }
}
