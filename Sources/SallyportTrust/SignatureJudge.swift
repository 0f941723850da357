internal import SallyportBase

/// What a text says about its signer, before anything is believed.
struct Claim {
    enum Agent {
        case named(String)
        /// About a whole environment: takes a key for all agents.
        case all
        /// A ticket: the manifest has not been read.
        case notYetKnown
    }
    let person: String
    let roles: Set<Role>
    let environment: String
    /// `nil`: about a whole environment, takes a key for all tenants.
    let tenant: String?
    let agent: Agent
}

extension Order.Name {
    /// Roles of which the signing key must hold one.
    var signers: Set<Role> {
        switch self {
        case .cancel: [.operator, .submitter]
        case .annotate: Set(Role.allCases).subtracting([.root, .observer])
        default: DocumentKind.order.signers
        }
    }
}

/// Signature files that are tried for one text: squatting its name costs the squatter work, not us.
let limitSignatures = 8

/// Tries signature files against the keys of a keyring, as of an instant of arrival.
struct SignatureJudge {
    let text: [UInt8]
    let kind: DocumentKind
    let keyring: Keyring
    let arrival: Timestamp

    /// The first file that proves the claim, else what is wrong with every one.
    func proof(of claim: Claim, among files: [[UInt8]]) -> Result<Proof, TextProblems> {
        var problems: [TextProblem] = []
        for (index, file) in files.prefix(limitSignatures).enumerated() {
            do throws(TextProblem) {
                return .success(try proof(of: claim, by: file))
            } catch {
                problems.append(files.count == 1 ? error : error.located("signature \(index + 1), \(error.place)"))
            }
        }
        return .failure(TextProblems(problems))
    }

    private func proof(of claim: Claim, by file: [UInt8]) throws(TextProblem) -> Proof {
        let envelope = try SignatureEnvelope(parsing: file)
        guard let key = keyring.keys.first(where: { envelope.names($0.material) }) else {
            if let root = keyring.roots.first(where: { envelope.names($0.key) }) {
                throw TextProblem(
                    "E-KEY-ROLE",
                    place: root.id,
                    expected: words(claim.roles),
                    found: "a root key: it signs keyrings and policies alone"
                )
            }
            throw TextProblem("E-KEY-UNKNOWN", expected: "a key of the keyring", found: envelope.selector)
        }
        // First the mathematics: a wrong signature says nothing about the key that it names.
        try envelope.verify(text: text, kind: kind, key: key.material)
        guard key.person == claim.person else {
            throw TextProblem(
                "E-PERSON-MISMATCH",
                place: key.id,
                expected: "a signature of \(claim.person)",
                found: "one of \(key.person)"
            )
        }
        switch keyring.standing(of: key.id, arrivedAt: arrival) {
        case .good: break
        case .unknown: throw TextProblem("E-KEY-UNKNOWN", place: key.id, expected: "a known key", found: "none")
        case .notYet(let from):
            throw TextProblem("E-KEY-NOT-YET", place: key.id, expected: "an arrival from \(from)", found: arrival.text)
        case .expired(let until):
            throw TextProblem(
                "E-KEY-EXPIRED",
                place: key.id,
                expected: "an arrival before \(until)",
                found: arrival.text
            )
        case .revoked(let revocation):
            throw TextProblem(
                "E-KEY-REVOKED",
                place: key.id,
                expected: "a key that is not revoked",
                found: "\(revocation.cause.rawValue) at \(revocation.at)"
            )
        }
        guard covers(key.scope, claim) else {
            throw TextProblem(
                "E-KEY-SCOPE",
                place: key.id,
                expected: "env=\(key.scope.environments) tenant=\(key.scope.tenants) agent=\(key.scope.agents)",
                found: "\(claim.environment), \(claim.tenant ?? "all tenants"), \(agentName(claim.agent))"
            )
        }
        guard !key.roles.isDisjoint(with: claim.roles) else {
            throw TextProblem("E-KEY-ROLE", place: key.id, expected: words(claim.roles), found: words(key.roles))
        }
        return Proof(
            person: key.person,
            keyID: key.id,
            scheme: key.material.scheme,
            roles: key.roles,
            signature: file
        )
    }

    private func words(_ roles: Set<Role>) -> String { roles.sorted().map(\.rawValue).joined(separator: ", ") }

    private func agentName(_ agent: Claim.Agent) -> String {
        switch agent {
        case .named(let name): name
        case .all: "all agents"
        case .notYetKnown: "an agent"
        }
    }

    private func covers(_ scope: Scope, _ claim: Claim) -> Bool {
        switch claim.agent {
        case .named(let name): scope.covers(environment: claim.environment, tenant: claim.tenant, agent: name)
        case .all: scope.covers(environment: claim.environment, tenant: claim.tenant, agent: nil)
        case .notYetKnown:
            scope.environments.matches(claim.environment)
                && claim.tenant.map(scope.tenants.matches) ?? scope.tenants.matchesAll
        }
    }
}

/// The proofs of root people for each of the boards (the old and the new one, or one alone).
///
/// A file that proves nothing is set aside as long as another proves something: a stranger's junk beside a candidate
/// must not refuse it.
func rootProofs(
    _ text: [UInt8],
    _ kind: DocumentKind,
    _ files: [[UInt8]],
    _ boards: [Keyring]
) -> Result<[[Proof]], TextProblems> {
    var proofs = boards.map { _ in [Proof]() }
    var problems: [TextProblem] = []
    for (index, file) in files.prefix(limitRootSignatures).enumerated() {
        do throws(TextProblem) {
            let envelope = try SignatureEnvelope(parsing: file)
            var isKnown = false
            for (board, keyring) in boards.enumerated() {
                guard let root = keyring.roots.first(where: { envelope.names($0.key) }) else { continue }
                isKnown = true
                try envelope.verify(text: text, kind: kind, key: root.key)
                proofs[board].append(
                    Proof(
                        person: root.person,
                        keyID: root.id,
                        scheme: root.key.scheme,
                        roles: [.root],
                        signature: file
                    )
                )
            }
            guard isKnown else {
                throw TextProblem("E-KEY-UNKNOWN", expected: "a root key", found: envelope.selector)
            }
        } catch {
            problems.append(files.count == 1 ? error : error.located("signature \(index + 1), \(error.place)"))
        }
    }
    return proofs.contains { !$0.isEmpty } ? .success(proofs) : .failure(TextProblems(problems))
}

/// Signature files that are tried for a keyring or policy: two for each of 64 root people.
let limitRootSignatures = 128

extension SignatureEnvelope {
    /// Whether the file names this key. A selector: it proves nothing.
    func names(_ material: KeyMaterial) -> Bool {
        switch (self, material) {
        case (.ssh(let signature), .ssh(let key)): signature.key == .ed25519(key)
        case (.ssh(let signature), .fido(let key, let application, _)):
            signature.key == .ed25519SK(key, application: application)
        case (.minisign(let signature), .minisign(let key)): signature.keyNumber == key.keyNumber
        default: false
        }
    }

    /// What ``names(_:)`` compares, for people.
    var selector: String {
        switch self {
        case .ssh(let signature): signature.key.fingerprint
        case .minisign(let signature): "minisign key " + Hex.encode(signature.keyNumber.reversed()).uppercased()
        }
    }

    func verify(text: [UInt8], kind: DocumentKind, key material: KeyMaterial) throws(TextProblem) {
        switch (self, material) {
        case (.ssh(let signature), _):
            try signature.verify(text: text, namespace: kind.namespace, key: material.point)
        case (.minisign(let signature), .minisign(let key)):
            try signature.verify(text: text, key: key)
        default:
            throw TextProblem("E-SIG-KEY-OTHER", expected: material.scheme.rawValue, found: scheme.rawValue)
        }
    }
}
