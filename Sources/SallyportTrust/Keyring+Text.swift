internal import SallyportBase

extension Keyring {
    init(reading parsed: ParsedText) throws(TextProblem) {
        var cursor = LineCursor(parsed)
        pipeline = try cursor.one("pipeline", word)
        version = try cursor.one("version", number)
        previous = try cursor.one("previous") { $0 == "none" ? .some(nil) : Digest(tagged: $0).map { .some($0) } }
        expires = try cursor.one("expires", time)
        demo = try cursor.maybe("demo", word) != nil
        rootThreshold = try cursor.one("root-threshold", number)
        var roots: [Root] = []
        while let line = try cursor.maybe("root", word) { roots.append(try Root(line)) }
        self.roots = roots
        var logs: [LogKey] = []
        while let line = try cursor.maybe("log", word) { logs.append(try LogKey(line)) }
        self.logs = logs
        persons = try cursor.many("person", word)
        var keys: [Key] = []
        while let line = try cursor.maybe("key", word) { keys.append(try Key(line)) }
        self.keys = keys
        var agentKeys: [AgentKey] = []
        while let line = try cursor.maybe("agent-key", word) { agentKeys.append(try AgentKey(line)) }
        self.agentKeys = agentKeys
        submitterUIDs = try cursor.many("submitter-uid") { SubmitterUID($0) }
        revocations = try cursor.many("revoked") { Revocation($0) }
        for (id, point) in points { history[point] = id }
    }

    /// Every point of the file with the id of its line.
    var points: [(id: String, point: CheckedKey)] {
        roots.map { ($0.id, $0.key.point) } + keys.map { ($0.id, $0.material.point) }
            + agentKeys.map { ($0.id, $0.key) }
    }

    static func parse(_ text: [UInt8]) -> Result<Keyring, TextProblems> {
        switch TextGrammar.keyring.parse(text) {
        case .failure(let problems): return .failure(problems)
        case .success(let parsed):
            do throws(TextProblem) {
                let keyring = try Keyring(reading: parsed)
                let problems = keyring.loadProblems
                return problems.isEmpty ? .success(keyring) : .failure(TextProblems(problems))
            } catch { return .failure(TextProblems([error])) }
        }
    }

    /// Reads a draft without looking at any signature or chain: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Keyring, TextProblems> { parse(text) }
}
