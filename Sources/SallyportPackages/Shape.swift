internal import SallyportBase

/// What a JSON value must look like: the words of JSON Schema that `agent.schema.json` uses, and no others.
indirect enum Shape: Sendable {
    /// A text of at most so many characters
    case text(most: Int? = nil)
    /// A text with a grammar
    case matching(Pattern)
    /// One of these texts
    case oneOf([String])
    /// `true`, and nothing else
    case yes
    case flag
    case integer(ClosedRange<Int64>)
    case list(Shape, least: Int = 0, most: Int? = nil, unique: Bool = false)
    case object([Member])
    /// Any members with values of one shape
    case map(Shape)
    /// Any members with keys of one grammar; `nil`: any keys
    case open(Pattern?)

    struct Member: Sendable {
        let name: String
        let isRequired: Bool
        let shape: Shape
        static func required(_ name: String, _ shape: Shape) -> Member {
            Member(name: name, isRequired: true, shape: shape)
        }
        static func optional(_ name: String, _ shape: Shape) -> Member {
            Member(name: name, isRequired: false, shape: shape)
        }
    }
}

/// A grammar of a text, checked by a function; the expression is what a message shows.
struct Pattern: Sendable {
    let expression: String
    let holds: @Sendable (String) -> Bool
}

extension Shape {
    /// Adds every place where `value` does not have this shape. `place` is a JSON pointer.
    func check(_ value: JSON, at place: String, _ out: inout [Finding]) {
        switch self {
        case .text(let most):
            guard let text = string(value, place, &out) else { return }
            if let most, text.unicodeScalars.count > most {
                out.append(
                    Rule.manifestRange.finding(place, "\(text.unicodeScalars.count) characters; at most \(most)")
                )
            }
        case .matching(let pattern):
            guard let text = string(value, place, &out) else { return }
            if !pattern.holds(text) {
                out.append(Rule.manifestPattern.finding(place, "\(quoted(text)) does not match \(pattern.expression)"))
            }
        case .oneOf(let values):
            guard let text = string(value, place, &out) else { return }
            if !values.contains(where: { $0.utf8.elementsEqual(text.utf8) }) {
                let allowed = values.joined(separator: ", ")
                out.append(Rule.manifestValue.finding(place, "\(quoted(text)); expected one of \(allowed)"))
            }
        case .yes:
            if value != .bool(true) { out.append(Rule.manifestValue.finding(place, "expected true")) }
        case .flag:
            if value.bool == nil { mismatch("true or false", value, place, &out) }
        case .integer(let range):
            guard let number = value.int else { return mismatch("an integer", value, place, &out) }
            if !range.contains(number) {
                let upper = range.upperBound == .max ? "" : " and at most \(range.upperBound)"
                let lower = range.lowerBound == .min ? "" : "at least \(range.lowerBound)"
                out.append(Rule.manifestRange.finding(place, "\(number); expected \(lower)\(upper)"))
            }
        case .list(let element, let least, let most, let unique):
            guard let elements = value.array else { return mismatch("an array", value, place, &out) }
            if elements.count < least {
                out.append(Rule.manifestRange.finding(place, "\(elements.count) elements; at least \(least)"))
            }
            if let most, elements.count > most {
                out.append(Rule.manifestRange.finding(place, "\(elements.count) elements; at most \(most)"))
            }
            for (index, item) in elements.enumerated() {
                element.check(item, at: "\(place)/\(index)", &out)
                if unique, elements[..<index].contains(item) {
                    out.append(Rule.manifestUnique.finding("\(place)/\(index)", "the same value again"))
                }
            }
        case .object(let members):
            guard let given = value.members else { return mismatch("an object", value, place, &out) }
            check(given, members, at: place, &out)
        case .map(let shape):
            guard let given = value.members else { return mismatch("an object", value, place, &out) }
            for member in given { shape.check(member.value, at: pointer(place, member.key), &out) }
        case .open(let keys):
            guard let given = value.members else { return mismatch("an object", value, place, &out) }
            for member in given where keys?.holds(member.key) == false {
                out.append(
                    Rule.manifestPattern.finding(
                        pointer(place, member.key),
                        "the key does not match \(keys?.expression ?? "")"
                    )
                )
            }
        }
    }

    private func check(_ given: [JSON.Member], _ members: [Member], at place: String, _ out: inout [Finding]) {
        for member in members where member.isRequired && !given.contains(where: { $0.key == member.name }) {
            out.append(Rule.manifestRequired.finding(pointer(place, member.name), "the member is missing"))
        }
        for member in given {
            guard let known = members.first(where: { $0.name.utf8.elementsEqual(member.key.utf8) }) else {
                out.append(
                    Rule.manifestUnknown.finding(pointer(place, member.key), "the member is not part of the manifest")
                )
                continue
            }
            known.shape.check(member.value, at: pointer(place, member.key), &out)
        }
    }

    private func string(_ value: JSON, _ place: String, _ out: inout [Finding]) -> String? {
        if let text = value.string { return text }
        mismatch("a string", value, place, &out)
        return nil
    }

    private func mismatch(_ expected: String, _ value: JSON, _ place: String, _ out: inout [Finding]) {
        let found =
            switch value {
            case .null: "null"
            case .bool: "true or false"
            case .int: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        out.append(Rule.manifestType.finding(place, "expected \(expected), found \(found)"))
    }

    private func quoted(_ text: String) -> String {
        let short = text.count <= 80 ? shown(text) : shown(text.prefix(80)) + "…"
        return "'\(short)'"
    }

    /// RFC 6901: `~` is `~0`, `/` is `~1`.
    private func pointer(_ place: String, _ key: String) -> String {
        let short = key.count <= 80 ? key : key.prefix(80) + "…"
        var out = place + "/"
        for character in shown(short) {
            switch character {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.append(character)
            }
        }
        return out
    }
}
