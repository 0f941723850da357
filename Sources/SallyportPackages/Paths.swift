internal import SallyportBase

/// Names of entries as data from outside.
enum Paths {
    /// A path as it is shown in a finding: text where it is, percent-encoded where it is not; at most 200 scalars. Characters would be no
    /// bound: one may have thousands of marks.
    static func place(_ path: some Collection<UInt8>) -> String {
        guard !path.isEmpty else { return "(empty name)" }
        let text = String(validating: path, as: UTF8.self).map { shown($0) } ?? percentEncoded(path)
        let scalars = text.unicodeScalars
        guard scalars.count > 200 else { return text }
        return String(String.UnicodeScalarView(scalars.prefix(200))) + "…"
    }

    /// `./a` is `a`: what `tar -C DIR .` writes. One `./` only.
    static func withoutDot(_ path: [UInt8]) -> [UInt8] {
        path.starts(with: [0x2E, 0x2F]) ? Array(path.dropFirst(2)) : path
    }

    /// Names that a Windows machine takes for a device, with any extension.
    private static let devices: Set<String> = {
        var names: Set<String> = ["con", "prn", "aux", "nul", "conin$", "conout$"]
        for digit in 1...9 { names.formUnion(["com\(digit)", "lpt\(digit)"]) }
        return names
    }()

    /// Everything that is wrong with a path (`./` and the final slash of a directory removed before).
    static func problems(_ path: [UInt8], _ limits: Limits) -> [(rule: Rule, text: String)] {
        guard let text = String(validating: path, as: UTF8.self) else { return [(.encoding, "the name is not UTF-8")] }
        var out: [(Rule, String)] = []
        let isUNC = path.starts(with: [0x5C, 0x5C]) || path.starts(with: [0x2F, 0x2F])
        if isUNC { out.append((.unc, "a network path")) }
        if path.first == 0x2F, !isUNC { out.append((.absolute, "an absolute path")) }
        if path.count >= 2, path[1] == 0x3A, isLetter(path[0]) { out.append((.drive, "a path with a drive letter")) }
        if path.contains(0x5C), !isUNC { out.append((.backslash, "a backslash in the name")) }
        if path.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            out.append((.control, "a control character in the name"))
        }
        if text.unicodeScalars.contains(where: { $0.value >= 0x80 && JSON.isUnsafeToShow($0) }) {
            out.append((.invisible, "an invisible or direction-changing character in the name"))
        }
        if path.count > limits.pathBytes {
            out.append((.length, "a path of \(path.count) bytes; at most \(limits.pathBytes)"))
        }
        let parts = path.split(separator: 0x2F, omittingEmptySubsequences: false)
        if parts.count > limits.depth { out.append((.depth, "\(parts.count) parts; at most \(limits.depth)")) }
        // Backslashes separate parts on Windows, and traversal is worse than a strange name.
        if path.split(whereSeparator: { $0 == 0x2F || $0 == 0x5C }).contains(where: { $0.elementsEqual([0x2E, 0x2E]) })
        {
            out.append((.traversal, "the path leads out of the package"))
        }
        let relative = path.first == 0x2F ? parts.dropFirst() : parts[...]
        if relative.contains(where: \.isEmpty), !isUNC { out.append((.emptyPart, "an empty part in the path")) }
        for part in parts { out += problems(inPart: part, limits) }
        return out
    }

    private static func problems(inPart part: ArraySlice<UInt8>, _ limits: Limits) -> [(Rule, String)] {
        var out: [(Rule, String)] = []
        if part.elementsEqual([0x2E]) { out.append((.dot, "a part that is a dot")) }
        if part.count > limits.nameBytes {
            out.append((.length, "a part of \(part.count) bytes; at most \(limits.nameBytes)"))
        }
        let isDots = part.allSatisfy { $0 == 0x2E } && part.count <= 2
        if let last = part.last, last == 0x2E || last == 0x20, !isDots {
            out.append((.trailing, "a part that ends in a dot or space"))
        }
        let base = String(decoding: part.prefix { $0 != 0x2E }, as: UTF8.self).lowercased()
        if devices.contains(base) { out.append((.reserved, "\(shown(base)) is a device on Windows")) }
        return out
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
}
