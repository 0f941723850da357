internal import SallyportBase

/// How the value of a line is spelled: words for the documentation and the check that the parser runs.
public struct ValueType: Sendable {
    /// The spelling in words or as an expression.
    public let spelling: String
    /// `nil` when the value is right.
    let problem: @Sendable (_ value: String) -> TextProblem?

    /// A type that is right or wrong.
    init(_ spelling: String, _ isRight: @escaping @Sendable (String) -> Bool) {
        self.spelling = spelling
        problem = { value in
            isRight(value) ? nil : TextProblem("E-GRAMMAR-VALUE", expected: spelling, found: value)
        }
    }

    /// A type whose reader says itself what is wrong.
    init<Value>(_ spelling: String, reading read: @escaping @Sendable (String) throws(TextProblem) -> Value) {
        self.spelling = spelling
        problem = { value in
            do throws(TextProblem) {
                _ = try read(value)
                return nil
            } catch { return error }
        }
    }

    static func oneOf(_ words: [String]) -> ValueType {
        ValueType(words.joined(separator: " | ")) { words.contains($0) }
    }

    static func number(_ range: ClosedRange<UInt64>, unit: String = "") -> ValueType {
        ValueType("\(range.lowerBound) to \(range.upperBound)\(unit.isEmpty ? "" : " ")\(unit)") {
            canonicalNumber($0, in: range) != nil
        }
    }

    static func orNone(_ type: ValueType) -> ValueType {
        ValueType(type.spelling + " | none") { $0 == "none" || type.problem($0) == nil }
    }

    static let id = ValueType("32 lower-case hex digits") { $0.utf8.count == 32 && Hex.decode($0) != nil }
    static let name = ValueType("[a-z0-9][a-z0-9._-]{0,63}") { Names.isName($0) }
    static let agent = ValueType("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?, not none or unknown") { Names.isAgent($0) }
    static let version = ValueType("SemVer 2.0.0, at most 48 bytes") { SemanticVersion($0) != nil }
    static let release = ValueType("<version>-r<number>") { ReleaseName($0) != nil }
    static let requestNumber = ValueType("r<number>") { Names.requestNumber($0) != nil }
    static let request = ValueType("r<number> sha256:<64 hex>") { RequestReference($0) != nil }
    static let digest = ValueType("sha256:<64 hex>") { Digest(tagged: $0) != nil }
    static let time = ValueType("YYYY-MM-DDTHH:MM:SSZ") { Timestamp(text: $0) != nil }
    static let period = ValueType("<number>s, m, h or d") { Period($0) != nil }
    static let fileDigest = ValueType("(<file name>) = <64 hex>") { FileDigest(value: $0) != nil }
    static let rollback = ValueType("allowed | from <version> | no") { RollbackConsent($0) != nil }
    static let policyReference = ValueType("<environment> <version> sha256:<64 hex>") { PolicyReference($0) != nil }
    static let text = ValueType("printable ASCII that does not begin with a space") { isWords($0) }
    static let capability = ValueType("<kind> <name> [<word>…], 2 to 5 words of [A-Za-z0-9][A-Za-z0-9._:/@*-]{0,95}") {
        let words = $0.split(separator: " ", omittingEmptySubsequences: false)
        return (2...5).contains(words.count) && words.allSatisfy { Names.isCapabilityName($0) }
    }
    static let finding = ValueType("error | warning | info, a place without spaces, text") {
        Approval.Defect(finding: $0, remedy: "-") != nil
    }
    static let acceptance = ValueType("<rule F-…> until <time> <text>") { Approval.Acceptance($0) != nil }
}

/// Text that a person wrote: not empty, no space at either end.
func isWords(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return first != 0x20 && last != 0x20 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}

extension FileDigest {
    /// Reads what follows `SHA256 ` in a line.
    init?(value: String) {
        guard value.hasPrefix("("), let close = value.lastIndex(of: ")") else { return nil }
        let name = value[value.index(after: value.startIndex)..<close]
        let tail = value[value.index(after: close)...]
        guard Self.isFileName(name), tail.hasPrefix(" = "), let digest = Digest(hex: tail.dropFirst(3)) else {
            return nil
        }
        self.init(name: String(name), digest: digest)
    }

    var value: String { "(\(name)) = \(digest.hex)" }
}

extension Approval.Defect {
    init?(finding: String, remedy: String) {
        let parts = finding.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let severity = Finding.Severity(rawValue: String(parts[0])), !parts[1].isEmpty,
            isWords(String(parts[2])), isWords(remedy)
        else { return nil }
        self.init(severity: severity, place: String(parts[1]), text: String(parts[2]), remedy: remedy)
    }

    var findingValue: String { "\(severity.rawValue) \(place) \(text)" }
}

extension Approval.Acceptance {
    init?(_ value: String) {
        let parts = value.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, Self.isRule(parts[0]), parts[1] == "until", let until = Timestamp(text: parts[2]),
            isWords(String(parts[3]))
        else { return nil }
        self.init(rule: String(parts[0]), until: until, text: String(parts[3]))
    }

    var value: String { "\(rule) until \(until.text) \(text)" }

    /// `F-` and at most 62 upper-case letters, digits and hyphens.
    static func isRule(_ text: Substring) -> Bool {
        text.hasPrefix("F-") && (3...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
