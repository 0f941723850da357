public import SallyportBase

/// A signed demand for an action (formats.md §2).
public struct Order: Hashable, Sendable {
    /// What is asked for. A1's runner obeys `rollback` and `lift-hold`; every name has its grammar from the start.
    public enum Name: String, Sendable, CaseIterable {
        /// Back to an earlier release.
        case rollback
        /// The next rollout step now.
        case advance
        /// Keep the rollout where it is.
        case pause
        /// Let the rollout go on.
        case resume
        /// End the rollout, back to the old release.
        case abort
        /// Nothing forward in this slot.
        case hold
        /// End a hold, with a root cause.
        case liftHold = "lift-hold"
        /// Keep this release live.
        case pin
        /// End a pin.
        case unpin
        /// Nothing forward in this environment.
        case freeze
        /// End a freeze.
        case unfreeze
        /// Take the agent out of service.
        case retire
        /// Withdraw one's own request.
        case cancel
        /// Write a remark about a request.
        case annotate

        /// The safe direction: one operator in scope is enough, and nothing stops it.
        public var isSafe: Bool {
            switch self {
            case .rollback, .pause, .abort, .hold, .freeze: true
            default: false
            }
        }
    }

    /// Where a rollback goes.
    public enum Target: Hashable, Sendable, CustomStringConvertible {
        /// The newest that qualifies.
        case lastGood
        /// This one.
        case release(ReleaseName)
        /// As in the text.
        public var description: String {
            switch self {
            case .lastGood: "last-good"
            case .release(let name): name.description
            }
        }
    }

    /// The installation: 32 hex digits.
    public var pipeline: String
    /// What is asked for.
    public var order: Name
    /// Who asks.
    public var `operator`: String
    /// Where.
    public var environment: String
    /// For whom; absent where the order is about a whole environment.
    public var tenant: String?
    /// Which agent; absent where the order is about a whole environment.
    public var agent: String?
    /// The request, for `cancel` and `annotate`.
    public var request: UInt64?
    /// What the signer saw live.
    public var from: ReleaseName?
    /// Where to.
    public var to: Target?
    /// Digest of the root-cause file, for `lift-hold`.
    public var cause: Digest?
    /// Why.
    public var reason: String
    /// A reference of the incident system.
    public var incident: String?
    /// 32 hex digits, random: an order is obeyed once.
    public var nonce: String
    /// The signer's clock; at most 10 minutes ahead of the runner's.
    public var issued: Timestamp
    /// At most 24 h after ``issued``.
    public var expires: Timestamp

    /// Makes an order; which of the optional lines it needs is the grammar's matter (``Order/Name``).
    public init(
        pipeline: String,
        order: Name,
        operator person: String,
        environment: String,
        tenant: String? = nil,
        agent: String? = nil,
        request: UInt64? = nil,
        from: ReleaseName? = nil,
        to: Target? = nil,
        cause: Digest? = nil,
        reason: String,
        incident: String? = nil,
        nonce: String,
        issued: Timestamp,
        expires: Timestamp
    ) {
        self.pipeline = pipeline
        self.order = order
        self.operator = person
        self.environment = environment
        self.tenant = tenant
        self.agent = agent
        self.request = request
        self.from = from
        self.to = to
        self.cause = cause
        self.reason = reason
        self.incident = incident
        self.nonce = nonce
        self.issued = issued
        self.expires = expires
    }
}
