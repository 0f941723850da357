/// Several problems, as an error.
public struct TextProblems: Error, Hashable, Sendable {
    /// In the order of the text; never empty.
    public let problems: [TextProblem]
    init(_ problems: [TextProblem]) { self.problems = problems }
}

/// One line between the first and `end`.
struct TextLine: Hashable, Sendable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    /// The line as it stands in the text, without its LF.
    var text: String { key == "SHA256" ? "\(key) \(value)" : "\(key): \(value)" }

    init?(_ text: String) {
        if text.hasPrefix("SHA256 ") {
            self.init("SHA256", String(text.dropFirst(7)))
        } else {
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return nil }
            let rest = text[text.index(after: colon)...]
            guard rest.hasPrefix(" "), rest.utf8.count > 1 else { return nil }
            self.init(String(text[..<colon]), String(rest.dropFirst()))
        }
    }
}

/// A text whose bytes, lines and values are right; who signed it is another question.
struct ParsedText: Sendable {
    let kind: DocumentKind
    /// Between the first line and `end`.
    let lines: [TextLine]

    /// Line 1 is the magic, so the first of ``lines`` is line 2.
    func place(_ index: Int) -> String { "line \(index + 2) (\(lines[index].key))" }
}

extension TextGrammar {
    /// Problems that one text can have in a report: enough for its author, too few to flood anything.
    static let limitProblems = 20

    /// Reads a text by this table; every problem that can be told apart is reported.
    func parse(_ bytes: [UInt8]) -> Result<ParsedText, TextProblems> {
        switch rawLines(bytes) {
        case .failure(let problems): return .failure(problems)
        case .success(let raw):
            var grammar = self
            if kind == .order {
                switch Self.orderName(raw) {
                case .failure(let problem): return .failure(TextProblems([problem]))
                case .success(let name): grammar = only(name)
                }
            }
            var walk = GrammarWalk(grammar: grammar, raw: raw)
            walk.run()
            guard walk.problems.isEmpty else {
                return .failure(TextProblems(Array(walk.problems.prefix(Self.limitProblems))))
            }
            return .success(ParsedText(kind: kind, lines: walk.lines))
        }
    }

    // Bytes and frame: what must be right before a line can be looked at. Gives the lines between magic and `end`.
    private func rawLines(_ bytes: [UInt8]) -> Result<[String], TextProblems> {
        guard bytes.count <= limitBytes else {
            return .failure(
                TextProblems([
                    TextProblem(
                        "E-GRAMMAR-SIZE",
                        expected: "at most \(limitBytes) bytes",
                        found: "\(bytes.count) bytes"
                    )
                ])
            )
        }
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let endsInLF = lines.last?.isEmpty == true
        if endsInLF { lines.removeLast() }
        guard lines.count <= limitLines else {
            return .failure(
                TextProblems([
                    TextProblem("E-GRAMMAR-LINES", expected: "at most \(limitLines) lines", found: "\(lines.count)")
                ])
            )
        }
        var problems: [TextProblem] = []
        for (index, line) in lines.enumerated() {
            if problems.count >= Self.limitProblems { break }
            if let problem = byteProblem(line, number: index + 1) { problems.append(problem) }
        }
        let texts = lines.map { String(decoding: $0, as: UTF8.self) }
        if problems.isEmpty, let first = texts.first, first != kind.magic {
            let other = first.hasPrefix("sallyport-\(kind.rawValue) ")
            problems.append(
                TextProblem(
                    other ? "E-GRAMMAR-VERSION" : "E-GRAMMAR-MAGIC",
                    place: "line 1",
                    expected: kind.magic,
                    found: first
                )
            )
        }
        if problems.isEmpty, !endsInLF || texts.last != "end" {
            let after = texts.firstIndex(of: "end").map { $0 + 1 < texts.count } ?? false
            problems.append(
                TextProblem(
                    after ? "E-GRAMMAR-AFTER-END" : "E-GRAMMAR-END",
                    place: "line \(texts.count)",
                    expected: "end, and its LF, as the last line",
                    found: texts.last ?? "nothing"
                )
            )
        }
        guard problems.isEmpty else { return .failure(TextProblems(problems)) }
        guard texts.count >= 2 else {
            return .failure(
                TextProblems([TextProblem("E-GRAMMAR-END", expected: "a last line end", found: "one line")])
            )
        }
        return .success(Array(texts[1..<(texts.count - 1)]))
    }

    private func byteProblem(_ line: ArraySlice<UInt8>, number: Int) -> TextProblem? {
        let place = "line \(number)"
        if let wrong = line.firstIndex(where: { !(0x20...0x7E).contains($0) }) {
            let column = wrong - line.startIndex + 1
            let byte = String(line[wrong], radix: 16)
            return line[wrong] == 0x0D
                ? TextProblem(
                    "E-GRAMMAR-CR",
                    place: place,
                    expected: "lines that end in LF alone",
                    found: "CR in column \(column): the file passed through Windows or a mail program"
                )
                : TextProblem(
                    "E-GRAMMAR-BYTE",
                    place: place,
                    expected: "printable ASCII",
                    found: "byte 0x\(byte) in column \(column)"
                )
        }
        if line.isEmpty {
            return TextProblem("E-GRAMMAR-BLANK-LINE", place: place, expected: "no empty line", found: "one")
        }
        if line.count > limitLineBytes {
            return TextProblem(
                "E-GRAMMAR-LINE-LENGTH",
                place: place,
                expected: "at most \(limitLineBytes) bytes",
                found: "\(line.count) bytes"
            )
        }
        if line.last == 0x20 {
            return TextProblem("E-GRAMMAR-TRAILING-SPACE", place: place, expected: "no space at the end", found: "one")
        }
        return nil
    }

    // The order's name selects its lines, so it is read first; it stands in the second line of the table.
    private static func orderName(_ raw: [String]) -> Result<Order.Name, TextProblem> {
        let index = raw.prefix(8).firstIndex { $0.hasPrefix("order: ") }
        guard let index else {
            return .failure(
                TextProblem("E-GRAMMAR-MISSING", place: "line 3", expected: "order: …", found: "no order line")
            )
        }
        let value = String(raw[index].dropFirst(7))
        guard let name = Order.Name(rawValue: value) else {
            return .failure(
                TextProblem(
                    "E-GRAMMAR-VALUE",
                    place: "line \(index + 2) (order)",
                    expected: Order.Name.allCases.map(\.rawValue).joined(separator: " | "),
                    found: value
                )
            )
        }
        return .success(name)
    }
}
