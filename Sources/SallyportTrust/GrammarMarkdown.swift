/// The tables of every kind as Markdown, for the documentation: a test compares the file with this.
public func grammarMarkdown() -> String {
    var out = ""
    for kind in DocumentKind.allCases {
        let grammar = TextGrammar.of(kind)
        out += "### \(kind.rawValue)\n\n"
        out += "First line `\(kind.magic)`, last line `end`, namespace `\(kind.namespace)`. "
        out +=
            "At most \(grammar.limitLines) lines of \(grammar.limitLineBytes) bytes, \(grammar.limitBytes) bytes.\n\n"
        out +=
            kind == .order
            ? "| line | value | how often | orders | checked against |\n|---|---|---|---|---|\n"
            : "| line | value | how often | checked against |\n|---|---|---|---|\n"
        for part in grammar.parts {
            for (index, rule) in part.lines.enumerated() {
                var often = words(rule.count)
                if part.lines.count > 1 {
                    often = index == 0 ? "begins a block; \(words(part.count))" : "in the block: " + often
                }
                var cells = ["`\(rule.key)`", "`\(cell(rule.type.spelling))`", often]
                if kind == .order { cells.append(orders(rule)) }
                out += "| " + (cells + [cell(rule.checked)]).joined(separator: " | ") + " |\n"
            }
        }
        out += "\n"
    }
    return out
}

private func words(_ count: ClosedRange<Int>) -> String {
    switch (count.lowerBound, count.upperBound) {
    case (1, 1): "once"
    case (0, 1): "optional"
    case (let low, let high) where low == high: "\(low) times"
    case (let low, let high): "\(low) to \(high)"
    }
}

private func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

private func orders(_ rule: LineRule) -> String {
    guard let orders = rule.orders else { return "all" }
    return Order.Name.allCases.filter { orders.contains($0) }.map(\.rawValue).joined(separator: ", ")
}
