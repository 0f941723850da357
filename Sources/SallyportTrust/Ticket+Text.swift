public import SallyportBase

extension Ticket: TextValue {
    static var kind: DocumentKind { .ticket }

    init(reading cursor: inout LineCursor) throws(TextProblem) {
        pipeline = try cursor.one("pipeline", word)
        environment = try cursor.one("environment", word)
        tenant = try cursor.one("tenant", word)
        submitter = try cursor.one("submitter", word)
        package = try cursor.one("SHA256") { FileDigest(value: $0) }
        size = try cursor.one("size", number)
        change = try cursor.maybe("change", word)
        nonce = try cursor.one("nonce", word)
        expires = try cursor.one("expires", time)
    }

    var ruleProblems: [TextProblem] { [] }

    var lines: [TextLine] {
        var out = [
            TextLine("pipeline", pipeline), TextLine("environment", environment), TextLine("tenant", tenant),
            TextLine("submitter", submitter), TextLine("SHA256", package.value), TextLine("size", "\(size)"),
        ]
        if let change { out.append(TextLine("change", change)) }
        return out + [TextLine("nonce", nonce), TextLine("expires", expires.text)]
    }

    /// The exact bytes; refused when a field does not fit the grammar.
    public func text() throws(TextProblem) -> [UInt8] { try checkedText() }

    /// Reads a text without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Ticket, TextProblems> { parse(text) }

    /// What is wrong with the ticket's time when it arrives: `E-EXPIRED`, `E-EXPIRES-FAR` (more than 24 h ahead).
    public func timeProblems(at arrival: Timestamp) -> [TextProblem] {
        if expires <= arrival {
            return [TextProblem("E-EXPIRED", place: "expires", expected: "after \(arrival)", found: expires.text)]
        }
        if expires > arrival.adding(seconds: 86_400) {
            return [
                TextProblem(
                    "E-EXPIRES-FAR",
                    place: "expires",
                    expected: "at most 24 h after \(arrival)",
                    found: expires.text
                )
            ]
        }
        return []
    }
}
