public import SallyportBase

/// How dangerous an agent is, from its tools and data.
public enum RiskTier: String, Sendable, CaseIterable, Comparable {
    /// Reads only, inside.
    case low
    /// Writes, or internal data goes out.
    case medium
    /// Risky writes, or confidential data goes out.
    case high
    /// Destructive tools or restricted data.
    case critical
    /// By danger.
    public static func < (a: RiskTier, b: RiskTier) -> Bool { a.rank < b.rank }
    private var rank: Int { RiskTier.allCases.firstIndex(of: self) ?? 0 }
}

/// Which gates stand before which environment (formats.md §4). Values come out of
/// ``checkPolicy(_:signatures:keyring:after:at:)`` only.
public struct Policy: Hashable, Sendable {
    /// `gate: [tier=critical] need=1 role=reviewer`.
    public struct Gate: Hashable, Sendable {
        /// Only for packages of this tier; `nil` for all.
        public let tier: RiskTier?
        /// People, at least 1.
        public let need: UInt64
        /// Of which role.
        public let role: Role
    }

    /// One step of a rollout: `5%/15m/50`; the last is `100%`.
    public struct RolloutStep: Hashable, Sendable {
        /// Weight in percent.
        public let percent: UInt64
        /// How long to stay; zero for the last.
        public let hold: Period?
        /// Samples to see; zero for the last.
        public let samples: UInt64
    }

    /// `window: mon-thu 08:00-16:00 Europe/Berlin`.
    public struct Window: Hashable, Sendable {
        /// First day, 1 Monday to 7 Sunday.
        public let firstDay: Int
        /// Last day.
        public let lastDay: Int
        /// Minutes after midnight, inclusive.
        public let opens: Int
        /// Minutes after midnight, exclusive.
        public let closes: Int
        /// Name of the time zone.
        public let zone: String
    }

    /// `freeze: <from> <until> need=3 role=security`.
    public struct Freeze: Hashable, Sendable {
        /// Begins.
        public let from: Timestamp
        /// Ends.
        public let until: Timestamp
        /// People needed to go forward all the same.
        public let need: UInt64
        /// Of which role.
        public let role: Role
    }

    /// A named file with the digest that it must have: hooks and checks.
    public struct Pinned: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Its digest.
        public let digest: Digest
    }

    /// What happens to a release whose approvals turn out void.
    public enum OnTaint: String, Sendable, CaseIterable {
        /// Tell people.
        case alert
        /// Nothing forward in the slot.
        case hold
        /// Back to the newest good release.
        case rollback
    }

    /// What happens to a package of an unknown submitter.
    public enum UnknownSubmitter: String, Sendable, CaseIterable {
        /// One approval more than the gates ask for.
        case oneMore = "one-more"
        /// Refused.
        case deny
    }

    /// One environment's block.
    public struct Environment: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Whether promise 1's security rule holds; `yes` unless the policy says `production=no`.
        public let production: Bool
        /// The environment in which the payload must have been live before.
        public let after: String?
        /// For how long.
        public let soak: Period?
        /// Who must approve.
        public let gates: [Gate]
        /// One person fills at most one slot. Default yes.
        public let distinct: Bool
        /// How long a review is open. Default 24h.
        public let reviewFor: Period
        /// How long an approved release may wait. Default 7d.
        public let approvedFor: Period
        /// How far back a rollback may go. Default 30d.
        public let rollbackWindow: Period
        /// Releases kept on disk. Default 10.
        public let retain: UInt64
        /// Default straight to 100 %.
        public let rollout: [RolloutStep]
        /// Default always.
        public let windows: [Window]
        /// Default none.
        public let freezes: [Freeze]
        /// Default one approval more.
        public let unknownSubmitter: UnknownSubmitter
        /// A dash for a reason is refused. Default yes.
        public let reasonRequired: Bool
        /// `build` in the manifest is required. Default: as ``production``.
        public let buildRequired: Bool
        /// Default alert.
        public let onTaint: OnTaint
        /// Below this version nothing automatic goes. Default none.
        public let floor: SemanticVersion?
        /// How long a drop without a ticket must lie still. Default 10s.
        public let settle: Period
        /// Default static.
        public let targets: [String]
        /// Default none.
        public let hooks: [Pinned]
        /// Default none.
        public let checks: [Pinned]
        /// SHA-256 over the block's lines, each with its LF.
        public let block: Digest
        /// The policy version in which the block last changed.
        public internal(set) var changedIn: UInt64

        /// What an approval's `policy:` line must say.
        public var reference: PolicyReference {
            PolicyReference(environment: name, version: changedIn, block: block)
        }
    }

    /// The installation: 32 hex digits.
    public let pipeline: String
    /// From 1; each version follows the one before.
    public let version: UInt64
    /// Digest of the text of the version before; `nil` for version 1.
    public let previous: Digest?
    /// Free words about the owner, for reports.
    public let context: String?
    /// `flag:` lines: name and whether it is on.
    public let flags: [String: Bool]
    /// In the order of the text.
    public internal(set) var environments: [Environment]

    /// The block of this name.
    public func environment(_ name: String) -> Environment? { environments.first { $0.name == name } }
}
