internal import SallyportBase

/// The first keyring and policy, as `init` writes them for people to complete and sign (formats.md §4).
enum Drafts {
    /// A person with the words of a `key:` line: `sshsig ssh-ed25519 AAAA…` or `minisign RW…`.
    struct Person {
        let name: String
        let key: String
        let roles: String
    }

    /// People of a new installation: their keys are words in capitals, which no check accepts.
    static let placeholders = [
        Person(name: "alice", key: "sshsig ssh-ed25519 PUBLIC-KEY-OF-ALICE", roles: "reviewer,security"),
        Person(name: "bob", key: "minisign PUBLIC-KEY-OF-BOB", roles: "reviewer"),
        Person(name: "carol", key: "sshsig ssh-ed25519 PUBLIC-KEY-OF-CAROL", roles: "operator"),
        Person(name: "dave", key: "sshsig ssh-ed25519 PUBLIC-KEY-OF-DAVE", roles: "submitter"),
    ]
    static let rootPlaceholder = "sshsig ssh-ed25519 PUBLIC-KEY-OF-ROOT"

    /// Keyring 1.
    ///
    /// - Parameters:
    ///   - days: for how long; at most 7 for a demo.
    ///   - uid: the account behind dave, where it is known.
    static func keyring(
        pipeline: String,
        vkey: String,
        root: String,
        people: [Person],
        now: Timestamp,
        days: Int64,
        demo: Bool,
        uid: UInt32?
    ) -> String {
        let expires = now.adding(seconds: days * 86_400).text
        var lines = [
            "sallyport-keyring v1", "pipeline: \(pipeline)", "version: 1", "previous: none", "expires: \(expires)",
        ]
        if demo { lines.append("demo: yes") }
        lines += ["root-threshold: 1", "root: root \(root)", "log: \(vkey) from=\(now.text)"]
        lines += people.map { "person: \($0.name)" }
        lines += people.map {
            "key: \($0.name)/1 \($0.key) roles=\($0.roles) env=* tenant=* agent=* from=\(now.text) until=\(expires)"
        }
        if let uid, people.contains(where: { $0.name == "dave" }) { lines.append("submitter-uid: dave \(uid)") }
        return (lines + ["end", ""]).joined(separator: "\n")
    }

    /// Policy 1: a staging with one reviewer, a production with a reviewer and somebody from security. It holds no line that the runner
    /// does not obey yet: a policy that promises more than it keeps is worse than a short one.
    static func policy(pipeline: String, demo: Bool) -> String {
        let production =
            demo
            ? ["build: optional", "settle: 2s", "target: static"]
            : ["rollback-window: 30d", "unknown-submitter: deny", "reason: required"]
        let lines =
            [
                "sallyport-policy v1", "pipeline: \(pipeline)", "version: 1", "previous: none",
                "flag: enable-deployment-pipeline on",
                "environment: staging production=no", "gate: need=1 role=reviewer",
            ]
            + (demo
                ? ["rollout: 100%", "reason: required", "build: optional", "settle: 2s", "target: static"]
                : ["review-for: 24h", "settle: 10s", "target: static"])
            + [
                "environment: production production=yes",
                "gate: need=1 role=reviewer", "gate: need=1 role=security", "distinct: yes",
            ] + (demo ? ["rollout: 100%", "reason: required"] : ["review-for: 24h", "approved-for: 7d"]) + production
        return (lines + ["end", ""]).joined(separator: "\n")
    }
}
