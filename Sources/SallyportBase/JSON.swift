/// A JSON value without floats: I-JSON as the ledger, signed documents and manifests use it.
public enum JSON: Equatable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// An integer with |n| < 2^53
    case int(Int64)
    /// A string
    case string(String)
    /// An array
    case array([JSON])
    /// An object; members keep their order and no key occurs twice
    case object([Member])

    /// One `"key": value` of an object.
    public struct Member: Equatable, Sendable {
        /// The key.
        public let key: String
        /// The value.
        public let value: JSON
        /// Makes a member.
        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// The value of a member, when this is an object that has it.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The string, when it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The integer, when it is one.
    public var int: Int64? { if case .int(let value) = self { value } else { nil } }
    /// The truth value, when it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, when it is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members, when it is an object.
    public var members: [Member]? { if case .object(let value) = self { value } else { nil } }
    /// True for `null`.
    public var isNull: Bool { self == .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object, in the order written.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
    /// `null`
    public init(nilLiteral: ()) { self = .null }
}

extension JSON {
    /// One line without spaces. Controls, U+007F–9F, U+2028/9, zero-width and bidi controls are escaped, so that a line can be shown
    /// on a terminal as it is (formats.md §5).
    public var compact: String {
        var out = ""
        write(into: &out, indent: nil)
        return out
    }

    /// Indented by two spaces, with a final line feed, for people.
    public var pretty: String {
        var out = ""
        write(into: &out, indent: 0)
        return out + "\n"
    }

    private func write(into out: inout String, indent: Int?) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .int(let value): out += String(value)
        case .string(let value): JSON.quote(value, into: &out)
        case .array(let values):
            JSON.list(values, "[", "]", into: &out, indent: indent) { $0.write(into: &$1, indent: $2) }
        case .object(let members):
            JSON.list(members, "{", "}", into: &out, indent: indent) { member, out, inner in
                JSON.quote(member.key, into: &out)
                out += indent == nil ? ":" : ": "
                member.value.write(into: &out, indent: inner)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element],
        _ open: String,
        _ close: String,
        into out: inout String,
        indent: Int?,
        _ body: (Element, inout String, Int?) -> Void
    ) {
        out += open
        for (index, element) in elements.enumerated() {
            if index > 0 { out += "," }
            if let indent { out += "\n" + String(repeating: "  ", count: indent + 1) }
            body(element, &out, indent.map { $0 + 1 })
        }
        if let indent, !elements.isEmpty { out += "\n" + String(repeating: "  ", count: indent) }
        out += close
    }

    private static func quote(_ text: String, into out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            default:
                if isUnsafeToShow(scalar) {
                    for unit in String(scalar).utf16 {
                        let hex = String(unit, radix: 16)
                        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                    }
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        out += "\""
    }

    /// Scalars that change how a terminal or editor shows the text around them.
    public static func isUnsafeToShow(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0x1_D173...0x1_D17A, 0xE_0000...0xE_0FFF:
            return true
        default: return false
        }
    }
}
