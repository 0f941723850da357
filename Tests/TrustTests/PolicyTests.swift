import SallyportBase
import SallyportTrust
import Testing

@Suite struct PolicyTests {
    @Test func defaultsAndFields() throws {
        let policy = try Policy.unverified(bytes(Samples.policy)).get()
        #expect(policy.flags == ["enable-deployment-pipeline": true])
        let staging = try #require(policy.environment("staging"))
        #expect(!staging.production)
        #expect(staging.distinct)
        #expect(staging.reviewFor.seconds == 86_400)
        #expect(staging.approvedFor.seconds == 7 * 86_400)
        #expect(staging.rollbackWindow.seconds == 30 * 86_400)
        #expect(staging.retain == 10)
        #expect(staging.settle.seconds == 10)
        #expect(staging.unknownSubmitter == .oneMore)
        #expect(staging.reasonRequired)
        #expect(!staging.buildRequired)
        #expect(staging.targets == ["static"])
        let lines = "environment: staging production=no\ngate: need=1 role=reviewer\nrollout: 100%\ntarget: static\n"
        #expect(staging.block == Digest.of(lines))
        #expect(staging.reference.description == "staging 1 \(Digest.of(lines).tagged)")
        let production = try #require(policy.environment("production"))
        #expect(production.production)
        #expect(production.after == "staging")
        #expect(production.soak?.seconds == 86_400)
        #expect(production.gates.map(\.role) == [.reviewer, .security, .riskOwner])
        #expect(production.gates.map(\.tier) == [nil, nil, .critical])
        #expect(production.rollout.map(\.percent) == [5, 20, 50, 100])
        #expect(production.windows.first?.lastDay == 4)
        #expect(production.windows.first?.opens == 480)
        #expect(production.freezes.first?.need == 3)
        #expect(production.unknownSubmitter == .deny)
        #expect(production.buildRequired)
    }

    private static let blocks = Samples.policy.split(separator: "\n").drop { !$0.hasPrefix("environment") }.dropLast()
        .map { $0 + "\n" }.joined()

    static let faults: [(why: String, codes: [String], old: String, new: String)] = [
        ("need 0", ["E-GRAMMAR-VALUE"], "gate: need=1 role=reviewer\nrollout", "gate: need=0 role=reviewer\nrollout"),
        ("no need", ["E-GRAMMAR-VALUE"], "gate: need=1 role=security", "gate: role=security"),
        ("an unknown role", ["E-GRAMMAR-VALUE"], "need=1 role=security", "need=1 role=boss"),
        ("a role that does not approve", ["E-GRAMMAR-VALUE"], "need=1 role=security", "need=1 role=root"),
        ("no gate", ["E-GRAMMAR-MISSING"], "gate: need=1 role=reviewer\nrollout", "rollout"),
        (
            "gates for one tier only", ["E-POLICY-GATE"], "gate: need=1 role=reviewer\nrollout",
            "gate: tier=low need=1 role=reviewer\nrollout"
        ),
        ("an unknown line", ["E-GRAMMAR-UNKNOWN"], "distinct: yes", "distinct: yes\nskip-review: yes"),
        (
            "an environment twice", ["E-POLICY-ENVIRONMENT"],
            "environment: production production=yes after=staging soak=24h", "environment: staging"
        ),
        ("after nothing", ["E-POLICY-AFTER"], "after=staging", "after=test"),
        ("after itself", ["E-POLICY-AFTER"], "after=staging", "after=production"),
        ("soak without after", ["E-GRAMMAR-VALUE"], "after=staging soak", "soak"),
        ("production=maybe", ["E-GRAMMAR-VALUE"], "production=no", "production=maybe"),
        ("rollout that falls", ["E-GRAMMAR-VALUE"], "5%/15m/50 20%", "25%/15m/50 20%"),
        ("rollout without an end", ["E-GRAMMAR-VALUE"], " 100%\nwindow", "\nwindow"),
        ("window backwards", ["E-GRAMMAR-VALUE"], "08:00-16:00", "16:00-08:00"),
        ("a zone that climbs", ["E-GRAMMAR-VALUE"], "Europe/Berlin", "../../etc/passwd"),
        ("freeze backwards", ["E-GRAMMAR-VALUE"], "freeze: 2026-12-18", "freeze: 2027-12-18"),
        ("review for a year", ["E-POLICY-RANGE"], "review-for: 24h", "review-for: 365d"),
        ("a period without a unit", ["E-GRAMMAR-VALUE"], "settle: 10s", "settle: 10"),
        ("retain 1: nothing to go back to", ["E-GRAMMAR-VALUE"], "retain: 10", "retain: 1"),
        (
            "a flag twice", ["E-POLICY-FLAG"], "environment: staging",
            "flag: enable-deployment-pipeline off\nenvironment: staging"
        ),
        (
            "lines out of order in a block", ["E-GRAMMAR-ORDER"], "distinct: yes\nreview-for: 24h",
            "review-for: 24h\ndistinct: yes"
        ),
        ("no environment", ["E-GRAMMAR-MISSING"], blocks, ""),
    ]

    @Test func eachFaultHasItsCode() {
        for fault in Self.faults {
            let text = Samples.policy.replacing(fault.old, with: fault.new)
            #expect(text != Samples.policy, "\(fault.why)")
            #expect(codes(Policy.unverified(bytes(text))) == fault.codes, "\(fault.why)")
        }
    }

    @Test func chainAndTheNumberOfTheLastChange() throws {
        let keyring = try Samples.installedKeyring()
        func check(_ text: String, _ signers: [String], after old: Verified<Policy>?) throws -> DocumentCheck<Policy> {
            let signatures = try signers.map { try Samples.sign(text, .policy, $0) }
            return checkPolicy(bytes(text), signatures: signatures, keyring: keyring, after: old, at: Samples.day)
        }
        let both = ["root-carol", "root-erin"]
        let first = try verified(check(Samples.policy, both, after: nil))
        #expect(codes(try check(Samples.policy, ["root-carol"], after: nil)) == ["waiting carol of 2"])
        #expect(codes(try check(Samples.policy, ["alice"], after: nil)) == ["E-KEY-UNKNOWN"])
        #expect(codes(try check(Samples.policy, [], after: nil)) == ["unsigned"])
        #expect(codes(try check(Samples.policy, both, after: first)) == ["E-POLICY-VERSION", "E-POLICY-PREVIOUS"])
        let foreign = Samples.policy.replacing(Samples.pipeline, with: String(Samples.pipeline.reversed()))
        #expect(codes(try check(foreign, both, after: nil)) == ["E-POLICY-PIPELINE"])
        let next = Samples.policy.replacing(
            "version: 1\nprevious: none",
            with: "version: 2\nprevious: \(first.textDigest.tagged)"
        )
        let raised = next.replacing("gate: need=1 role=security", with: "gate: need=2 role=security")
        let second = try verified(check(raised, both, after: first))
        #expect(second.payload.environment("staging")?.changedIn == 1)
        #expect(second.payload.environment("production")?.changedIn == 2)
        let third = raised.replacing(
            "version: 2\nprevious: \(first.textDigest.tagged)",
            with: "version: 3\nprevious: \(second.textDigest.tagged)"
        )
        let last = try verified(check(third, both, after: second))
        #expect(last.payload.environments.map(\.changedIn) == [1, 2])
        let jump = third.replacing("version: 3", with: "version: 9")
        #expect(codes(try check(jump, both, after: second)) == ["E-POLICY-VERSION"])
    }

    @Test func draftsAreReadAgain() throws {
        var draft = TextDraft(.policy)
        for (key, value) in [
            ("pipeline", Samples.pipeline), ("version", "1"), ("previous", "none"), ("environment", "a"),
        ] {
            draft.add(key, value)
        }
        #expect(throws: TextProblems.self) { _ = try draft.bytes() }
        draft.add("gate", "need=1 role=reviewer")
        #expect(string(try draft.bytes()).hasSuffix("environment: a\ngate: need=1 role=reviewer\nend\n"))
    }
}
