internal import SallyportBase

/// A JSON value as the child sends it: one tag a value, counted, so that the parent needs no parser to read it.
enum JSONTree {
    /// The deepest nesting, as `JSON.parse` accepts it.
    private static let depth = 32

    static func encode(_ value: JSON, into out: inout [UInt8]) {
        switch value {
        case .null: out.append(0)
        case .bool(let flag): out.append(flag ? 2 : 1)
        case .int(let number):
            out.append(3)
            append(UInt64(bitPattern: number), 8, to: &out)
        case .string(let text):
            out.append(4)
            append(text, to: &out)
        case .array(let elements):
            out.append(5)
            append(UInt64(elements.count), 4, to: &out)
            for element in elements { encode(element, into: &out) }
        case .object(let members):
            out.append(6)
            append(UInt64(members.count), 4, to: &out)
            for member in members {
                append(member.key, to: &out)
                encode(member.value, into: &out)
            }
        }
    }

    /// The value of exactly these bytes; `nil` when they are none.
    static func decode(_ bytes: [UInt8]) -> JSON? {
        var reader = WireReader(bytes[...])
        guard let value = read(&reader, 0), reader.rest.isEmpty else { return nil }
        return value
    }

    private static func read(_ reader: inout WireReader, _ level: Int) -> JSON? {
        guard level <= depth, let tag = reader.byte() else { return nil }
        switch tag {
        case 0: return .null
        case 1: return .bool(false)
        case 2: return .bool(true)
        case 3:
            guard let bits = reader.u64() else { return nil }
            let number = Int64(bitPattern: bits)
            return number.magnitude < 1 << 53 ? .int(number) : nil
        case 4: return reader.text(1 << 20).map { .string($0) }
        case 5:
            // Each element takes a byte at least, so the count needs no limit of its own.
            guard let count = reader.u32(), Int(count) <= reader.rest.count else { return nil }
            var elements: [JSON] = []
            for _ in 0..<count {
                guard let element = read(&reader, level + 1) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        case 6:
            guard let count = reader.u32(), Int(count) <= reader.rest.count else { return nil }
            var members: [JSON.Member] = []
            var keys: Set<String> = []
            for _ in 0..<count {
                guard let key = reader.text(1 << 20), keys.insert(key).inserted, let value = read(&reader, level + 1)
                else { return nil }
                members.append(.init(key, value))
            }
            return .object(members)
        default: return nil
        }
    }

    private static func append(_ number: UInt64, _ count: Int, to out: inout [UInt8]) {
        for shift in 0..<count { out.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * shift))) }
    }

    private static func append(_ text: String, to out: inout [UInt8]) {
        append(UInt64(text.utf8.count), 4, to: &out)
        out += text.utf8
    }
}
