public import SallyportBase

/// Why a text, a signature or a key was refused: a stable code, where, what was expected and what was found.
public struct TextProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable code, `E-…`; scripts and the ledger compare it.
    public let code: String
    /// Where: `line 4 (issue)`, `signature 2`, a key id, or `-` for the whole.
    public let place: String
    /// What would have been right.
    public let expected: String
    /// What was there, escaped and cut: safe to show anywhere.
    public let found: String

    /// Bytes of `found` that are kept: enough to recognise a line, too few to flood a ledger entry.
    public static let foundBytes = 240

    /// Makes a problem; `found` is escaped here, so no caller can forget it.
    public init(_ code: String, place: String = "-", expected: String, found: String) {
        self.code = code
        self.place = shown(place)
        self.expected = expected
        let safe = shown(found)
        self.found = safe.utf8.count <= Self.foundBytes ? safe : Self.cut(safe)
    }

    private static func cut(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            guard out.utf8.count < foundBytes - 4 else { break }
            out.unicodeScalars.append(scalar)
        }
        return out + "..."
    }

    /// One line for people.
    public var description: String { "\(code) \(place): expected \(expected), found \(found)" }

    /// The `data` of a refusal entry and of `--json`.
    public var json: JSON {
        ["code": .string(code), "place": .string(place), "expected": .string(expected), "found": .string(found)]
    }
}
