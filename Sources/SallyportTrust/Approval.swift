public import SallyportBase

/// One person's word about one request (formats.md §2).
public struct Approval: Hashable, Sendable {
    /// What the person says.
    public enum Decision: String, Sendable, CaseIterable {
        /// Yes, under these terms.
        case approve
        /// No; ends the request.
        case reject
        /// Takes back an approval before it had effect.
        case withdraw
        /// Takes back an approval after it had effect.
        case revoke
    }

    /// A named defect and how to cure it; only in rejections.
    public struct Defect: Hashable, Sendable {
        /// Its weight.
        public let severity: Finding.Severity
        /// Where, one word.
        public let place: String
        /// What.
        public let text: String
        /// The way out.
        public let remedy: String
        /// Makes a defect.
        public init(severity: Finding.Severity, place: String, text: String, remedy: String) {
            self.severity = severity
            self.place = place
            self.text = text
            self.remedy = remedy
        }
        /// What the runner writes for the reviewer to replace.
        public static let placeholder = Defect(severity: .error, place: "-", text: "-", remedy: "-")
    }

    /// A finding that a risk owner takes upon himself until a date.
    public struct Acceptance: Hashable, Sendable {
        /// The finding's rule, `F-…`.
        public let rule: String
        /// No longer than this.
        public let until: Timestamp
        /// Why.
        public let text: String
        /// Makes an acceptance.
        public init(rule: String, until: Timestamp, text: String) {
            self.rule = rule
            self.until = until
            self.text = text
        }
    }

    /// The installation: 32 hex digits.
    public var pipeline: String
    /// Which request.
    public var request: RequestReference
    /// Which issue of its terms, from 1.
    public var issue: UInt64
    /// What the person says.
    public var decision: Decision
    /// Who.
    public var reviewer: String
    /// Where it would run.
    public var environment: String
    /// For whom.
    public var tenant: String
    /// Which agent.
    public var agent: String
    /// Which version.
    public var version: SemanticVersion
    /// `<agent>-<version>.<extension>`.
    public var package: FileDigest
    /// SHA-256 of `agent.json`.
    public var manifest: Digest
    /// SHA-256 of `report.md`.
    public var report: Digest
    /// Bytes of the package.
    public var size: UInt64
    /// `tool erp.read_invoice read low`, `egress erp.internal:443`, …: what the agent may do, in clear.
    public var capabilities: [String]
    /// Who submitted, or `unknown`.
    public var submitter: String
    /// What is live now; `nil` for `none`.
    public var replaces: ReleaseName?
    /// Consent to a later rollback.
    public var rollback: RollbackConsent
    /// The rules.
    public var policy: PolicyReference
    /// The latest arrival.
    public var expires: Timestamp
    /// Only in a rejection.
    public var findings: [Defect]
    /// Only in an approval.
    public var accepts: [Acceptance]
    /// Why; `-` when nothing was said.
    public var reason: String

    /// Makes the value that the runner pre-fills: dash for a reason, one placeholder finding in a rejection.
    public init(
        pipeline: String,
        request: RequestReference,
        issue: UInt64,
        decision: Decision,
        reviewer: String,
        environment: String,
        tenant: String,
        agent: String,
        version: SemanticVersion,
        package: FileDigest,
        manifest: Digest,
        report: Digest,
        size: UInt64,
        capabilities: [String],
        submitter: String,
        replaces: ReleaseName?,
        rollback: RollbackConsent,
        policy: PolicyReference,
        expires: Timestamp
    ) {
        self.pipeline = pipeline
        self.request = request
        self.issue = issue
        self.decision = decision
        self.reviewer = reviewer
        self.environment = environment
        self.tenant = tenant
        self.agent = agent
        self.version = version
        self.package = package
        self.manifest = manifest
        self.report = report
        self.size = size
        self.capabilities = capabilities
        self.submitter = submitter
        self.replaces = replaces
        self.rollback = rollback
        self.policy = policy
        self.expires = expires
        findings = decision == .reject ? [.placeholder] : []
        accepts = []
        reason = "-"
    }
}
