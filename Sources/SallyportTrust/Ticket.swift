public import SallyportBase

/// A submitter's signed note beside a package (formats.md §2).
public struct Ticket: Hashable, Sendable {
    /// The installation: 32 hex digits.
    public var pipeline: String
    /// Where the package should run; equal to the drop directory.
    public var environment: String
    /// For whom.
    public var tenant: String
    /// Who submits.
    public var submitter: String
    /// The package: name and digest.
    public var package: FileDigest
    /// Bytes of the package.
    public var size: UInt64
    /// A change reference.
    public var change: String?
    /// 32 hex digits, random.
    public var nonce: String
    /// At most 24 h after its arrival.
    public var expires: Timestamp

    /// Makes a ticket.
    public init(
        pipeline: String,
        environment: String,
        tenant: String,
        submitter: String,
        package: FileDigest,
        size: UInt64,
        change: String? = nil,
        nonce: String,
        expires: Timestamp
    ) {
        self.pipeline = pipeline
        self.environment = environment
        self.tenant = tenant
        self.submitter = submitter
        self.package = package
        self.size = size
        self.change = change
        self.nonce = nonce
        self.expires = expires
    }
}
