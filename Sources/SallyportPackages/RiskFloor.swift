/// How much harm an agent can do.
public enum RiskTier: String, Sendable, CaseIterable, Comparable {
    /// Reads, and what it reads is harmless
    case low
    /// Writes, or carries internal data out
    case medium
    /// Writes where it hurts, or carries confidential data out of the organisation
    case high
    /// Destroys, or handles restricted data
    case critical

    /// The more harmful one is the greater.
    public static func < (a: RiskTier, b: RiskTier) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The tier below which an agent's own claim is not believed (formats.md §6), with the lines that explain it.
public struct RiskFloor: Equatable, Sendable {
    /// The floor.
    public let floor: RiskTier
    /// The higher of claim and floor: what the gates look at.
    public let tier: RiskTier
    /// Why, one line a reason, in the words of a report.
    public let lines: [String]

    /// Derives the floor of a manifest.
    ///
    /// A tool that writes counts as high when its own risk is `high` or `critical`. Egress counts as outside the organisation unless
    /// its host is certainly inside (``isInside(_:)``).
    public static func derive(_ manifest: Manifest) -> RiskFloor {
        var reasons: [(RiskTier, String)] = []
        for tool in manifest.tools {
            switch tool.access {
            case "destructive": reasons.append((.critical, "tool \(tool.name) is destructive"))
            case "write" where tool.risk >= .high:
                reasons.append((.high, "tool \(tool.name) writes with risk \(tool.risk.rawValue)"))
            case "write": reasons.append((.medium, "tool \(tool.name) writes"))
            default: break
            }
        }
        let data = manifest.dataClassification
        if data == .restricted { reasons.append((.critical, "it handles restricted data")) }
        for target in manifest.egress where data >= .internal {
            if data >= .confidential, !isInside(target) {
                reasons.append((.high, "\(data.rawValue) data with egress outside the organisation: \(target)"))
            } else {
                reasons.append((.medium, "\(data.rawValue) data with egress: \(target)"))
            }
        }
        let floor = reasons.map(\.0).max() ?? .low
        var lines = reasons.sorted { $0.0 > $1.0 }.map { "\($0.0.rawValue): \($0.1)" }
        if reasons.isEmpty { lines.append("low: no tool writes, and no internal data leaves") }
        let tier = max(floor, manifest.riskTier ?? .low)
        switch manifest.riskTier {
        case nil: lines.append("the manifest claims no tier: \(tier.rawValue) is the floor")
        case let claim?:
            let verb = claim < floor ? "is below the floor and not believed" : "stands"
            lines.append("the manifest's claim \(claim.rawValue) \(verb): \(tier.rawValue)")
        }
        return RiskFloor(floor: floor, tier: tier, lines: lines)
    }

    /// True for targets that cannot lie outside the organisation: `.internal` (reserved by ICANN for private use), `.home.arpa`,
    /// `.local`, `localhost`, and the private and loopback IPv4 ranges. Everything else may.
    static func isInside(_ target: String) -> Bool {
        var parts = target.lowercased().split(separator: "/").map(String.init)
        if let first = parts.first, first.hasSuffix(":") { parts.removeFirst() }
        var host = parts.first ?? ""
        if let at = host.lastIndex(of: "@") { host = String(host[host.index(after: at)...]) }
        host = String(host.prefix { $0 != ":" })
        while host.hasSuffix(".") { host.removeLast() }
        let inside = ["internal", "home.arpa", "local", "localhost"]
        if inside.contains(where: { host == $0 || host.hasSuffix("." + $0) }) { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard octets.count == 4, let a = octets[0], let b = octets[1], octets[2] != nil, octets[3] != nil else {
            return false
        }
        return a == 10 || a == 127 || (a == 172 && (16...31).contains(b)) || (a == 192 && b == 168)
    }
}
