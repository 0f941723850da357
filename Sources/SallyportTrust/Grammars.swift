private func line(_ rule: LineRule) -> GrammarPart { .line(rule) }

extension TextGrammar {
    static let approval = TextGrammar(
        .approval,
        [
            line(.once("pipeline", .id, "this installation's id")),
            line(.once("request", .request, "a request that is open, and the leaf hash of its arrival")),
            line(.once("issue", .number(1...maxVersion), "the request's current issue")),
            line(.once("decision", .oneOf(Approval.Decision.allCases.map(\.rawValue)), "the request's state")),
            line(.once("reviewer", .name, "the person that owns the signing key")),
            line(.once("environment", .name, "the request; the key's scope")),
            line(.once("tenant", .name, "the request; the key's scope")),
            line(.once("agent", .agent, "the manifest; the key's scope")),
            line(.once("version", .version, "the manifest")),
            line(.many("SHA256", .fileDigest, 3...3, "package, agent.json and report.md, in this order")),
            line(.once("size", .number(1...(1 << 40), unit: "bytes"), "the package")),
            line(.many("capability", .capability, 0...384, "the manifest, line by line")),
            line(.once("submitter", .name, "the request's submitter, or unknown")),
            line(.once("replaces", .orNone(.release), "what is live in the slot")),
            line(.once("rollback", .rollback, "the manifest")),
            line(.once("policy", .policyReference, "the environment's block in the policy in force")),
            line(.once("expires", .time, "the time of arrival")),
            .block(
                0...32,
                [
                    .once("finding", .finding, "only in a rejection; the reviewer's words"),
                    .once("remedy", .text, "stands after each finding; the reviewer's words"),
                ]
            ),
            line(.many("accepts", .acceptance, 0...32, "only in an approval; the key's roles")),
            line(.once("reason", .text, "the reviewer's words; a dash where the policy allows it")),
        ]
    )

    private static let slotOrders = Set(Order.Name.allCases).subtracting([.freeze, .unfreeze])
    private static let requestOrders: Set<Order.Name> = [.cancel, .annotate]
    private static let fromOrders: Set<Order.Name> = [
        .rollback, .advance, .pause, .resume, .abort, .hold, .pin, .unpin, .retire,
    ]

    static let order = TextGrammar(
        .order,
        [
            line(.once("pipeline", .id, "this installation's id")),
            line(.once("order", .oneOf(Order.Name.allCases.map(\.rawValue)), "selects the lines below")),
            line(.once("operator", .name, "the person that owns the signing key")),
            line(.once("environment", .name, "the policy; the key's scope")),
            line(.once("tenant", .name, "the slot; the key's scope", only: slotOrders)),
            line(.once("agent", .agent, "the slot; the key's scope", only: slotOrders)),
            line(.once("request", .requestNumber, "a request of this slot", only: requestOrders)),
            line(.once("from", .release, "what is live in the slot", only: fromOrders)),
            line(
                .once(
                    "to",
                    ValueType("<version>-r<number> | last-good") { $0 == "last-good" || ReleaseName($0) != nil },
                    "a release that may be rolled back to",
                    only: [.rollback]
                )
            ),
            line(
                .once(
                    "to",
                    .release,
                    "the release of the rollout",
                    only: [.advance, .pause, .resume, .abort]
                )
            ),
            line(.once("cause", .digest, "the file dropped as <order>.cause", only: [.liftHold])),
            line(.once("reason", .text, "the operator's words")),
            line(.optional("incident", .text, "the operator's words")),
            line(.once("nonce", .id, "orders obeyed before")),
            line(.once("issued", .time, "at most 10 minutes after the arrival")),
            line(.once("expires", .time, "after the arrival; at most 24 h after issued")),
        ]
    )

    static let ticket = TextGrammar(
        .ticket,
        [
            line(.once("pipeline", .id, "this installation's id")),
            line(.once("environment", .name, "the drop directory; the key's scope")),
            line(.once("tenant", .name, "the key's scope")),
            line(.once("submitter", .name, "the person that owns the signing key")),
            line(.once("SHA256", .fileDigest, "the package beside it")),
            line(.once("size", .number(1...(1 << 40), unit: "bytes"), "the package beside it")),
            line(.optional("change", .text, "nothing: a reference for people")),
            line(.once("nonce", .id, "tickets seen before")),
            line(.once("expires", .time, "after the arrival, by at most 24 h")),
        ]
    )

    static let keyring = TextGrammar(
        .keyring,
        [
            line(.once("pipeline", .id, "this installation's id")),
            line(.once("version", .number(1...maxVersion), "the version before, and one more")),
            line(.once("previous", .orNone(.digest), "the text of the version before; none for version 1")),
            line(.once("expires", .time, "after the installation; with demo at most 7 days after it")),
            line(.optional("demo", .oneOf(["yes"]), "default: no demo keys")),
            line(.once("root-threshold", .number(1...64, unit: "people"), "at most the number of root lines")),
            line(.many("root", .rootLine, 1...64, "one line a person; a key with no other use")),
            line(.many("log", .logLine, 0...16, "the ledger's own key")),
            line(.many("person", .name, 0...1000, "each once; not unknown, none or runner")),
            line(.many("key", .keyLine, 0...2000, "a person; ids and points are never reused")),
            line(.many("agent-key", .agentKeyLine, 0...1000, "ids and points are never reused")),
            line(.many("submitter-uid", .submitterUID, 0...1000, "a person; an account has one person")),
            line(.many("revoked", .revocation, 0...2000, "never disappears, never grows milder")),
        ]
    )

    static let policy = TextGrammar(
        .policy,
        [
            line(.once("pipeline", .id, "this installation's id")),
            line(.once("version", .number(1...maxVersion), "the version before, and one more")),
            line(.once("previous", .orNone(.digest), "the text of the version before; none for version 1")),
            line(.optional("context", .text, "words for reports; default none")),
            line(.many("flag", .flag, 0...32, "each name once; enable-deployment-pipeline is on unless it says off")),
            .block(1...64, environmentLines),
        ]
    )

    private static let environmentLines: [LineRule] = [
        .once("environment", .environment, "each name once; production unless it says no"),
        .many("gate", .gate, 1...32, "at least one without tier; promise 1 holds besides"),
        .optional("distinct", .oneOf(["yes", "no"]), "default yes"),
        .optional("review-for", .period, "default 24h; 1m to 90d"),
        .optional("approved-for", .period, "default 7d; 1m to 365d"),
        .optional("rollback-window", .period, "default 30d"),
        .optional("retain", .number(2...1000, unit: "releases"), "default 10; 2 so that one can go back"),
        .optional("rollout", .rollout, "default 100%"),
        .many("window", .window, 0...32, "default always"),
        .many("freeze", .freeze, 0...32, "default none"),
        .optional(
            "unknown-submitter",
            .oneOf(Policy.UnknownSubmitter.allCases.map(\.rawValue)),
            "default one-more"
        ),
        .optional("reason", .oneOf(["required", "optional"]), "default required"),
        .optional("build", .oneOf(["required", "optional"]), "default required in production"),
        .optional("on-taint", .oneOf(Policy.OnTaint.allCases.map(\.rawValue)), "default alert"),
        .optional("floor", .version, "default none"),
        .optional("settle", .period, "default 10s; 1s to 1h"),
        .many("target", .name, 0...8, "default static"),
        .many("hook", .pinned, 0...16, "default none"),
        .many("check", .pinned, 0...16, "default none"),
    ]
}
