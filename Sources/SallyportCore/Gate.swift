public import SallyportBase
public import SallyportPackages
public import SallyportTrust

/// What the gate decides on: verified values only.
public struct GateInput: Sendable {
    /// The request with its votes.
    public let request: Request
    /// The environment's block of the policy in force.
    public let environment: Policy.Environment
    /// The keyring in force.
    public let keyring: Keyring
    /// The effective tier: the higher of claim and derived floor.
    public let tier: SallyportPackages.RiskTier
    /// The manifest's data class.
    public let data: Manifest.DataClassification
    /// People who may not approve: submitter, owner of the file, earlier submitters of the payload, authors.
    public let excluded: Set<String>
    /// The last change of the request or of the keyring: keys valid then make their owners eligible.
    public let at: Timestamp

    /// Puts the input together.
    public init(
        request: Request,
        environment: Policy.Environment,
        keyring: Keyring,
        manifest: Manifest,
        excluded: Set<String>,
        keyringInstalled: Timestamp? = nil
    ) {
        self.request = request
        self.environment = environment
        self.keyring = keyring
        tier = RiskFloor.derive(manifest).tier
        data = manifest.dataClassification
        self.excluded = excluded
        at = max(request.changedAt, keyringInstalled ?? request.changedAt)
    }
}

/// How a gate stands: each rule, who fills it, who could.
public struct GateVerdict: Equatable, Sendable {
    /// One rule of the gate, or the compiled-in floor.
    public struct Rule: Equatable, Sendable {
        /// `2 × reviewer`, in words that `status` shows.
        public let text: String
        /// People it needs.
        public let need: Int
        /// People who fill it.
        public let have: [String]
        /// People who could and have not yet.
        public let could: [String]
        /// Filled.
        public var isSatisfied: Bool { have.count >= need }
    }
    /// Every rule, the floor last.
    public let rules: [Rule]
    /// Eligible people who said no.
    public let rejectedBy: [String]
    /// People whose approval counts now.
    public let approvedBy: [String]
    /// Everyone who may still vote or has voted.
    public let eligible: [String]
    /// All rules filled and nobody said no.
    public var isSatisfied: Bool { rejectedBy.isEmpty && !rules.isEmpty && rules.allSatisfy(\.isSatisfied) }
}

/// The gate before an environment. Pure.
public enum Gate {
    /// Judges the votes of the current issue under the keyring in force (formats.md §2 and §4).
    public static func judge(_ input: GateInput) -> GateVerdict {
        let gates = applicableGates(input)
        let people = input.keyring.people.subtracting(input.excluded).sorted()
        // What each person could do by any valid key, and what the keys allow with which they voted.
        let potential = Dictionary(uniqueKeysWithValues: people.map { ($0, roles(of: $0, in: input)) })
        let eligible = people.filter { person in gates.contains { potential[person]?.contains($0.role) == true } }
        let votes = votes(input, among: Set(eligible))
        let approving = votes.filter { $0.value.decision == "approve" }.mapValues(\.roles)
        let rejecting = votes.filter { $0.value.decision == "reject" }.keys.sorted()

        var rules = filled(gates, approving: approving, potential: potential, distinct: input.environment.distinct)
        rules += floor(input, approving: approving, potential: potential, eligible: eligible)
        return GateVerdict(
            rules: rules,
            rejectedBy: rejecting,
            approvedBy: approving.keys.sorted(),
            eligible: eligible
        )
    }

    /// The people a text is written for: eligible by role, not excluded, with a key that is valid now.
    public static func eligible(_ input: GateInput) -> [String] { judge(input).eligible }

    private struct Slot {
        let role: Role
        let need: Int
        let text: String
        var isExtra = false
    }

    private static func applicableGates(_ input: GateInput) -> [Slot] {
        var gates = input.environment.gates.filter { gate in
            guard let tier = gate.tier.flatMap({ SallyportPackages.RiskTier(rawValue: $0.rawValue) }) else {
                return true
            }
            return input.tier >= tier
        }.map { gate in
            let suffix = gate.tier.map { ", tier \($0.rawValue) and above" } ?? ""
            return Slot(role: gate.role, need: Int(gate.need), text: "\(gate.need) × \(gate.role.rawValue)\(suffix)")
        }
        // Nobody knows who brought it: one more pair of eyes, of the first gate's role.
        if input.request.submitter == nil, input.environment.unknownSubmitter == .oneMore, let first = gates.first {
            gates.append(
                Slot(role: first.role, need: 1, text: "1 × \(first.role.rawValue), submitter unknown", isExtra: true)
            )
        }
        return gates
    }

    private static func roles(of person: String, in input: GateInput) -> Set<Role> {
        let request = input.request
        return input.keyring.roles(
            of: person,
            environment: request.environment,
            tenant: request.tenant,
            agent: request.agent,
            at: input.at
        )
    }

    private static func votes(
        _ input: GateInput,
        among eligible: Set<String>
    ) -> [String: (decision: String, roles: Set<Role>)] {
        var out: [String: (decision: String, roles: Set<Role>)] = [:]
        let request = input.request
        for vote in request.currentVotes where eligible.contains(vote.person) {
            // Under today's revocations, at the time of arrival.
            guard input.keyring.standing(of: vote.key, arrivedAt: vote.arrived) == .good,
                let key = input.keyring.keys(of: vote.person).first(where: { $0.id == vote.key }),
                key.scope.covers(environment: request.environment, tenant: request.tenant, agent: request.agent)
            else { continue }
            // The most restrictive word of a person counts: reject, then withdraw, then approve.
            let rank = ["approve": 0, "withdraw": 1, "revoke": 1, "reject": 2]
            let known = out[vote.person]
            let roles = (known?.roles ?? []).union(key.roles)
            if (rank[vote.decision] ?? 0) >= (known.flatMap { rank[$0.decision] } ?? -1) {
                out[vote.person] = (vote.decision, roles)
            } else if let known {
                out[vote.person] = (known.decision, roles)
            }
        }
        return out
    }

    private static func filled(
        _ gates: [Slot],
        approving: [String: Set<Role>],
        potential: [String: Set<Role>],
        distinct: Bool
    ) -> [GateVerdict.Rule] {
        let people = approving.keys.sorted()
        var have = [[String]](repeating: [], count: gates.count)
        if distinct {
            var candidates: [[String]] = []
            var owner: [Int] = []
            for (index, gate) in gates.enumerated() {
                for _ in 0..<gate.need {
                    candidates.append(people.filter { approving[$0]?.contains(gate.role) == true })
                    owner.append(index)
                }
            }
            for (slot, person) in Matching.assign(candidates).enumerated() {
                if let person { have[owner[slot]].append(person) }
            }
        } else {
            for (index, gate) in gates.enumerated() {
                // The one more for an unknown submitter is one more person, whatever `distinct` says.
                let counted = gate.isExtra ? Set(have.joined()) : []
                let able = people.filter { approving[$0]?.contains(gate.role) == true && !counted.contains($0) }
                have[index] = Array(able.prefix(gate.need))
            }
        }
        return gates.enumerated().map { index, gate in
            let could = potential.filter { $0.value.contains(gate.role) && approving[$0.key] == nil }.keys.sorted()
            return .init(text: gate.text, need: gate.need, have: have[index].sorted(), could: could)
        }
    }

    /// Promise 1, compiled in: a policy can only raise it.
    private static func floor(
        _ input: GateInput,
        approving: [String: Set<Role>],
        potential: [String: Set<Role>],
        eligible: [String]
    ) -> [GateVerdict.Rule] {
        var rules: [GateVerdict.Rule] = []
        rules.append(
            .init(
                text: "floor: 1 × not the submitter",
                need: 1,
                have: Array(approving.keys.sorted().prefix(1)),
                could: eligible.filter { approving[$0] == nil }
            )
        )
        guard input.environment.production || input.tier >= .high || input.data >= .confidential else { return rules }
        let have = approving.filter { $0.value.contains(.security) }.keys.sorted()
        let could = potential.filter { $0.value.contains(.security) && approving[$0.key] == nil }.keys.sorted()
        rules.append(.init(text: "floor: 1 × security", need: 1, have: Array(have.prefix(1)), could: could))
        return rules
    }
}

extension Projection {
    /// Who may not approve a request (architecture.md, "Drops"): the ticket's signer, the person of the owner's uid, submitters of the
    /// same payload before, the manifest's authors.
    public func excluded(from request: Request, keyring: Keyring, authors: [String]) -> Set<String> {
        var out = Set(authors).union(submitters[request.payload] ?? [])
        if let submitter = request.submitter { out.insert(submitter) }
        if request.uid >= 0, let person = keyring.person(forUID: UInt32(request.uid)) { out.insert(person) }
        return out
    }
}
