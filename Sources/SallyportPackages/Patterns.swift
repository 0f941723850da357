internal import SallyportBase

// The grammars of the manifest: the schema's expression for people, a function over bytes for the check.
extension Pattern {
    static let agentName = Pattern(expression: "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?") { text in
        // `none` and `unknown` match the expression and are refused by a rule of their own.
        Names.isAgent(text) || text == "none" || text == "unknown"
    }
    static let version = Pattern(expression: "MAJOR.MINOR.PATCH of SemVer 2.0.0, at most 48 bytes") {
        SemanticVersion($0) != nil
    }
    static let capability = Pattern(expression: "[A-Za-z0-9][A-Za-z0-9._:/@*-]{0,95}") { Names.isCapabilityName($0) }
    static let person = Pattern(expression: "[a-z0-9][a-z0-9._-]{0,63}") { Names.isName($0) }
    static let pinnedImage = Pattern(expression: "…@sha256: and 64 hex digits") { text in
        let bytes = Array(text.utf8)
        let mark = Array("@sha256:".utf8)
        return bytes.count >= 72 && bytes.suffix(72).starts(with: mark) && bytes.suffix(64).allSatisfy(isHex)
    }
    static let digest = Pattern(expression: "sha256:[0-9a-f]{64}") { Digest(tagged: $0) != nil }
    static let commit = Pattern(expression: "[0-9a-f]{40} or [0-9a-f]{64}") { text in
        [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy(isHex)
    }
    static let reference = Pattern(expression: "[a-z][a-z0-9+.-]*://…") { text in
        let bytes = Array(text.utf8)
        let scheme = bytes.prefix { isLower($0) || isDigit($0) || [0x2B, 0x2E, 0x2D].contains($0) }
        return scheme.first.map(isLower) == true && bytes.dropFirst(scheme.count).starts(with: "://".utf8)
    }
    static let cpu = Pattern(expression: "[0-9]+(.[0-9]+)?m?") { text in
        isDecimal(Array(text.utf8.last == 0x6D ? text.utf8.dropLast() : text.utf8[...])[...])
    }
    static let memory = Pattern(expression: "[0-9]+(Ki|Mi|Gi)") { text in
        let bytes = Array(text.utf8)
        let digits = bytes.prefix(while: isDigit)
        let unit = bytes.dropFirst(digits.count)
        return !digits.isEmpty && ["Ki", "Mi", "Gi"].contains { unit.elementsEqual($0.utf8) }
    }
    static let decimal = Pattern(expression: "-?[0-9]+(.[0-9]+)?") { text in
        isDecimal(Array(text.utf8.first == 0x2D ? text.utf8.dropFirst() : text.utf8[...])[...])
    }
    static let dateTime = Pattern(expression: "YYYY-MM-DDTHH:MM:SSZ") { Timestamp(text: $0) != nil }
    static let reverseDNS = Pattern(expression: "[a-z0-9-]+(.[a-z0-9-]+)+") { text in
        let labels = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        return labels.count > 1
            && labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { isLower($0) || isDigit($0) || $0 == 0x2D } }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte) }
    private static func isDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
    }
}
