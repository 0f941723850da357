public import SallyportBase

extension Order: TextValue {
    static var kind: DocumentKind { .order }

    init(reading cursor: inout LineCursor) throws(TextProblem) {
        pipeline = try cursor.one("pipeline", word)
        order = try cursor.one("order") { Name(rawValue: $0) }
        self.operator = try cursor.one("operator", word)
        environment = try cursor.one("environment", word)
        tenant = try cursor.maybe("tenant", word)
        agent = try cursor.maybe("agent", word)
        request = try cursor.maybe("request") { Names.requestNumber($0) }
        from = try cursor.maybe("from") { ReleaseName($0) }
        to = try cursor.maybe("to") { $0 == "last-good" ? .lastGood : ReleaseName($0).map { .release($0) } }
        cause = try cursor.maybe("cause") { Digest(tagged: $0) }
        reason = try cursor.one("reason", word)
        incident = try cursor.maybe("incident", word)
        nonce = try cursor.one("nonce", word)
        issued = try cursor.one("issued", time)
        expires = try cursor.one("expires", time)
    }

    var ruleProblems: [TextProblem] {
        guard issued < expires, expires <= issued.adding(seconds: 86_400) else {
            return [
                TextProblem(
                    "E-GRAMMAR-RULE",
                    place: "expires",
                    expected: "after issued, by at most 24 h",
                    found: expires.text
                )
            ]
        }
        return []
    }

    var lines: [TextLine] {
        var out = [
            TextLine("pipeline", pipeline), TextLine("order", order.rawValue), TextLine("operator", self.operator),
            TextLine("environment", environment),
        ]
        let optional: [(String, String?)] = [
            ("tenant", tenant), ("agent", agent), ("request", request.map { "r\($0)" }), ("from", from?.description),
            ("to", to?.description), ("cause", cause?.tagged),
        ]
        for (key, value) in optional { if let value { out.append(TextLine(key, value)) } }
        out.append(TextLine("reason", reason))
        if let incident { out.append(TextLine("incident", incident)) }
        return out + [TextLine("nonce", nonce), TextLine("issued", issued.text), TextLine("expires", expires.text)]
    }

    /// The exact bytes; refused when a field does not fit the order's grammar.
    public func text() throws(TextProblem) -> [UInt8] { try checkedText() }

    /// Reads a text without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Order, TextProblems> { parse(text) }

    /// What is wrong with the order's times when it arrives: `E-ORDER-FUTURE` (issued more than 10 minutes ahead),
    /// `E-EXPIRED`.
    public func timeProblems(at arrival: Timestamp) -> [TextProblem] {
        var problems: [TextProblem] = []
        if issued > arrival.adding(seconds: 600) {
            problems.append(
                TextProblem(
                    "E-ORDER-FUTURE",
                    place: "issued",
                    expected: "at most 10 minutes after \(arrival)",
                    found: issued.text
                )
            )
        }
        if expires <= arrival {
            problems.append(
                TextProblem("E-EXPIRED", place: "expires", expected: "after \(arrival)", found: expires.text)
            )
        }
        return problems
    }
}
