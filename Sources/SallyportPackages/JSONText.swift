internal import SallyportBase

/// Tells whether a text is a spelling of a value, without parsing it: the parent's check that the tree a child sent is what the
/// reviewers will read in `agent.json`.
struct JSONText {
    private var rest: ArraySlice<UInt8>

    /// True when `bytes` is one JSON document with exactly this value, members in this order.
    static func spells(_ value: JSON, _ bytes: [UInt8]) -> Bool {
        var text = JSONText(rest: bytes[...])
        guard text.value(value) else { return false }
        text.space()
        return text.rest.isEmpty
    }

    private mutating func space() { rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

    private mutating func literal(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private mutating func value(_ value: JSON) -> Bool {
        space()
        switch value {
        case .null: return literal("null")
        case .bool(let flag): return literal(flag ? "true" : "false")
        case .int(let number): return integer(number)
        case .string(let text): return string(text)
        case .array(let elements):
            return list(elements, "[", "]") { $0.value($1) }
        case .object(let members):
            return list(members, "{", "}") { text, member in
                guard text.string(member.key) else { return false }
                text.space()
                return text.literal(":") && text.value(member.value)
            }
        }
    }

    private mutating func list<Element>(
        _ elements: [Element],
        _ open: String,
        _ close: String,
        _ one: (inout JSONText, Element) -> Bool
    ) -> Bool {
        guard literal(open) else { return false }
        for (index, element) in elements.enumerated() {
            space()
            if index > 0 {
                guard literal(",") else { return false }
                space()
            }
            guard one(&self, element) else { return false }
        }
        space()
        return literal(close)
    }

    // `-0` is another spelling of 0.
    private mutating func integer(_ number: Int64) -> Bool {
        let digits = rest.prefix { (0x30...0x39).contains($0) || $0 == 0x2D }
        rest = rest.dropFirst(digits.count)
        let text = String(decoding: digits, as: UTF8.self)
        return text == String(number) || (number == 0 && text == "-0")
    }

    private mutating func string(_ expected: String) -> Bool {
        guard literal("\"") else { return false }
        var spelled: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x22 { return spelled.elementsEqual(expected.utf8) }
            guard byte == 0x5C else {
                spelled.append(byte)
                continue
            }
            guard let escape = rest.popFirst(), let scalar = self.scalar(escape) else { return false }
            spelled += String(scalar).utf8
        }
        return false
    }

    private mutating func scalar(_ escape: UInt8) -> Unicode.Scalar? {
        switch escape {
        case 0x22, 0x5C, 0x2F: return Unicode.Scalar(escape)
        case 0x62: return "\u{8}"
        case 0x66: return "\u{C}"
        case 0x6E: return "\n"
        case 0x72: return "\r"
        case 0x74: return "\t"
        case 0x75:
            guard let high = unit() else { return nil }
            guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) }
            guard literal("\\u"), let low = unit(), (0xDC00...0xDFFF).contains(low) else { return nil }
            return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        default: return nil
        }
    }

    private mutating func unit() -> UInt32? {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else { return nil }
        rest = rest.dropFirst(4)
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
