public import SallyportBase

/// What runs in the slot now, to compare with.
public struct LiveRelease: Sendable {
    /// `<version>-r<seq>`.
    public let release: String
    /// Its manifest.
    public let manifest: Manifest
    /// Its files.
    public let entries: [Entry]
    /// Makes a live release.
    public init(release: String, manifest: Manifest, entries: [Entry]) {
        self.release = release
        self.manifest = manifest
        self.entries = entries
    }
}

/// The review report: a function of package, live release and the fields given, so that anybody gets the same bytes again. It names no
/// request and no time.
public struct Report: Sendable {
    /// SHA-256 of the archive.
    public let package: Digest
    /// Bytes of the archive.
    public let size: Int64
    /// Environment asked for.
    public let environment: String
    /// Tenant.
    public let tenant: String
    /// Person who submitted it, when known.
    public let submitter: String?
    /// The release in the slot, when there is one.
    public let live: LiveRelease?
    /// The keyring is a throw-away one.
    public let demo: Bool

    /// Makes a report's frame.
    public init(
        package: Digest, size: Int64, environment: String, tenant: String, submitter: String?, live: LiveRelease?,
        demo: Bool
    ) {
        self.package = package
        self.size = size
        self.environment = environment
        self.tenant = tenant
        self.submitter = submitter
        self.live = live
        self.demo = demo
    }

    /// `report.md`.
    public func markdown(_ inspection: Inspection) -> String { "" }
}

/// What the author of a refused package gets.
public enum Feedback {
    /// `feedback.md`: every finding with its place and remedy, and how to check before the next submission.
    public static func markdown(_ findings: [Finding], file: String) -> String { "" }
}
