internal import SallyportBase

extension Approval: TextValue {
    static var kind: DocumentKind { .approval }

    init(reading cursor: inout LineCursor) throws(TextProblem) {
        pipeline = try cursor.one("pipeline", word)
        request = try cursor.one("request") { RequestReference($0) }
        issue = try cursor.one("issue", number)
        decision = try cursor.one("decision") { Decision(rawValue: $0) }
        reviewer = try cursor.one("reviewer", word)
        environment = try cursor.one("environment", word)
        tenant = try cursor.one("tenant", word)
        agent = try cursor.one("agent", word)
        version = try cursor.one("version") { SemanticVersion($0) }
        package = try cursor.one("SHA256") { FileDigest(value: $0) }
        manifest = try Self.digest(of: "agent.json", &cursor)
        report = try Self.digest(of: "report.md", &cursor)
        size = try cursor.one("size", number)
        capabilities = try cursor.many("capability", word)
        submitter = try cursor.one("submitter", word)
        replaces = try cursor.one("replaces") { $0 == "none" ? .some(nil) : ReleaseName($0).map { .some($0) } }
        rollback = try cursor.one("rollback") { RollbackConsent($0) }
        policy = try cursor.one("policy") { PolicyReference($0) }
        expires = try cursor.one("expires", time)
        findings = []
        while let finding = try cursor.maybe("finding", word) {
            findings.append(try cursor.one("remedy") { Defect(finding: finding, remedy: $0) })
        }
        accepts = try cursor.many("accepts") { Acceptance($0) }
        reason = try cursor.one("reason", word)
    }

    private static func digest(of name: String, _ cursor: inout LineCursor) throws(TextProblem) -> Digest {
        let file = try cursor.one("SHA256") { FileDigest(value: $0) }
        guard file.name == name else {
            throw TextProblem("E-GRAMMAR-RULE", place: cursor.place, expected: "SHA256 (\(name))", found: file.name)
        }
        return file.digest
    }

    /// Extensions that the bytes of a package can give its name.
    public static let extensions = ["tar.gz", "tar.zst", "tar.xz", "zip", "mcpb"]

    var ruleProblems: [TextProblem] {
        var problems: [TextProblem] = []
        func rule(_ holds: Bool, _ place: String, _ expected: String, _ found: String) {
            if !holds { problems.append(TextProblem("E-GRAMMAR-RULE", place: place, expected: expected, found: found)) }
        }
        let stem = "\(agent)-\(version)"
        rule(
            Self.extensions.contains { package.name == "\(stem).\($0)" },
            "SHA256",
            "\(stem).<\(Self.extensions.joined(separator: "|"))>",
            package.name
        )
        rule(policy.environment == environment, "policy", environment, policy.environment)
        rule(decision == .reject || findings.isEmpty, "finding", "findings in a rejection only", decision.rawValue)
        rule(decision == .approve || accepts.isEmpty, "accepts", "accepts in an approval only", decision.rawValue)
        return problems
    }

    var lines: [TextLine] {
        var out = termLines
        for finding in findings {
            out.append(TextLine("finding", finding.findingValue))
            out.append(TextLine("remedy", finding.remedy))
        }
        out += accepts.map { TextLine("accepts", $0.value) }
        out.append(TextLine("reason", reason))
        return out
    }

    // What the runner writes and nobody may change.
    private var termLines: [TextLine] {
        var out = [
            TextLine("pipeline", pipeline), TextLine("request", request.description), TextLine("issue", "\(issue)"),
            TextLine("decision", decision.rawValue), TextLine("reviewer", reviewer),
            TextLine("environment", environment), TextLine("tenant", tenant), TextLine("agent", agent),
            TextLine("version", version.description), TextLine("SHA256", package.value),
            TextLine("SHA256", FileDigest(name: "agent.json", digest: manifest).value),
            TextLine("SHA256", FileDigest(name: "report.md", digest: report).value), TextLine("size", "\(size)"),
        ]
        out += capabilities.map { TextLine("capability", $0) }
        out += [
            TextLine("submitter", submitter), TextLine("replaces", replaces?.description ?? "none"),
            TextLine("rollback", rollback.description), TextLine("policy", policy.description),
            TextLine("expires", expires.text),
        ]
        return out
    }

    /// The exact bytes; refused when a field does not fit the grammar.
    public func text() throws(TextProblem) -> [UInt8] { try checkedText() }

    /// Reads a text without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Approval, TextProblems> { parse(text) }

    /// The lines that differ from what the runner wrote, each as `E-LINE-DIFFERS`.
    ///
    /// A reviewer may change `reason`, in a rejection `finding` and `remedy`, in an approval add `accepts`: these are
    /// not compared. Capabilities are compared line by line.
    public func differences(from expected: Approval) -> [TextProblem] {
        func values(_ approval: Approval) -> [(place: String, line: String)] {
            var counts: [String: Int] = [:]
            return approval.termLines.map { line in
                counts[line.key, default: 0] += 1
                let several = line.key == "capability" || line.key == "SHA256"
                return (several ? "\(line.key) \(counts[line.key, default: 0])" : line.key, line.value)
            }
        }
        let mine = values(self)
        let theirs = values(expected)
        let found = Dictionary(mine.map { ($0.place, $0.line) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(theirs.map(\.place))
        var problems: [TextProblem] = []
        for (place, line) in theirs where found[place] != line {
            problems.append(
                TextProblem("E-LINE-DIFFERS", place: place, expected: line, found: found[place] ?? "no such line")
            )
        }
        for (place, line) in mine where !wanted.contains(place) {
            problems.append(TextProblem("E-LINE-DIFFERS", place: place, expected: "no such line", found: line))
        }
        return problems
    }

    /// Dashes that the reviewer left in reason, finding or remedy, as `E-REASON-MISSING`.
    public var missingWords: [TextProblem] {
        var places = reason == "-" ? ["reason"] : []
        for (index, finding) in findings.enumerated() {
            if finding.text == "-" { places.append("finding \(index + 1)") }
            if finding.remedy == "-" { places.append("remedy \(index + 1)") }
        }
        return places.map { TextProblem("E-REASON-MISSING", place: $0, expected: "words of yours", found: "-") }
    }

    /// File name of the pre-filled text: `r1884.alice.approve`.
    public var fileName: String { "r\(request.number).\(reviewer).\(decision.rawValue)" }
}
