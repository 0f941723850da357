internal import SallyportBase
internal import SallyportCore
internal import SallyportTrust

/// Keyring and policy in the words of `trust show` and `trust check`. Pure.
struct TrustOverview {
    /// How one gate of an environment stands before any package: who could fill it.
    struct Gate {
        let text: String
        let need: Int
        let people: [String]
        /// Places that no distribution of distinct people fills.
        let unfilled: Int
    }
    struct Environment {
        let name: String
        let production: Bool
        let gates: [Gate]
        var isOpen: Bool { gates.allSatisfy { $0.unfilled == 0 } }
    }

    let keyring: Keyring
    let policy: Policy?
    let now: Timestamp
    let environments: [Environment]

    init(_ keyring: Keyring, _ policy: Policy?, now: Timestamp) {
        self.keyring = keyring
        self.policy = policy
        self.now = now
        environments = (policy?.environments ?? []).map { Self.judge($0, keyring, now) }
    }

    /// The status of `trust check`: 78 where nothing goes forward, 65 where one environment is closed for want of people.
    var status: ExitStatus {
        if policy == nil || keyring.expires <= now { return .configuration }
        return environments.allSatisfy(\.isOpen) ? .success : .refused
    }

    /// People with a key for this role that is good now and in scope of the environment, for whatever tenant and agent.
    static func people(_ role: Role, in environment: String, _ keyring: Keyring, _ now: Timestamp) -> [String] {
        let keys = keyring.keys.filter { key in
            key.roles.contains(role) && key.scope.environments.matches(environment)
                && keyring.standing(of: key.id, arrivedAt: now) == .good
        }
        return Set(keys.map(\.person)).sorted()
    }

    private static func judge(_ environment: Policy.Environment, _ keyring: Keyring, _ now: Timestamp) -> Environment {
        var wanted = environment.gates.map { (role: $0.role, need: Int($0.need), tier: $0.tier) }
        // Promise 1 asks for security in production whatever the policy says.
        if environment.production, !wanted.contains(where: { $0.role == .security && $0.tier == nil }) {
            wanted.append((.security, environment.distinct ? 0 : 1, nil))
        }
        let candidates = wanted.map { people($0.role, in: environment.name, keyring, now) }
        var slots: [[String]] = []
        var owner: [Int] = []
        for (index, gate) in wanted.enumerated() {
            for _ in 0..<max(1, gate.need) where gate.need > 0 {
                slots.append(candidates[index])
                owner.append(index)
            }
        }
        var unfilled = [Int](repeating: 0, count: wanted.count)
        if environment.distinct {
            for (slot, person) in Matching.assign(slots).enumerated() where person == nil { unfilled[owner[slot]] += 1 }
        }
        let gates = wanted.enumerated().map { index, gate in
            let short = max(0, max(1, gate.need) - candidates[index].count)
            let tier = gate.tier.map { ", tier \($0.rawValue) and above" } ?? ""
            let text = gate.need == 0 ? "floor: 1 × security" : "\(gate.need) × \(gate.role.rawValue)\(tier)"
            return Gate(
                text: text,
                need: max(1, gate.need),
                people: candidates[index],
                unfilled: max(short, unfilled[index])
            )
        }
        return Environment(name: environment.name, production: environment.production, gates: gates)
    }

    private func standing(_ key: Keyring.Key) -> String {
        switch keyring.standing(of: key.id, arrivedAt: now) {
        case .good: "good until \(key.until)"
        case .unknown: "unknown"
        case .notYet(let from): "valid from \(from)"
        case .expired(let until): "expired \(until)"
        case .revoked(let revocation): "revoked \(revocation.at), \(revocation.cause.rawValue)"
        }
    }

    var text: String {
        var out = keyring.demo ? "DEMO KEYS: throw-away keys, this proves nothing about anybody.\n" : ""
        let over = keyring.expires <= now ? "  EXPIRED: nothing goes forward, rollback does" : ""
        out += "keyring \(keyring.version), expires \(keyring.expires)\(over)\n"
        out += "root    \(keyring.rootThreshold) of \(keyring.roots.map(\.person).joined(separator: ", "))\n"
        for key in keyring.keys {
            let roles = key.roles.sorted().map(\.rawValue).joined(separator: ",")
            out += "key     \(key.id)  \(key.material.scheme.rawValue)  \(roles)  env=\(key.scope.environments)"
            out += " tenant=\(key.scope.tenants) agent=\(key.scope.agents)  \(standing(key))\n"
        }
        guard let policy else { return out + "policy  none: nothing goes forward\n" }
        out += "policy  \(policy.version)\n"
        for environment in environments {
            out += "\(environment.name)\(environment.production ? ", production" : "")\n"
            for gate in environment.gates {
                let people = gate.people.isEmpty ? "nobody" : gate.people.joined(separator: ", ")
                let missing = gate.unfilled == 0 ? "" : "  MISSING \(gate.unfilled)"
                out += "  \(gate.text)  \(people)\(missing)\n"
            }
        }
        return out
    }

    var verdictText: String {
        switch status {
        case .success: "holds: every gate can be satisfied\n"
        case .configuration: "unusable: nothing goes forward\n"
        default:
            "closed for want of people: "
                + environments.filter { !$0.isOpen }.map(\.name).joined(separator: ", ") + "\n"
        }
    }

    var json: JSON {
        [
            "version": .int(Int64(keyring.version)), "expires": .string(keyring.expires.text),
            "demo": .bool(keyring.demo),
            "expired": .bool(keyring.expires <= now), "rootThreshold": .int(Int64(keyring.rootThreshold)),
            "roots": .array(keyring.roots.map { .string($0.person) }),
            "keys": .array(
                keyring.keys.map { key in
                    [
                        "id": .string(key.id), "person": .string(key.person),
                        "scheme": .string(key.material.scheme.rawValue),
                        "roles": .array(key.roles.sorted().map { .string($0.rawValue) }),
                        "standing": .string(standing(key)),
                    ]
                }
            ),
            "policy": policy.map { .int(Int64($0.version)) } ?? .null,
            "environments": .array(
                environments.map { environment in
                    [
                        "environment": .string(environment.name), "production": .bool(environment.production),
                        "open": .bool(environment.isOpen),
                        "gates": .array(
                            environment.gates.map { gate in
                                [
                                    "rule": .string(gate.text), "need": .int(Int64(gate.need)),
                                    "people": .array(gate.people.map { .string($0) }),
                                    "missing": .int(Int64(gate.unfilled)),
                                ]
                            }
                        ),
                    ]
                }
            ),
        ]
    }
}
