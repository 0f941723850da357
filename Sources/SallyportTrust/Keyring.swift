public import SallyportBase

/// Who may do what (formats.md §4). Values come out of ``checkKeyring(_:signatures:after:pin:at:)`` only.
public struct Keyring: Hashable, Sendable {
    /// A person who signs keyrings and policies, and nothing else with this key.
    public struct Root: Hashable, Sendable {
        /// The person.
        public let person: String
        /// The key.
        public let key: KeyMaterial
    }

    /// A ledger's key, for verifiers.
    public struct LogKey: Hashable, Sendable {
        /// The `vkey` text.
        public let vkey: String
        /// From when it signs.
        public let from: Timestamp
    }

    /// A person's key and what it may be used for.
    public struct Key: Hashable, Sendable {
        /// `alice/1`.
        public let id: String
        /// The person, the part of ``id`` before its slash.
        public let person: String
        /// The key.
        public let material: KeyMaterial
        /// What for; never empty, never root.
        public let roles: Set<Role>
        /// Where.
        public let scope: Scope
        /// Valid from this instant of arrival.
        public let from: Timestamp
        /// No longer valid at this instant of arrival.
        public let until: Timestamp
    }

    /// A key that an agent signs telemetry with.
    public struct AgentKey: Hashable, Sendable {
        /// `invoice-triage/1`.
        public let id: String
        /// The agent.
        public let agent: String
        /// The point.
        public let key: CheckedKey
        /// Where; `agents` is the agent itself.
        public let environment: NamePattern
        /// For whom.
        public let tenant: NamePattern
        /// Valid from.
        public let from: Timestamp
        /// No longer valid at.
        public let until: Timestamp
    }

    /// Which person stands behind an account of the host; never authorises, only excludes.
    public struct SubmitterUID: Hashable, Sendable {
        /// The person.
        public let person: String
        /// The account's number.
        public let uid: UInt32
    }

    /// The end of a key.
    public struct Revocation: Hashable, Sendable {
        /// Why.
        public enum Cause: String, Sendable, CaseIterable {
            /// Replaced in good order.
            case retired
            /// Gone, but not into other hands.
            case lost
            /// In other hands.
            case compromised
        }
        /// The key.
        public let keyID: String
        /// From when it no longer signs.
        public let at: Timestamp
        /// Why.
        public let cause: Cause
        /// Since when it may have been in other hands; `nil` of a compromised key: always.
        public let since: Timestamp?

        /// Whether a text that arrived at `arrival` is void.
        public func voids(arrivedAt arrival: Timestamp) -> Bool {
            cause == .compromised ? since.map { arrival >= $0 } ?? true : arrival >= at
        }
    }

    /// How a key stood when a text arrived.
    public enum Standing: Hashable, Sendable {
        /// Valid.
        case good
        /// Not in the keyring.
        case unknown
        /// Before its `from`.
        case notYet(from: Timestamp)
        /// At or after its `until`.
        case expired(until: Timestamp)
        /// Revoked.
        case revoked(Revocation)
    }

    /// The installation: 32 hex digits.
    public let pipeline: String
    /// From 1; each version follows the one before.
    public let version: UInt64
    /// Digest of the text of the version before; `nil` for version 1.
    public let previous: Digest?
    /// When the installed keyring stops forward motion.
    public let expires: Timestamp
    /// Throw-away keys: at most 7 days, and every report says so.
    public let demo: Bool
    /// People who must sign the next version.
    public let rootThreshold: UInt64
    /// `root:` lines.
    public let roots: [Root]
    /// `log:` lines.
    public let logs: [LogKey]
    /// `person:` lines. People with a `root:` line only are not among them.
    public let persons: [String]
    /// `key:` lines.
    public let keys: [Key]
    /// `agent-key:` lines.
    public let agentKeys: [AgentKey]
    /// `submitter-uid:` lines.
    public let submitterUIDs: [SubmitterUID]
    /// `revoked:` lines.
    public let revocations: [Revocation]
    /// Every point that the chain ever named, with the id of its line: neither is ever used again for another.
    public internal(set) var history: [CheckedKey: String] = [:]
}
