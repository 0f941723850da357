private import CJansson

/// Why a text is not the JSON that Sallyport reads.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, in a reader's words.
    public let description: String
    /// 1-based line, 0 where it does not apply.
    public let line: Int
    /// Makes an error.
    public init(_ description: String, line: Int = 0) {
        self.description = description
        self.line = line
    }
}

extension JSON {
    /// Reads one JSON document strictly: UTF-8, no duplicate key, no float, integers within 2^53, no U+0000, nothing after it.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - limit: the most bytes that are looked at; longer input is refused before it is parsed.
    ///   - depth: the deepest nesting accepted.
    /// - Throws: ``JSONError``.
    public static func parse(_ bytes: [UInt8], limit: Int, depth: Int = 32) throws(JSONError) -> JSON {
        guard bytes.count <= limit else { throw JSONError("longer than \(limit) bytes") }
        // jansson takes a NUL for the end, whatever stands behind it.
        guard !bytes.contains(0) else { throw JSONError("a NUL byte") }
        if let problem = nestingProblem(bytes, depth: depth) { throw problem }
        var error = json_error_t()
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
        let root = unsafe bytes.withUnsafeBytes { raw in
            unsafe json_loadb(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count, flags, &error)
        }
        guard let root = unsafe root else {
            let message = unsafe withUnsafeBytes(of: error.text) { raw in
                unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw JSONError(message, line: max(0, Int(error.line)))
        }
        defer { unsafe json_decref(root) }
        guard let value = unsafe convert(root) else {
            throw JSONError("a number that is not an integer within 2^53")
        }
        return value
    }

    // jansson recurses to a depth of 2,048 that cannot be set; counted here before it runs.
    private static func nestingProblem(_ bytes: [UInt8], depth: Int) -> JSONError? {
        var level = 0
        var line = 1
        var inString = false
        var escaped = false
        for byte in bytes {
            if byte == 0x0A { line += 1 }
            if inString {
                if escaped {
                    escaped = false
                } else if byte == 0x5C {
                    escaped = true
                } else if byte == 0x22 {
                    inString = false
                }
                continue
            }
            switch byte {
            case 0x22: inString = true
            case 0x5B, 0x7B:
                level += 1
                if level > depth { return JSONError("nested deeper than \(depth)", line: line) }
            case 0x5D, 0x7D: level -= 1
            default: break
            }
        }
        return nil
    }

    @unsafe private static func convert(_ value: UnsafeMutablePointer<json_t>) -> JSON? {
        switch unsafe value.pointee.type {
        case JSON_NULL: return .null
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        case JSON_INTEGER:
            let number = Int64(unsafe json_integer_value(value))
            return number.magnitude < 1 << 53 ? .int(number) : nil
        case JSON_STRING: return .string(unsafe text(json_string_value(value), json_string_length(value)))
        case JSON_ARRAY:
            var out: [JSON] = []
            for index in 0..<(unsafe json_array_size(value)) {
                guard let element = unsafe json_array_get(value, index), let item = unsafe convert(element) else {
                    return nil
                }
                out.append(item)
            }
            return .array(out)
        case JSON_OBJECT:
            var out: [Member] = []
            var iterator = unsafe json_object_iter(value)
            while let at = unsafe iterator {
                guard let element = unsafe json_object_iter_value(at), let item = unsafe convert(element),
                    let key = unsafe json_object_iter_key(at)
                else { return nil }
                out.append(Member(unsafe String(cString: key), item))
                unsafe iterator = unsafe json_object_iter_next(value, at)
            }
            return .object(out)
        default: return nil
        }
    }

    @unsafe private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        guard let start = unsafe start else { return "" }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
