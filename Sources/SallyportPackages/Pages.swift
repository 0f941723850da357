/// Tables of the documentation that are made from the code's own tables; tests compare the pages with them.
extension ManifestSchema {
    /// Every member of `agent.json`, one row each, in the order of the schema.
    public static var markdown: String {
        var rows: [String] = []
        describe(agent, at: "", &rows)
        return "| member | needed | value |\n|---|---|---|\n" + rows.joined()
    }

    private static func describe(_ shape: Shape, at place: String, _ rows: inout [String]) {
        switch shape {
        case .object(let members):
            for member in members {
                let path = place.isEmpty ? member.name : "\(place).\(member.name)"
                let needed = member.isRequired ? "yes" : ""
                let value = words(member.shape).replacing("|", with: "\\|")
                rows.append("| `\(path)` | \(needed) | \(value) |\n")
                describe(member.shape, at: path, &rows)
            }
        case .list(let element, _, _, _): describe(element, at: place + "[]", &rows)
        default: break
        }
    }

    private static func words(_ shape: Shape) -> String {
        switch shape {
        case .text(let most): most.map { "text, at most \($0) characters" } ?? "text"
        case .matching(let pattern): "text, `\(pattern.expression)`"
        case .oneOf(let values): values.map { "`\($0)`" }.joined(separator: ", ")
        case .yes: "`true`"
        case .flag: "`true` or `false`"
        case .integer(let range): "integer" + bounds(range)
        case .list(let element, let least, let most, let unique):
            "list of \(words(element))" + (least > 0 ? ", at least \(least)" : "")
                + (most.map { ", at most \($0)" } ?? "") + (unique ? ", each once" : "")
        case .object: "object"
        case .map(let shape): "object, any keys, values \(words(shape))"
        case .open(let keys): "object, keys " + (keys.map { "`\($0.expression)`" } ?? "of your own")
        }
    }

    private static func bounds(_ range: ClosedRange<Int64>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): ""
        case (let low, .max): ", at least \(low)"
        case (let low, let high): ", \(low) to \(high)"
        }
    }
}

extension Rule {
    /// Every rule with what its author can do about it, one row each.
    public static var markdown: String {
        "| code | what to do about it |\n|---|---|\n"
            + allCases.map { "| `\($0.rawValue)` | \($0.remedy) |\n" }.joined()
    }
}
