public import SallyportBase

/// What an entry touched or a decision rests on: the append gives a decision back as stale when somebody else's later line touched
/// one of its own (architecture.md, "Append").
public enum Touch: Hashable, Sendable {
    /// A request by its number.
    case request(UInt64)
    /// A slot, `environment/tenant/agent`.
    case slot(String)
    /// A drop by its file, `device:inode`.
    case drop(String)
    /// The same bytes for the same environment, `environment/package digest as data.package spells it`.
    case package(String)
    /// Keyring, policy, flag or freeze. Every decision rests on it, whether it says so or not.
    case trust

    /// The drop with this device and inode.
    public static func drop(device: UInt64, inode: UInt64) -> Touch { .drop("\(device):\(inode)") }
    /// These bytes for this environment.
    public static func package(_ digest: String, in environment: String) -> Touch {
        .package(environment + "/" + digest)
    }
}

/// What a caller wants to be entered: a line without `seq`, `prev`, `ts` and `run`, which exist only under the ledger's lock.
public struct Decision: Sendable, Equatable {
    /// What the line is about.
    public enum Subject: Sendable, Equatable {
        /// `r<seq>` of the very line that is being written: the arrival of a request.
        case own
        /// `r<seq>` of an earlier arrival.
        case request(UInt64)
        /// `environment/tenant/agent`.
        case slot(String)
        /// Any other name.
        case text(String)
        /// Nothing; the key is left out.
        case none
    }
    /// What happened.
    public var type: EventType
    /// A person, `uid:N` or `runner`.
    public var actor: String?
    /// What it is about.
    public var subject: Subject
    /// How it ended.
    public var outcome: Outcome?
    /// Why.
    public var reason: String?
    /// What was before.
    public var from: String?
    /// What is now.
    public var to: String?
    /// Earlier lines.
    public var links: [Link]
    /// Digests stored with ``Ledger/storeEvidence(_:)`` before.
    public var evidence: [Digest]
    /// What belongs to its type.
    public var data: JSON?
    /// What the decision rests on; ``Touch/trust`` is always added.
    public var touches: Set<Touch>

    /// Makes a decision.
    public init(
        _ type: EventType,
        actor: String? = "runner",
        subject: Subject = .none,
        outcome: Outcome? = nil,
        reason: String? = nil,
        from: String? = nil,
        to: String? = nil,
        links: [Link] = [],
        evidence: [Digest] = [],
        data: JSON? = nil,
        touches: Set<Touch> = []
    ) {
        self.type = type
        self.actor = actor
        self.subject = subject
        self.outcome = outcome
        self.reason = reason
        self.from = from
        self.to = to
        self.links = links
        self.evidence = evidence
        self.data = data
        self.touches = touches
    }
}

/// What ``Ledger/append(_:basedOn:at:run:)`` did.
public struct Appended: Sendable, Equatable {
    /// The lines as written, in the order of the decisions; `nil` where the decision was stale.
    public let entries: [Entry?]
    /// Indices of the decisions that were stale, rising: the caller folds ``newer`` and decides again.
    public let stale: [Int]
    /// The lines after the caller's own fold and before ours, in order: what others wrote, and `ledger.recovered` when a torn tail was
    /// set aside.
    public let newer: [Entry]
    /// Where the ledger ends now.
    public let tail: Position
}
