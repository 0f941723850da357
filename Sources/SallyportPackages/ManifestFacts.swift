internal import SallyportBase

/// One statement of a manifest: where it stands, and its value as JSON.
struct ManifestFact: Equatable {
    /// A JSON pointer in which the elements of a list of objects stand by their name, not by their number: a tool that is inserted
    /// does not change the ones behind it.
    let place: String
    let value: String

    /// Every statement of a manifest; lists of plain values are one statement.
    static func all(of value: JSON) -> [ManifestFact] {
        var out: [ManifestFact] = []
        collect(value, "", &out)
        return out
    }

    private static let names = ["name", "role", "metric", "path", "agent"]

    /// The parts of ``place`` as they were before they were escaped.
    var parts: [String] {
        place.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    /// RFC 6901: a name with a slash is one part.
    private static func escaped(_ key: String) -> String { key.replacing("~", with: "~0").replacing("/", with: "~1") }

    private static func collect(_ value: JSON, _ place: String, _ out: inout [ManifestFact]) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for member in members { collect(member.value, place + "/" + escaped(member.key), &out) }
        case .array(let elements) where elements.contains { $0.members != nil }:
            let name = names.first { name in
                let keys = elements.compactMap { $0[name]?.string }
                return keys.count == elements.count && Set(keys).count == keys.count
            }
            for (index, element) in elements.enumerated() {
                collect(element, place + "/" + (name.flatMap { element[$0]?.string }.map(escaped) ?? "\(index)"), &out)
            }
        default: out.append(ManifestFact(place: place, value: value.compact))
        }
    }
}
