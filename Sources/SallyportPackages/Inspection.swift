public import SallyportBase

/// Everything that a look at one package found: a value, never an error. Made by ``ParserHelper``, stored as findings.json.
public struct Inspection: Equatable, Sendable {
    /// What was noticed, in the order of the archive, then the manifest.
    public let findings: [Finding]
    /// Every file, sorted bytewise by path, the root prefix removed.
    public let entries: [PackageEntry]
    /// `name/` when everything lies in one top-level directory that holds `agent.json`, else empty.
    public let rootPrefix: String
    /// The manifest, when it is whole.
    public let manifest: Manifest?
    /// The bytes of `agent.json`, empty when there is none.
    public let manifestBytes: [UInt8]
    /// SHA-256 of `agent.json`.
    public let manifestDigest: Digest?
    /// The digest that does not depend on the container (``PackageEntry/payload(of:)``).
    public let payload: Digest
    /// True when the file ends before the archive does: it may still be on its way.
    public let isIncomplete: Bool
    /// The contents that the caller asked to keep, by path.
    public let kept: [String: [UInt8]]
    /// Bytes of all files.
    public var unpackedBytes: Int64 { entries.reduce(0) { $0 + $1.size } }
    /// True when no finding is an error.
    public var isAccepted: Bool { !findings.contains { $0.severity == .error } }

    init(
        findings: [Finding],
        entries: [PackageEntry],
        rootPrefix: String = "",
        manifest: Manifest? = nil,
        manifestBytes: [UInt8] = [],
        isIncomplete: Bool = false,
        kept: [String: [UInt8]] = [:]
    ) {
        let sorted = entries.sorted(by: PackageEntry.precedes)
        self.findings = findings
        self.entries = sorted
        self.rootPrefix = rootPrefix
        self.manifest = manifest
        self.manifestBytes = manifestBytes
        manifestDigest = manifestBytes.isEmpty ? nil : Digest.of(manifestBytes)
        payload = PackageEntry.payload(of: sorted)
        self.isIncomplete = isIncomplete
        self.kept = kept
    }
}

extension Inspection {
    /// findings.json: verdict, findings, manifest, contents. It names no request and no time.
    public var json: JSON {
        [
            "schema": "sallyport.findings/v1",
            "verdict": .string(isAccepted ? "accept" : "refuse"),
            "incomplete": .bool(isIncomplete),
            "findings": .array(findings.map(\.json)),
            "payload": .string(payload.tagged),
            "manifestSha256": manifestDigest.map { .string($0.hex) } ?? .null,
            "rootPrefix": .string(rootPrefix),
            "manifest": manifest?.value ?? .null,
            "contents": .array(entries.map(\.json)),
        ]
    }

    /// Reads what ``json`` wrote, to compare with what is live. The bytes of the manifest are not in it.
    public init?(json: JSON) {
        guard json["schema"]?.string == "sallyport.findings/v1", let findings = json["findings"]?.array,
            let contents = json["contents"]?.array,
            let payload = json["payload"]?.string.flatMap({ Digest(tagged: $0) }),
            let prefix = json["rootPrefix"]?.string, let incomplete = json["incomplete"]?.bool
        else { return nil }
        let entries = contents.compactMap { PackageEntry(json: $0) }
        self.findings = findings.compactMap { Finding(json: $0) }
        guard entries.count == contents.count, self.findings.count == findings.count,
            PackageEntry.payload(of: entries) == payload
        else { return nil }
        self.entries = entries
        self.payload = payload
        rootPrefix = prefix
        isIncomplete = incomplete
        manifestBytes = []
        kept = [:]
        if let value = json["manifest"], !value.isNull {
            guard let read = Manifest(value) else { return nil }
            manifest = read
        } else {
            manifest = nil
        }
        if let hex = json["manifestSha256"]?.string {
            guard let digest = Digest(hex: hex) else { return nil }
            manifestDigest = digest
        } else {
            manifestDigest = nil
        }
        guard json["verdict"]?.string == (isAccepted ? "accept" : "refuse") else { return nil }
    }
}

extension Finding {
    /// Reads what `json` wrote; `nil` for anything else.
    public init?(json: JSON) {
        guard let rule = json["rule"]?.string, let place = json["place"]?.string, let text = json["text"]?.string,
            let remedy = json["remedy"]?.string,
            let severity = json["severity"]?.string.flatMap({ Severity(rawValue: $0) })
        else { return nil }
        self.init(rule, severity, place: place, text, remedy: remedy)
    }
}
