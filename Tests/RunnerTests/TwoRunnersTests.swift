import Foundation
import SallyportBase
import SallyportCore
import SallyportLedger
import SallyportRunner
import Synchronization
import Testing

/// Two runners on one spool: the ledger's append is the only place where they meet.
@Suite("two runners")
struct TwoRunnersTests {
    static let agents = (1...6).map { "agent-\($0)" }

    @Test("each request is activated once, the ledger holds, nothing is left over")
    func together() throws {
        let spool = try TestSpool(policy: RecoveryTests.policy)
        let isOver = Mutex(false)
        let errors = Mutex<[String]>([])
        let group = DispatchGroup()
        for _ in 0..<2 {
            Thread.detachInGroup(group) {
                while !isOver.withLock({ $0 }) {
                    do {
                        let report = try spool.tick().report
                        let said = report.contradictions.map { "\($0.path): \($0.found)" } + report.failures.map(\.what)
                        errors.withLock { $0 += said }
                    } catch { errors.withLock { $0.append("\(error)") } }
                }
            }
        }
        for agent in Self.agents { try spool.dropPackage("1.0.0", agent: agent, name: "." + agent) }
        for agent in Self.agents {
            let area = spool.path + "/incoming/packages/staging/"
            try FileManager.default.moveItem(atPath: area + "." + agent, toPath: area + agent)
            spool.pass(seconds: 1)
        }
        var decided: Set<String> = []
        // Bounded by looks, not by time: each look moves the spool's clock, which is what settling waits for.
        for _ in 0..<600 where spool.list("deployed/staging/shared").count < Self.agents.count {
            spool.pass(seconds: 1)
            for directory in spool.list("review") {
                let id = String(directory.prefix { $0 != "-" })
                guard !decided.contains(id), spool.exists("review/\(directory)/\(id).bob.approve"),
                    (try? spool.decide(id, "bob")) != nil
                else { continue }
                decided.insert(id)
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        isOver.withLock { $0 = true }
        group.wait()
        let last = try spool.tick()
        #expect(errors.withLock { $0 } == [])
        #expect(last.report.contradictions.map(\.path) + last.report.failures.map(\.what) == [])
        let activated = try spool.entries().filter { $0["type"]?.string == "release.activated" }
        #expect(
            activated.compactMap { $0["data"]?["slot"]?.string }.sorted() == Self.agents.map { "staging/shared/" + $0 }
        )
        for agent in Self.agents { #expect(spool.live(agent) != nil) }
        #expect(try spool.refusals() == [])
        #expect(try spool.verifyLedger() == .holds)
        #expect(spool.list(".state/staged") == [])
        #expect(spool.list(".state/scratch").filter { !$0.hasPrefix(last.runID) } == [])
        let check = try DiskCheck.run(try Spool.open(path: spool.path), last.projection)
        #expect(check.problems.map(\.path) == [])
    }
}

extension Thread {
    fileprivate static func detachInGroup(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
        group.enter()
        Thread.detachNewThread {
            body()
            group.leave()
        }
    }
}
