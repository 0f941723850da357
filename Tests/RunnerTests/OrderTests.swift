import Foundation
import SallyportBase
import SallyportCore
import SallyportLedger
import SallyportRunner
import SallyportTrust
import Testing

/// Two versions of an agent, live one after the other, and what operators may do with them.
@Suite("orders")
struct OrderTests {
    static let policy = """
        environment: staging production=no
        gate: need=1 role=reviewer
        build: optional
        settle: 1s
        """

    /// A slot with 1.0.0 and 1.1.0, the second one live.
    private struct Story {
        let spool: TestSpool
        let old: Request
        let new: Request
        init() throws {
            spool = try TestSpool(policy: OrderTests.policy)
            old = try Self.deploy(spool, "1.0.0")
            new = try Self.deploy(spool, "1.1.0")
        }
        static func deploy(_ spool: TestSpool, _ version: String) throws -> Request {
            let request = try spool.receive(version)
            try spool.decide(request.id, "bob")
            let tick = try spool.tick()
            #expect(tick.report.activated == ["\(request.slot) \(request.release)"])
            return request
        }
        func order(_ edit: (String) -> String = { $0 }) -> String {
            edit(
                """
                sallyport-order v1
                pipeline: \(spool.pipeline)
                order: rollback
                operator: carol
                environment: staging
                tenant: shared
                agent: demo-agent
                from: \(new.release)
                to: last-good
                reason: error rate 12 % since 10:05
                nonce: \(Random.id())
                issued: \(spool.now)
                expires: \(spool.now.adding(seconds: 3600))
                end

                """
            )
        }
        func lift(_ cause: String) -> String {
            order {
                $0.replacingOccurrences(of: "order: rollback", with: "order: lift-hold")
                    .replacingOccurrences(
                        of: "from: \(new.release)\nto: last-good",
                        with: "cause: \(Digest.of(cause).tagged)"
                    )
            }
        }
        /// The code with which an order ends, `nil` when it is obeyed.
        func obey(_ text: String, by person: String = "carol", cause: String? = nil) throws -> String? {
            let before = try spool.refusals().count
            let name = "order-" + Random.id()
            if let cause { try spool.write("\(spool.path)/incoming/orders/\(name).cause", cause) }
            try spool.drop(text, in: "orders", as: name, signedBy: person, kind: .order)
            let tick = try spool.tick()
            #expect(tick.report.failures.map(\.what) == [])
            #expect(try spool.verifyLedger() == .holds)
            let codes = try spool.refusals()
            return codes.count > before ? codes.last : nil
        }
        func replace(_ old: String, _ new: String) -> String { order { $0.replacingOccurrences(of: old, with: new) } }
        var isOld: Bool { spool.live() == "releases/" + old.release }
        var isNew: Bool { spool.live() == "releases/" + new.release }
    }

    @Test("orders that are refused change nothing, each with its code")
    func refused() throws {
        let story = try Story()
        let now = story.spool.now
        let cases: [(String, String, String)] = [
            (story.order(), "alice", "E-PERSON-MISMATCH"),
            (story.replace("operator: carol", "operator: alice"), "alice", "E-KEY-ROLE"),
            (story.order(), "stranger", "E-KEY-UNKNOWN"),
            (story.replace("agent: demo-agent", "agent: nobody"), "carol", "E-SLOT-UNKNOWN"),
            (story.replace("from: " + story.new.release, "from: " + story.old.release), "carol", "E-ALREADY-DONE"),
            (story.replace("to: last-good", "to: 0.9.0-r1"), "carol", "E-ROLLBACK-TARGET"),
            (story.replace("to: last-good", "to: " + story.new.release), "carol", "E-ROLLBACK-TARGET"),
            (story.replace(story.spool.pipeline, Random.id()), "carol", "E-PIPELINE"),
            (story.replace("issued: \(now)", "issued: \(now.adding(seconds: 601))"), "carol", "E-ORDER-FUTURE"),
            (
                story.order {
                    $0.replacingOccurrences(of: "issued: \(now)", with: "issued: \(now.adding(seconds: -7200))")
                        .replacingOccurrences(of: "expires: \(now.adding(seconds: 3600))", with: "expires: \(now)")
                }, "carol", "E-EXPIRED"
            ),
            (story.replace("order: rollback", "order: pause"), "carol", "E-GRAMMAR-VALUE"),
        ]
        for (text, person, code) in cases {
            let seen = try story.obey(text, by: person)
            #expect(seen == code, "\(text)")
            #expect(story.isNew)
        }
    }

    @Test("a rollback is obeyed once; a copy of it is a replay, and BAD is no target")
    func once() throws {
        let story = try Story()
        let text = story.order()
        #expect(try story.obey(text) == nil)
        #expect(story.isOld)
        #expect(try story.obey(text) == "E-REPLAYED")
        let back = story.replace(
            "from: " + story.new.release + "\nto: last-good",
            "from: \(story.old.release)\nto: \(story.new.release)"
        )
        #expect(try story.obey(back) == "E-ROLLBACK-TARGET")
        #expect(story.isOld)
    }

    @Test("a target whose files were changed is refused and entered as a contradiction")
    func altered() throws {
        let story = try Story()
        let file =
            "\(story.spool.path)/deployed/staging/shared/demo-agent/releases/\(story.old.release)/agent/prompts/system.txt"
        try FileManager.default.removeItem(atPath: file)
        try story.spool.write(file, "Do as you like.\n")
        #expect(try story.obey(story.order()) == "E-ROLLBACK-TARGET")
        #expect(story.isNew)
        let paths = try story.spool.entries().filter { $0["type"]?.string == "disk.contradicted" }.map {
            $0["data"]?["path"]?.string
        }
        #expect(paths == ["deployed/staging/shared/demo-agent/releases/\(story.old.release)"])
    }

    @Test("a held slot activates nothing; lift-hold needs its root cause, then a higher version goes live")
    func hold() throws {
        let story = try Story()
        #expect(try story.obey(story.order()) == nil)
        let next = try story.spool.receive("1.2.0")
        try story.spool.decide(next.id, "bob")
        #expect(try story.spool.tick().report.activated == [])
        #expect(story.isOld)
        #expect(story.spool.list("approved") == [next.directoryName])
        #expect(try story.obey(story.lift("why")) == "E-CAUSE")
        #expect(try story.obey(story.lift("why"), cause: "something else") == "E-CAUSE")
        #expect(story.spool.live() == "releases/" + story.old.release)
        #expect(try story.obey(story.lift("why"), cause: "why") == nil)
        #expect(story.spool.live() == "releases/" + next.release)
        #expect(try story.obey(story.lift("again"), cause: "again") == "E-NOT-HELD")
    }

    @Test("what was rolled back comes again only after a lifted hold, and with a warning")
    func again() throws {
        let story = try Story()
        #expect(try story.obey(story.order()) == nil)
        let packed = try archived(story.spool, story.new) + "/demo-agent-1.1.0.tar.gz"
        func submit() throws {
            try FileManager.default.copyItem(
                atPath: packed,
                toPath: "\(story.spool.path)/incoming/packages/staging/\(Random.id()).tar.gz"
            )
            try story.spool.tick()
            story.spool.pass(seconds: 1)
            try story.spool.tick()
        }
        try submit()
        let before = try require(try story.spool.entries().last { $0["type"]?.string == "package.refused" })
        let rules = (before["data"]?["findings"]?.array ?? []).compactMap { $0["rule"]?.string }
        #expect(rules == ["F-PAYLOAD-BAD"])
        #expect(try story.obey(story.lift("why"), cause: "why") == nil)
        try submit()
        // A new request for old bytes, under their old number; the people who decide are told.
        let after = try require(try story.spool.tick().projection.openRequests.last)
        #expect(after.payload == story.new.payload)
        #expect(try story.spool.read("review/\(after.directoryName)/report.md").contains("F-PAYLOAD-ONCE-BAD"))
    }

    private func archived(_ spool: TestSpool, _ request: Request) throws -> String {
        let (year, month) = request.received.yearAndMonth
        return "\(spool.path)/archive/\(year)/\(month)/\(request.directoryName)"
    }
}
