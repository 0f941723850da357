internal import SallyportBase

/// How a key signs. A key has one scheme for ever.
public enum KeyScheme: String, Sendable, CaseIterable {
    /// `ssh-keygen -Y sign` with a key file.
    case sshsig
    /// `ssh-keygen -Y sign` with a FIDO device.
    case sshsigFIDO = "sshsig-fido"
    /// minisign, prehashed.
    case minisign
}

/// The public half of a person's key as a keyring names it.
public enum KeyMaterial: Hashable, Sendable {
    /// `sshsig ssh-ed25519 AAAA…`.
    case ssh(CheckedKey)
    /// `sshsig sk-ssh-ed25519@openssh.com AAAA… [verify-required]`.
    case fido(CheckedKey, application: String, verifyRequired: Bool)
    /// `minisign RWQ…`.
    case minisign(MinisignPublicKey)

    /// The 32-byte point, one owner in the whole keyring.
    public var point: CheckedKey {
        switch self {
        case .ssh(let key), .fido(let key, _, _): key
        case .minisign(let key): key.key
        }
    }

    /// The scheme that signatures of this key must have.
    public var scheme: KeyScheme {
        switch self {
        case .ssh: .sshsig
        case .fido: .sshsigFIDO
        case .minisign: .minisign
        }
    }
}

/// What a key may be used for (formats.md §4).
public enum Role: String, Sendable, CaseIterable, Comparable {
    /// Signs keyrings and policies. Held through `root:` lines only.
    case root
    /// Signs tickets.
    case submitter
    /// Approves and rejects.
    case reviewer
    /// Approves and rejects for security: promise 1 wants one in production.
    case security
    /// Accepts named findings.
    case riskOwner = "risk-owner"
    /// Signs orders.
    case `operator`
    /// Attests infrastructure.
    case platform
    /// Signs telemetry counts.
    case observer
    /// Reads and attests sightings.
    case auditor

    /// Alphabetical.
    public static func < (a: Role, b: Role) -> Bool { a.rawValue < b.rawValue }
}

/// A list of names or prefixes in a key's scope: `*`, `staging,production`, `inv*`.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
    /// As written.
    public let description: String
    /// At most so many alternatives: a longer list is a role of its own.
    public static let limit = 16

    /// Reads names, each optionally ending in `*`, separated by commas; `*` alone matches all. `nil` for other text.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.limit, Set(parts).count == parts.count else { return nil }
        for part in parts where part != "*" {
            guard Names.isName(part.hasSuffix("*") ? part.dropLast() : part[...]) else { return nil }
        }
        guard !parts.contains("*") || parts.count == 1 else { return nil }
        description = String(text)
    }

    /// Whether `name` is in the scope.
    public func matches(_ name: String) -> Bool {
        description.split(separator: ",").contains { part in
            part.hasSuffix("*") ? name.hasPrefix(part.dropLast()) : name == part
        }
    }

    /// Whether every name is in the scope.
    public var matchesAll: Bool { description == "*" }
}

/// Where a key may speak.
public struct Scope: Hashable, Sendable {
    /// `env=`.
    public let environments: NamePattern
    /// `tenant=`.
    public let tenants: NamePattern
    /// `agent=`.
    public let agents: NamePattern

    /// Whether a slot is in scope; a part that a text does not name (`nil`) takes a key for all of them.
    public func covers(environment: String?, tenant: String?, agent: String?) -> Bool {
        for (pattern, name) in [(environments, environment), (tenants, tenant), (agents, agent)] {
            guard name.map(pattern.matches) ?? pattern.matchesAll else { return false }
        }
        return true
    }
}
