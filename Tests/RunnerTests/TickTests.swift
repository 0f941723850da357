import Foundation
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportRunner
import Testing

@Suite("tick")
struct TickTests {
    @Test("a package goes from the drop through staging's gate to current, and the second version back again")
    func life() throws {
        let spool = try TestSpool()
        try spool.dropPackage("1.0.0")
        #expect(try spool.tick().report.waiting.map(\.state) == ["settling"])
        spool.pass(seconds: 1)
        let received = try spool.tick()
        #expect(received.report.failures.map(\.what) == [])
        #expect(received.report.refused.map(\.code) == [])
        let request = try require(received.projection.openRequests.first)
        #expect(spool.list("review") == [request.directoryName])
        #expect(spool.list("incoming/packages/staging") == [])
        try spool.decide(request.id, "bob")
        let approved = try spool.tick()
        #expect(approved.report.failures.map(\.what) == [])
        #expect(approved.report.refused.map(\.code) == [])
        #expect(approved.report.activated == ["staging/shared/demo-agent 1.0.0-\(request.id)"])
        #expect(
            try FileManager.default.destinationOfSymbolicLink(
                atPath: spool.path + "/deployed/staging/shared/demo-agent/current"
            ) == "releases/1.0.0-\(request.id)"
        )
        #expect(spool.list("review") == [])
        #expect(spool.list("approved") == [])
        #expect(spool.list(".state/staged") == [])

        try spool.dropPackage("1.1.0")
        try spool.tick()
        spool.pass(seconds: 1)
        let second = try require(try spool.tick().projection.openRequests.first)
        try spool.decide(second.id, "bob")
        #expect(try spool.tick().report.activated == ["staging/shared/demo-agent 1.1.0-\(second.id)"])
        try spool.rollback("demo-agent", from: "1.1.0-\(second.id)")
        let back = try spool.tick()
        #expect(back.report.refused.map(\.code) == [])
        #expect(back.report.rolledBack.map(\.to) == ["1.0.0-\(request.id)"])
        #expect(
            try FileManager.default.destinationOfSymbolicLink(
                atPath: spool.path + "/deployed/staging/shared/demo-agent/current"
            ) == "releases/1.0.0-\(request.id)"
        )
        #expect(back.projection.slots["staging/shared/demo-agent"]?.hold != nil)
        #expect(back.report.contradictions.map(\.path) == [])
        let check = try DiskCheck.run(try Spool.open(path: spool.path), back.projection)
        #expect(check.problems.map(\.path) == [])
        #expect(check.checked == 4)
    }

    @Test("a signed policy whose lines this release does not hold is refused by each line, and changes nothing")
    func unheldPolicy() throws {
        let spool = try TestSpool()
        let before = try require(try spool.tick().projection.policies.last)
        let body = """
            environment: staging production=no
            gate: need=1 role=reviewer
            rollout: 5%/15m/50 100%
            freeze: 2026-12-18T00:00:00Z 2027-01-07T00:00:00Z need=3 role=security
            settle: 1s
            """
        try spool.dropPolicy(body, version: 2, previous: before.digest.tagged)
        let tick = try spool.tick()
        #expect(tick.report.refused.map(\.code) == ["E-POLICY-UNSUPPORTED"])
        #expect(tick.projection.policies.last == before)
        let line = try require(spool.read("ledger/lines/000.jsonl").split(separator: "\n").last)
        #expect(line.contains("freeze of staging"))
        #expect(line.contains("rollout of staging"))
    }
}
