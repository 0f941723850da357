public import SallyportBase

extension Keyring {
    /// Everybody: `person:` and `root:` lines.
    public var people: Set<String> { Set(persons).union(roots.map(\.person)) }

    /// A person's keys, valid or not; root keys are not among them.
    public func keys(of person: String) -> [Key] { keys.filter { $0.person == person } }

    /// The key of this id; root keys are not among them.
    public func key(_ id: String) -> Key? { keys.first { $0.id == id } }

    /// The end of a key, if it has come.
    public func revocation(of keyID: String) -> Revocation? { revocations.first { $0.keyID == keyID } }

    /// The person behind an account of the host: excludes from approving, authorises nothing.
    public func person(forUID uid: UInt32) -> String? { submitterUIDs.first { $0.uid == uid }?.person }

    /// How a key stood when a text arrived. A revocation speaks before the dates, since it says more.
    public func standing(of keyID: String, arrivedAt arrival: Timestamp) -> Standing {
        if let revocation = revocation(of: keyID), revocation.voids(arrivedAt: arrival) { return .revoked(revocation) }
        guard let key = key(keyID) else { return .unknown }
        if arrival < key.from { return .notYet(from: key.from) }
        if arrival >= key.until { return .expired(until: key.until) }
        return .good
    }

    /// What one key may do in a slot, when it was valid at `instant`. A vote has the roles of the key that signed it,
    /// never those of the person's other keys.
    public func roles(
        ofKey keyID: String,
        environment: String,
        tenant: String,
        agent: String,
        at instant: Timestamp
    ) -> Set<Role> {
        guard standing(of: keyID, arrivedAt: instant) == .good, let key = key(keyID),
            key.scope.covers(environment: environment, tenant: tenant, agent: agent)
        else { return [] }
        return key.roles
    }

    /// What a person may do in a slot, through any key that is valid at `instant`: for choosing whom to ask.
    public func roles(
        of person: String,
        environment: String,
        tenant: String,
        agent: String,
        at instant: Timestamp
    ) -> Set<Role> {
        keys(of: person).reduce(into: []) { out, key in
            out.formUnion(
                roles(ofKey: key.id, environment: environment, tenant: tenant, agent: agent, at: instant)
            )
        }
    }

    /// An `allowed_signers` file, so that `ssh-keygen -Y verify` checks our archive without us.
    ///
    /// A line for each SSH key: the person, the namespaces that its roles sign, its dates in UTC. Revoked keys are left
    /// out: the format has no word for "void since". minisign keys have no place in it.
    public func allowedSigners() -> String {
        func stamp(_ time: Timestamp) -> String {
            time.text.filter { $0 != "-" && $0 != ":" && $0 != "T" }
        }
        func keyText(_ material: KeyMaterial) -> String? {
            switch material {
            case .ssh(let key): SSHPublicKey.ed25519(key).line
            case .fido(let key, let application, _): SSHPublicKey.ed25519SK(key, application: application).line
            case .minisign: nil
            }
        }
        var out = ""
        for root in roots {
            guard let text = keyText(root.key) else { continue }
            let spaces = [DocumentKind.keyring, .policy].map(\.namespace).joined(separator: ",")
            out += "\(root.person) namespaces=\"\(spaces)\" \(text)\n"
        }
        for key in keys where revocation(of: key.id) == nil {
            guard let text = keyText(key.material) else { continue }
            let spaces = DocumentKind.allCases.filter { !$0.signers.isDisjoint(with: key.roles) }.map(\.namespace)
            guard !spaces.isEmpty else { continue }
            out += "\(key.person) namespaces=\"\(spaces.joined(separator: ","))\""
            out += ",valid-after=\"\(stamp(key.from))\",valid-before=\"\(stamp(key.until))\" \(text)\n"
        }
        return out
    }
}

extension DocumentKind {
    /// Roles of which the signing key must hold one; what it takes beyond that is the gate's matter.
    var signers: Set<Role> {
        switch self {
        case .approval: [.reviewer, .security, .riskOwner, .operator, .platform]
        case .order: [.operator]
        case .ticket: [.submitter]
        case .keyring, .policy: [.root]
        }
    }
}
