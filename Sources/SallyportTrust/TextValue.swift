internal import SallyportBase

/// A value with exactly one text: reading, printing again and comparing leaves no second spelling.
protocol TextValue: Hashable, Sendable {
    static var kind: DocumentKind { get }
    /// Reads lines that the grammar has passed.
    init(reading cursor: inout LineCursor) throws(TextProblem)
    /// What lines mean together: rules that no single line shows.
    var ruleProblems: [TextProblem] { get }
    /// The lines between the first and `end`.
    var lines: [TextLine] { get }
}

extension TextValue {
    /// The value of a text, without a look at any signature.
    static func parse(_ text: [UInt8]) -> Result<Self, TextProblems> {
        switch TextGrammar.of(kind).parse(text) {
        case .failure(let problems): return .failure(problems)
        case .success(let parsed):
            do throws(TextProblem) {
                var cursor = LineCursor(parsed)
                let value = try Self(reading: &cursor)
                let problems = value.ruleProblems
                if !problems.isEmpty { return .failure(TextProblems(problems)) }
                guard write(kind, value.lines) == text else {
                    throw TextProblem(
                        "E-GRAMMAR-SPELLING",
                        expected: "the one spelling of its values",
                        found: "another"
                    )
                }
                return .success(value)
            } catch { return .failure(TextProblems([error])) }
        }
    }

    /// The bytes of this value; they are read again, so a field that does not fit the grammar is refused here.
    func checkedText() throws(TextProblem) -> [UInt8] {
        let bytes = write(Self.kind, lines)
        switch Self.parse(bytes) {
        case .failure(let problems): throw problems.problems[0]
        case .success(let value):
            guard value == self else {
                throw TextProblem("E-GRAMMAR-SPELLING", expected: "fields that survive the text", found: "others")
            }
            return bytes
        }
    }
}

/// The bytes of a text: magic, lines, `end`.
func write(_ kind: DocumentKind, _ lines: [TextLine]) -> [UInt8] {
    var out = Array(kind.magic.utf8) + [0x0A]
    for line in lines { out += Array(line.text.utf8) + [0x0A] }
    return out + Array("end\n".utf8)
}

/// Takes lines in their order and turns values into types.
struct LineCursor {
    let parsed: ParsedText
    private(set) var index = 0

    init(_ parsed: ParsedText) { self.parsed = parsed }

    /// Key of the line that comes next.
    var key: String? { index < parsed.lines.count ? parsed.lines[index].key : nil }

    /// Where the last taken line stands.
    var place: String { parsed.place(max(index - 1, 0)) }

    /// The next line, which must have this key.
    mutating func one<Value>(_ wanted: String, _ read: (String) -> Value?) throws(TextProblem) -> Value {
        guard key == wanted, let value = read(parsed.lines[index].value) else {
            // Not reachable while the table and the readers agree; a refusal all the same, never a trap.
            throw TextProblem("E-GRAMMAR-VALUE", place: wanted, expected: "a \(wanted)", found: key ?? "end")
        }
        index += 1
        return value
    }

    /// The next line if it has this key.
    mutating func maybe<Value>(_ wanted: String, _ read: (String) -> Value?) throws(TextProblem) -> Value? {
        key == wanted ? try one(wanted, read) : nil
    }

    /// All lines in a row with this key.
    mutating func many<Value>(_ wanted: String, _ read: (String) -> Value?) throws(TextProblem) -> [Value] {
        var values: [Value] = []
        while key == wanted { values.append(try one(wanted, read)) }
        return values
    }
}

func word(_ text: String) -> String? { text }
func number(_ text: String) -> UInt64? { UInt64(text) }
func time(_ text: String) -> Timestamp? { Timestamp(text: text) }

/// Lines of a text that is being written: keyring and policy drafts.
///
/// ``bytes()`` reads the result again with the same table, so what it gives is what the runner will accept.
public struct TextDraft: Sendable {
    /// The kind.
    public let kind: DocumentKind
    private var lines: [TextLine] = []

    /// Begins a draft.
    public init(_ kind: DocumentKind) { self.kind = kind }

    /// Adds a line: `key: value`.
    public mutating func add(_ key: String, _ value: String) { lines.append(TextLine(key, value)) }

    /// The text. Grammar and the rules of a single document are checked, chains and signatures are not.
    public func bytes() throws(TextProblems) -> [UInt8] {
        let bytes = write(kind, lines)
        if let problems = textProblems(bytes) { throw problems }
        return bytes
    }
}

/// What is wrong with a signed text when nobody asks who signed it; `nil` when nothing is.
public func textProblems(_ bytes: [UInt8]) -> TextProblems? {
    func problems<Value>(_ result: Result<Value, TextProblems>) -> TextProblems? {
        if case .failure(let found) = result { return found }
        return nil
    }
    switch sniffKind(bytes) {
    case .approval: return problems(Approval.unverified(bytes))
    case .order: return problems(Order.unverified(bytes))
    case .ticket: return problems(Ticket.unverified(bytes))
    case .keyring: return problems(Keyring.unverified(bytes))
    case .policy: return problems(Policy.unverified(bytes))
    case nil:
        return TextProblems([
            TextProblem(
                "E-GRAMMAR-MAGIC",
                place: "line 1",
                expected: "sallyport-<kind> v1",
                found: String(decoding: bytes.prefix(64).prefix { $0 != 0x0A }, as: UTF8.self)
            )
        ])
    }
}
