internal import SallyportBase

extension ValueType {
    static let flag = ValueType("<name> on | off") { Policy.flag($0) != nil }
    static let environment = ValueType("<name> [production=yes|no] [after=<name>] [soak=<period>]") {
        Policy.EnvironmentLine($0) != nil
    }
    static let gate = ValueType("[tier=low|medium|high|critical] need=<1 to 16> role=<role>") { Policy.Gate($0) != nil }
    static let rollout = ValueType("<percent>%/<hold>/<samples> rising, then 100%") { Policy.rollout($0) != nil }
    static let window = ValueType("<day>[-<day>] HH:MM-HH:MM <time zone>") { Policy.Window($0) != nil }
    static let freeze = ValueType("<time> <time> need=<1 to 16> role=<role>") { Policy.Freeze($0) != nil }
    static let pinned = ValueType("<name> sha256:<64 hex>") { Policy.Pinned($0) != nil }
}

private func words(_ text: String) -> [String] {
    text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
}

/// The value of `name=value` in a list of words, taken out of it when it comes first.
private func take(_ name: String, from words: inout ArraySlice<String>) -> String? {
    guard let first = words.first, first.hasPrefix("\(name)=") else { return nil }
    words = words.dropFirst()
    return String(first.dropFirst(name.utf8.count + 1))
}

/// Roles that a gate can ask for: root, submitter, observer and auditor never approve.
let gateRoles = DocumentKind.approval.signers

private func gateRole(_ text: String?) -> Role? {
    text.flatMap { Role(rawValue: $0) }.flatMap { gateRoles.contains($0) ? $0 : nil }
}

/// People of one gate: none is no gate, and more than a team is a typing error.
private func people(_ text: String?) -> UInt64? { text.flatMap { canonicalNumber($0, in: 1...16) } }

extension Policy {
    static func flag(_ text: String) -> (String, Bool)? {
        let parts = words(text)
        guard parts.count == 2, Names.isName(parts[0]), parts[1] == "on" || parts[1] == "off" else { return nil }
        return (parts[0], parts[1] == "on")
    }

    /// The value of an `environment:` line.
    struct EnvironmentLine {
        let name: String
        let production: Bool
        let after: String?
        let soak: Period?

        init?(_ text: String) {
            var rest = words(text)[...]
            guard let name = rest.popFirst(), Names.isName(name) else { return nil }
            self.name = name
            let production = take("production", from: &rest)
            guard production == nil || production == "yes" || production == "no" else { return nil }
            // Whatever is not called otherwise is production: the safe side.
            self.production = production != "no"
            after = take("after", from: &rest)
            guard after.map({ Names.isName($0) }) ?? true else { return nil }
            let soak = take("soak", from: &rest)
            self.soak = soak.flatMap { Period($0) }
            guard rest.isEmpty, soak == nil || (self.soak != nil && after != nil) else { return nil }
        }
    }

    static func rollout(_ text: String) -> [RolloutStep]? {
        let parts = words(text)
        guard parts.count <= 32, parts.last == "100%" else { return nil }
        var steps: [RolloutStep] = []
        for part in parts.dropLast() {
            let fields = part.split(separator: "/", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0].hasSuffix("%"),
                let percent = canonicalNumber(fields[0].dropLast(), in: 1...99), let hold = Period(fields[1]),
                let samples = canonicalNumber(fields[2], in: 0...1_000_000_000), percent > steps.last?.percent ?? 0
            else { return nil }
            steps.append(RolloutStep(percent: percent, hold: hold, samples: samples))
        }
        return steps + [RolloutStep(percent: 100, hold: nil, samples: 0)]
    }
}

extension Policy.Gate {
    init?(_ text: String) {
        var rest = words(text)[...]
        let tier = take("tier", from: &rest)
        self.tier = tier.flatMap { RiskTier(rawValue: $0) }
        guard let need = people(take("need", from: &rest)), let role = gateRole(take("role", from: &rest)),
            rest.isEmpty,
            (tier == nil) == (self.tier == nil)
        else { return nil }
        self.need = need
        self.role = role
    }
}

extension Policy.Freeze {
    init?(_ text: String) {
        var rest = words(text)[...]
        guard let from = rest.popFirst().flatMap(time), let until = rest.popFirst().flatMap(time), from < until,
            let need = people(take("need", from: &rest)), let role = gateRole(take("role", from: &rest)), rest.isEmpty
        else { return nil }
        self.init(from: from, until: until, need: need, role: role)
    }
}

extension Policy.Pinned {
    init?(_ text: String) {
        let parts = words(text)
        guard parts.count == 2, Names.isName(parts[0]), let digest = Digest(tagged: parts[1]) else { return nil }
        self.init(name: parts[0], digest: digest)
    }
}

extension Policy.Window {
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    init?(_ text: String) {
        let parts = words(text)
        guard parts.count == 3, Self.isZone(parts[2]) else { return nil }
        let days = parts[0].split(separator: "-", omittingEmptySubsequences: false).map {
            Self.days.firstIndex(of: String($0))
        }
        let hours = parts[1].split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
        guard (1...2).contains(days.count), let first = days[0], let last = days[days.count - 1], hours.count == 2,
            let opens = hours[0], let closes = hours[1], opens < closes, days.count == 1 || first < last
        else { return nil }
        self.init(firstDay: first + 1, lastDay: last + 1, opens: opens, closes: closes, zone: parts[2])
    }

    private static func minutes(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x3A else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let values = digits.map { Int($0) - 0x30 }
        let hour = values[0] * 10 + values[1]
        let minute = values[2] * 10 + values[3]
        return minute < 60 && (hour < 24 || (hour == 24 && minute == 0)) ? hour * 60 + minute : nil
    }

    // A name below the zone directory: no dots, so no way out of it.
    private static func isZone(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.first.map(isAlphanumeric) == true
            && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2F, 0x5F, 0x2B, 0x2D].contains($0) }
    }
}
