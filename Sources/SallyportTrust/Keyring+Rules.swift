internal import SallyportBase

extension Keyring {
    /// Words that stand in texts and entries where a person's name could stand.
    static let reservedPersons: Set<String> = ["unknown", "none", "runner"]

    /// A demo keyring's longest life, in seconds: 7 days.
    static let demoSeconds: Int64 = 7 * 86_400

    /// The rules of one file (formats.md §4); the whole file is refused by any of them, no line is ever skipped.
    var loadProblems: [TextProblem] {
        var problems: [TextProblem] = []
        func refuse(_ code: String, _ place: String, _ expected: String, _ found: String) {
            problems.append(TextProblem(code, place: place, expected: expected, found: found))
        }
        func repeated<Value: Hashable>(_ values: [Value]) -> [Value] {
            var seen: Set<Value> = []
            return values.filter { !seen.insert($0).inserted }
        }

        if rootThreshold > UInt64(roots.count) {
            refuse("E-KEYRING-THRESHOLD", "root-threshold", "1 to \(roots.count)", "\(rootThreshold)")
        }
        if (version == 1) != (previous == nil) {
            refuse("E-KEYRING-PREVIOUS", "previous", "none for version 1 and only there", previous?.tagged ?? "none")
        }
        for person in repeated(roots.map(\.person)) { refuse("E-KEYRING-PERSON", "root", "a person once", person) }
        for person in repeated(persons) { refuse("E-KEYRING-PERSON", "person", "a person once", person) }
        for person in Set(persons + roots.map(\.person)).intersection(Self.reservedPersons).sorted() {
            refuse("E-KEYRING-PERSON", "person", "a name that is not reserved", person)
        }
        for id in repeated(keys.map(\.id) + agentKeys.map(\.id)) { refuse("E-KEYRING-KEY-ID", "key", "an id once", id) }

        // The same 32 bytes under two names are how one person fills two places of a threshold.
        var owners: [CheckedKey: String] = [:]
        for (id, point) in points {
            if let first = owners[point] {
                refuse("E-KEYRING-POINT", id, "a key that stands once in the file", "the point of \(first)")
            }
            owners[point] = owners[point] ?? id
        }
        // minisign finds a key by its number: two keys of one number would answer for each other's errors.
        let numbers = keys.map(\.material) + roots.map(\.key)
        for number in repeated(numbers.compactMap { if case .minisign(let key) = $0 { key.keyNumber } else { nil } }) {
            refuse("E-KEYRING-KEY-ID", "minisign", "a key number once", Hex.encode(number))
        }
        for key in keys {
            if !persons.contains(key.person) { refuse("E-KEYRING-PERSON", key.id, "a person: line", key.person) }
            if key.roles.contains(.root) {
                refuse("E-KEYRING-ROLE", key.id, "root by root: lines only", "roles=root")
            }
        }
        for (id, from, until) in keys.map({ ($0.id, $0.from, $0.until) })
            + agentKeys.map({ ($0.id, $0.from, $0.until) }) where until <= from
        {
            refuse("E-KEYRING-VALIDITY", id, "until after from", "\(from) to \(until)")
        }
        for entry in submitterUIDs where !people.contains(entry.person) {
            refuse("E-KEYRING-PERSON", "submitter-uid", "a person: or root: line", entry.person)
        }
        for uid in repeated(submitterUIDs.map(\.uid)) {
            refuse("E-KEYRING-UID", "submitter-uid", "a uid once", "\(uid)")
        }
        for id in repeated(revocations.map(\.keyID)) { refuse("E-KEYRING-REVOCATION", "revoked", "an id once", id) }
        return problems
    }

    /// The rules between a version and the one before (formats.md §4).
    func chainProblems(after old: Keyring, digest: Digest) -> [TextProblem] {
        var problems = chainLinkProblems(
            "E-KEYRING",
            version: version,
            previous: previous,
            oldVersion: old.version,
            oldDigest: digest,
            pipelines: (pipeline, old.pipeline)
        )
        for revocation in old.revocations {
            guard let now = self.revocation(of: revocation.keyID) else {
                problems.append(
                    TextProblem(
                        "E-KEYRING-REVOCATION",
                        place: revocation.keyID,
                        expected: "its revoked line, for ever",
                        found: "none"
                    )
                )
                continue
            }
            if now.start > revocation.start {
                problems.append(
                    TextProblem(
                        "E-KEYRING-REVOCATION",
                        place: revocation.keyID,
                        expected:
                            "void from \(revocation.cause == .compromised && revocation.since == nil ? "the beginning" : revocation.start.text) or earlier",
                        found: "a milder line"
                    )
                )
            }
        }
        let oldIDs = Set(old.keys.map(\.id) + old.agentKeys.map(\.id))
        let everIDs = Set(old.history.values)
        for (id, point) in points {
            if let owner = old.history[point], owner != id {
                problems.append(
                    TextProblem(
                        "E-KEYRING-POINT-REUSED",
                        place: id,
                        expected: "a new key",
                        found: "the key of \(owner)"
                    )
                )
            }
            guard !id.hasSuffix("/root"), everIDs.contains(id) else { continue }
            if old.history[point] != id {
                problems.append(
                    TextProblem(
                        "E-KEYRING-ID-REUSED",
                        place: id,
                        expected: "a new id for a new key",
                        found: "an id of before"
                    )
                )
            } else if !oldIDs.contains(id), old.revocation(of: id) != nil {
                problems.append(
                    TextProblem(
                        "E-KEYRING-ID-REUSED",
                        place: id,
                        expected: "a key that was not taken out after its revocation",
                        found: "its return"
                    )
                )
            }
        }
        return problems
    }

    /// The rules that take the instant of the installation.
    func installProblems(at instant: Timestamp) -> [TextProblem] {
        var problems: [TextProblem] = []
        if expires <= instant {
            problems.append(
                TextProblem("E-KEYRING-EXPIRED", place: "expires", expected: "after \(instant)", found: expires.text)
            )
        }
        if demo, expires > instant.adding(seconds: Self.demoSeconds) {
            problems.append(
                TextProblem(
                    "E-KEYRING-DEMO",
                    place: "expires",
                    expected: "at most 7 days after \(instant)",
                    found: expires.text
                )
            )
        }
        return problems
    }
}

/// Version N+1 names the digest of N, in the same pipeline: no rollback, no jump ahead, no mix of two chains.
func chainLinkProblems(
    _ code: String,
    version: UInt64,
    previous: Digest?,
    oldVersion: UInt64,
    oldDigest: Digest,
    pipelines: (new: String, old: String)
) -> [TextProblem] {
    var problems: [TextProblem] = []
    if pipelines.new != pipelines.old {
        problems.append(
            TextProblem("\(code)-PIPELINE", place: "pipeline", expected: pipelines.old, found: pipelines.new)
        )
    }
    if version != oldVersion + 1 {
        problems.append(
            TextProblem("\(code)-VERSION", place: "version", expected: "\(oldVersion + 1)", found: "\(version)")
        )
    }
    if previous != oldDigest {
        problems.append(
            TextProblem(
                "\(code)-PREVIOUS",
                place: "previous",
                expected: oldDigest.tagged,
                found: previous?.tagged ?? "none"
            )
        )
    }
    return problems
}
