/// Something that a check noticed about a package (architecture.md, "Words").
public struct Finding: Hashable, Sendable {
    /// How much it weighs: an `error` refuses, the others are shown to the reviewers.
    public enum Severity: String, Sendable, CaseIterable {
        /// The package is refused.
        case error
        /// A reviewer must look at it.
        case warning
        /// Worth knowing.
        case info
    }
    /// Stable code, `F-…`.
    public let rule: String
    /// Its weight.
    public let severity: Severity
    /// Where: an entry's name, a JSON pointer, or `-` for the whole package.
    public let place: String
    /// What was found and what was expected.
    public let text: String
    /// What the author can do about it.
    public let remedy: String

    /// Makes a finding.
    public init(_ rule: String, _ severity: Severity = .error, place: String, _ text: String, remedy: String) {
        self.rule = rule
        self.severity = severity
        self.place = place
        self.text = text
        self.remedy = remedy
    }

    /// The JSON of `findings.json` and of `package check --json`.
    public var json: JSON {
        [
            "rule": .string(rule), "severity": .string(severity.rawValue), "place": .string(place),
            "text": .string(text), "remedy": .string(remedy),
        ]
    }
}
