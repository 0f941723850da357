/// The names of the product: each has one grammar (formats.md §2) and no other spelling.
public enum Names {
    /// A person, environment, tenant or key owner: `[a-z0-9][a-z0-9._-]{0,63}`.
    public static func isName(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 64, isLowerAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    /// An agent: `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`; `none` and `unknown` are reserved.
    public static func isAgent(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63, isLowerAlphanumeric(first),
            isLowerAlphanumeric(last), text != "none", text != "unknown"
        else { return false }
        return bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == 0x2D }
    }

    /// A tool, egress target or model id: `[A-Za-z0-9][A-Za-z0-9._:/@*-]{0,95}`.
    public static func isCapabilityName(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 96, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || [0x2E, 0x5F, 0x3A, 0x2F, 0x40, 0x2A, 0x2D].contains($0) }
    }

    /// A request's id: `r` and the ledger number of its arrival without leading zeros.
    public static func requestNumber(_ text: some StringProtocol) -> UInt64? {
        guard text.first == "r", let number = UInt64(text.dropFirst()), "r\(number)" == text else { return nil }
        return number
    }

    static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowerAlphanumeric(byte) || (0x41...0x5A).contains(byte) }
}

/// A version as of SemVer 2.0.0, at most 48 bytes.
public struct SemanticVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The version as written.
    public let description: String
    private let numbers: [Substring]
    private let prerelease: [Substring]

    /// Reads `MAJOR.MINOR.PATCH[-pre][+build]`; `nil` for any other spelling.
    public init?(_ text: some StringProtocol) {
        let all = String(text)
        guard all.utf8.count <= 48, all.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var rest = Substring(all)
        if let plus = rest.firstIndex(of: "+") {
            guard Self.parts(rest[rest.index(after: plus)...]) != nil else { return nil }
            rest = rest[..<plus]
        }
        var prerelease: [Substring] = []
        if let dash = rest.firstIndex(of: "-") {
            guard let parts = Self.parts(rest[rest.index(after: dash)...]) else { return nil }
            guard parts.allSatisfy({ !Self.isNumber($0) || $0 == "0" || $0.first != "0" }) else { return nil }
            prerelease = parts
            rest = rest[..<dash]
        }
        let numbers = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3,
            numbers.allSatisfy({ Self.isNumber($0) && ($0 == "0" || $0.first != "0") })
        else { return nil }
        description = all
        self.numbers = numbers
        self.prerelease = prerelease
    }

    private static func parts(_ text: Substring) -> [Substring]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let good = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { Names.isAlphanumeric($0) || $0 == 0x2D }
        }
        return good ? parts : nil
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    // Numbers of any length: the longer one is the greater one, since there are no leading zeros.
    private static func numberOrder(_ a: Substring, _ b: Substring) -> Int {
        a.utf8.count != b.utf8.count ? (a.utf8.count < b.utf8.count ? -1 : 1) : (a == b ? 0 : (a < b ? -1 : 1))
    }

    /// Negative, zero or positive as of SemVer §11; build metadata does not count.
    public func precedence(to other: SemanticVersion) -> Int {
        for (a, b) in zip(numbers, other.numbers) {
            let order = Self.numberOrder(a, b)
            if order != 0 { return order }
        }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return (prerelease.isEmpty ? 1 : 0) - (other.prerelease.isEmpty ? 1 : 0)
        }
        for (a, b) in zip(prerelease, other.prerelease) where a != b {
            switch (Self.isNumber(a), Self.isNumber(b)) {
            case (true, true): return Self.numberOrder(a, b)
            case (true, false): return -1
            case (false, true): return 1
            case (false, false): return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
            }
        }
        return prerelease.count - other.prerelease.count
    }

    /// Lower precedence first.
    public static func < (a: SemanticVersion, b: SemanticVersion) -> Bool { a.precedence(to: b) < 0 }
    /// Equal spelling.
    public static func == (a: SemanticVersion, b: SemanticVersion) -> Bool { a.description == b.description }
    /// Feeds the spelling to `hasher`.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
