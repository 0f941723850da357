internal import SallyportBase

extension Policy {
    init(reading parsed: ParsedText) throws(TextProblem) {
        var cursor = LineCursor(parsed)
        pipeline = try cursor.one("pipeline", word)
        version = try cursor.one("version", number)
        previous = try cursor.one("previous") { $0 == "none" ? .some(nil) : Digest(tagged: $0).map { .some($0) } }
        context = try cursor.maybe("context", word)
        var flags: [String: Bool] = [:]
        while let (name, isOn) = try cursor.maybe("flag", Policy.flag) {
            guard flags.updateValue(isOn, forKey: name) == nil else {
                throw TextProblem("E-POLICY-FLAG", place: cursor.place, expected: "a flag once", found: name)
            }
        }
        self.flags = flags
        var environments: [Environment] = []
        while cursor.key == "environment" { environments.append(try Environment(reading: &cursor, version: version)) }
        self.environments = environments
    }

    static func parse(_ text: [UInt8]) -> Result<Policy, TextProblems> {
        switch TextGrammar.policy.parse(text) {
        case .failure(let problems): return .failure(problems)
        case .success(let parsed):
            do throws(TextProblem) {
                let policy = try Policy(reading: parsed)
                let problems = policy.loadProblems
                return problems.isEmpty ? .success(policy) : .failure(TextProblems(problems))
            } catch { return .failure(TextProblems([error])) }
        }
    }

    /// Reads a draft without looking at any signature or chain: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Policy, TextProblems> { parse(text) }
}

extension Policy.Environment {
    init(reading cursor: inout LineCursor, version: UInt64) throws(TextProblem) {
        let first = cursor.index
        let line = try cursor.one("environment") { Policy.EnvironmentLine($0) }
        name = line.name
        production = line.production
        after = line.after
        soak = line.soak
        gates = try cursor.many("gate") { Policy.Gate($0) }
        distinct = try cursor.maybe("distinct", word) != "no"
        reviewFor = try Self.period("review-for", "24h", 60...(90 * 86_400), &cursor)
        approvedFor = try Self.period("approved-for", "7d", 60...(365 * 86_400), &cursor)
        rollbackWindow = try Self.period("rollback-window", "30d", 60...(3650 * 86_400), &cursor)
        retain = try cursor.maybe("retain", SallyportTrust.number) ?? 10
        rollout =
            try cursor.maybe("rollout", Policy.rollout) ?? [Policy.RolloutStep(percent: 100, hold: nil, samples: 0)]
        windows = try cursor.many("window") { Policy.Window($0) }
        freezes = try cursor.many("freeze") { Policy.Freeze($0) }
        unknownSubmitter =
            try cursor.maybe("unknown-submitter") { Policy.UnknownSubmitter(rawValue: $0) } ?? .oneMore
        reasonRequired = try cursor.maybe("reason", word) != "optional"
        let build = try cursor.maybe("build", word)
        buildRequired = build.map { $0 == "required" } ?? line.production
        onTaint = try cursor.maybe("on-taint") { Policy.OnTaint(rawValue: $0) } ?? .alert
        floor = try cursor.maybe("floor") { SemanticVersion($0) }
        settle = try Self.period("settle", "10s", 1...3600, &cursor)
        let targets = try cursor.many("target", word)
        self.targets = targets.isEmpty ? ["static"] : targets
        hooks = try cursor.many("hook") { Policy.Pinned($0) }
        checks = try cursor.many("check") { Policy.Pinned($0) }
        var hasher = SHA256()
        for line in cursor.parsed.lines[first..<cursor.index] { hasher.update(Array(line.text.utf8) + [0x0A]) }
        block = hasher.finish()
        changedIn = version
    }

    private static func period(
        _ key: String,
        _ standard: String,
        _ range: ClosedRange<Int64>,
        _ cursor: inout LineCursor
    ) throws(TextProblem) -> Period {
        let found = try cursor.maybe(key) { Period($0) }
        guard let period = found ?? Period(standard), range.contains(period.seconds) else {
            throw TextProblem(
                "E-POLICY-RANGE",
                place: cursor.place,
                expected: "\(range.lowerBound)s to \(range.upperBound)s",
                found: found?.description ?? standard
            )
        }
        return period
    }
}

extension Policy {
    /// The rules of one file; the whole file is refused by any of them.
    var loadProblems: [TextProblem] {
        var problems: [TextProblem] = []
        func refuse(_ code: String, _ place: String, _ expected: String, _ found: String) {
            problems.append(TextProblem(code, place: place, expected: expected, found: found))
        }
        if (version == 1) != (previous == nil) {
            refuse("E-POLICY-PREVIOUS", "previous", "none for version 1 and only there", previous?.tagged ?? "none")
        }
        var names: Set<String> = []
        for environment in environments {
            let name = environment.name
            if !names.insert(name).inserted { refuse("E-POLICY-ENVIRONMENT", name, "an environment once", name) }
            // A gate for one tier only would leave the other tiers without any.
            if environment.gates.allSatisfy({ $0.tier != nil }) {
                refuse("E-POLICY-GATE", name, "a gate without tier=", "gates for single tiers only")
            }
            for names in [environment.hooks.map(\.name), environment.checks.map(\.name), environment.targets]
            where Set(names).count != names.count {
                refuse("E-POLICY-TWICE", name, "each hook, check and target once", names.joined(separator: ", "))
            }
        }
        for environment in environments {
            // A walk along `after=` ends at an environment without one, after fewer steps than there are names.
            var place = environment
            var steps = 0
            while let after = place.after {
                guard let next = self.environment(after) else {
                    refuse("E-POLICY-AFTER", environment.name, "an environment of this policy", after)
                    break
                }
                steps += 1
                guard steps < environments.count else {
                    refuse("E-POLICY-AFTER", environment.name, "an order without a circle", after)
                    break
                }
                place = next
            }
        }
        return problems
    }

    /// The rules between a version and the one before.
    func chainProblems(after old: Policy, digest: Digest) -> [TextProblem] {
        chainLinkProblems(
            "E-POLICY",
            version: version,
            previous: previous,
            oldVersion: old.version,
            oldDigest: digest,
            pipelines: (pipeline, old.pipeline)
        )
    }

    /// Gives each block the version in which it last changed: the one before's number where the bytes are the same.
    mutating func inheritChanges(from old: Policy) {
        for index in environments.indices {
            guard let before = old.environment(environments[index].name), before.block == environments[index].block
            else { continue }
            environments[index].changedIn = before.changedIn
        }
    }
}
