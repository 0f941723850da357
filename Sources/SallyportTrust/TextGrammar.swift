/// One line of a kind's grammar.
public struct LineRule: Sendable {
    /// The word before the colon; `SHA256` has none, so that `sha256sum -c` reads the line.
    public let key: String
    /// How the value is spelled.
    public let type: ValueType
    /// How often it stands in a row.
    public let count: ClosedRange<Int>
    /// The orders that have the line; `nil` outside orders and for all of them.
    public let orders: Set<Order.Name>?
    /// What the value is checked against, or what its default is.
    public let checked: String

    static func once(_ key: String, _ type: ValueType, _ checked: String, only orders: Set<Order.Name>? = nil)
        -> LineRule
    { LineRule(key: key, type: type, count: 1...1, orders: orders, checked: checked) }

    static func optional(_ key: String, _ type: ValueType, _ checked: String) -> LineRule {
        LineRule(key: key, type: type, count: 0...1, orders: nil, checked: checked)
    }

    static func many(_ key: String, _ type: ValueType, _ count: ClosedRange<Int>, _ checked: String) -> LineRule {
        LineRule(key: key, type: type, count: count, orders: nil, checked: checked)
    }
}

/// Lines that stand together, so often: one line rule, or a block that its first line begins.
public struct GrammarPart: Sendable {
    /// In order; the first begins the block and stands exactly once in it.
    public let lines: [LineRule]
    /// How often the block stands in a row; a single line counts by its rule.
    public let count: ClosedRange<Int>

    static func line(_ rule: LineRule) -> GrammarPart { GrammarPart(lines: [rule], count: 1...1) }
    static func block(_ count: ClosedRange<Int>, _ lines: [LineRule]) -> GrammarPart {
        GrammarPart(lines: lines, count: count)
    }
}

/// The grammar of one kind of signed text (formats.md §2). Parser, writer, documentation and tests read this table.
public struct TextGrammar: Sendable {
    /// The kind.
    public let kind: DocumentKind
    /// Lines of a text, first and last included: what a person can read.
    public let limitLines: Int
    /// Bytes of a line without its LF.
    public let limitLineBytes: Int
    /// Bytes of a text.
    public let limitBytes: Int
    /// Between the first line and `end`.
    public let parts: [GrammarPart]

    init(_ kind: DocumentKind, _ parts: [GrammarPart]) {
        self.kind = kind
        self.parts = parts
        let long = kind == .keyring || kind == .policy
        limitLines = long ? 4000 : 512
        limitLineBytes = long ? 400 : 200
        limitBytes = long ? 1 << 20 : 64 << 10
    }

    /// The grammar of a kind; of an order, all orders' lines.
    public static func of(_ kind: DocumentKind) -> TextGrammar {
        switch kind {
        case .approval: approval
        case .order: order
        case .ticket: ticket
        case .keyring: keyring
        case .policy: policy
        }
    }

    /// The lines of one order.
    func only(_ name: Order.Name) -> TextGrammar {
        TextGrammar(
            kind,
            parts.compactMap { part in
                let lines = part.lines.filter { $0.orders?.contains(name) ?? true }
                return lines.isEmpty ? nil : GrammarPart(lines: lines, count: part.count)
            }
        )
    }

    /// Every key of the table.
    var keys: [String] { parts.flatMap { $0.lines.map(\.key) } }
}

/// The kind that a text's first line names, whatever its version; `nil` when it is no signed text of ours.
public func sniffKind(_ bytes: [UInt8]) -> DocumentKind? {
    let first = bytes.prefix(64).prefix { $0 != 0x0A && $0 != 0x0D }
    return DocumentKind.allCases.first { first.starts(with: "sallyport-\($0.rawValue) ".utf8) }
}

/// Splits `cat text sig`: the text up to its `end` line, then the signature; `nil` when nothing follows `end`.
public func splitCombined(_ bytes: [UInt8]) -> (text: [UInt8], signature: [UInt8])? {
    let end = Array("\nend\n".utf8)
    var index = 0
    while index + end.count < bytes.count {
        if bytes[index] == end[0], bytes[index..<(index + end.count)].elementsEqual(end) {
            return (Array(bytes[..<(index + end.count)]), Array(bytes[(index + end.count)...]))
        }
        index += 1
    }
    return nil
}
