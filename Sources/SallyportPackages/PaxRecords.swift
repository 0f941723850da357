/// The records of one pax header: `<length> <key>=<value>\n`, the length counting itself.
struct PaxRecords {
    private(set) var path: [UInt8]?
    private(set) var size: UInt64?
    private(set) var isSparse = false
    private(set) var hasAttributes = false
    /// What is wrong, when the records cannot be read or say one thing twice.
    private(set) var problem: String?
    private var seen: Set<[UInt8]> = []

    init(_ bytes: [UInt8], isGlobal: Bool) {
        var rest = bytes[...]
        while !rest.isEmpty, problem == nil {
            guard let record = Self.next(&rest) else {
                problem = "a pax record is malformed"
                return
            }
            take(record.key, record.value, isGlobal: isGlobal)
        }
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) -> (key: [UInt8], value: ArraySlice<UInt8>)? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...7).contains(digits.count), digits.first != 0x30 else { return nil }
        let count = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard count <= rest.count else { return nil }
        let record = rest.prefix(count).dropFirst(digits.count)
        rest = rest.dropFirst(count)
        guard record.first == 0x20, record.last == 0x0A, record.count >= 2 else { return nil }
        let body = record.dropFirst().dropLast()
        guard let equals = body.firstIndex(of: 0x3D), equals > body.startIndex else { return nil }
        return (Array(body[..<equals]), body[(equals + 1)...])
    }

    private mutating func take(_ key: [UInt8], _ value: ArraySlice<UInt8>, isGlobal: Bool) {
        let name = String(decoding: key, as: UTF8.self)
        if isGlobal {
            // What git writes (comment) and what star says about the volume; anything else would change entries from afar.
            let harmless =
                ["comment", "SCHILY.release", "SCHILY.archtype"].contains(name) || name.hasPrefix("SCHILY.volhdr.")
            if !harmless { problem = "a global header sets \(name)" }
            return
        }
        if !seen.insert(key).inserted { problem = "\(name) is set twice in one pax header" }
        switch name {
        case "path":
            path = Array(value)
            if value.isEmpty { problem = "an empty path in a pax header" }
        case "size":
            let digits = value.allSatisfy { (0x30...0x39).contains($0) } && (1...18).contains(value.count)
            size = digits ? value.reduce(0) { $0 * 10 + UInt64($1 - 0x30) } : nil
            if !digits { problem = "a pax size that is no number" }
        case "SCHILY.realsize", "SCHILY.filetype": isSparse = true
        default:
            if name.hasPrefix("GNU.sparse.") { isSparse = true }
            let families = ["SCHILY.xattr.", "LIBARCHIVE.xattr.", "SCHILY.acl.", "RHT.security.", "MSWINDOWS."]
            if families.contains(where: { name.hasPrefix($0) }) { hasAttributes = true }
        }
    }
}
