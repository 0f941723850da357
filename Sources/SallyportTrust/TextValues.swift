public import SallyportBase

/// A kind of signed text. Each has its own first line and its own signature namespace, so none is taken for another.
public enum DocumentKind: String, Sendable, CaseIterable {
    /// A person's word about one request.
    case approval
    /// A person's demand for an action.
    case order
    /// A submitter's note beside a package.
    case ticket
    /// Who may do what.
    case keyring
    /// Which gates stand before which environment.
    case policy

    /// First line, without its LF.
    public var magic: String { "sallyport-\(rawValue) v1" }
    /// What `ssh-keygen -Y sign -n` takes.
    public var namespace: String { "\(rawValue).v1@sallyport" }
}

/// `r1884 sha256:…`: a request's number and the leaf hash of its arrival entry.
public struct RequestReference: Hashable, Sendable, CustomStringConvertible {
    /// The ledger number of the arrival.
    public let number: UInt64
    /// RFC 6962 leaf hash of that entry: nonce, freshness and witness in one.
    public let leaf: Digest
    /// Makes a reference.
    public init(number: UInt64, leaf: Digest) {
        self.number = number
        self.leaf = leaf
    }
    /// As in the text.
    public var description: String { "r\(number) \(leaf.tagged)" }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Names.requestNumber(parts[0]), let leaf = Digest(tagged: parts[1])
        else { return nil }
        self.init(number: number, leaf: leaf)
    }
}

/// `1.4.2-r1702`: a version and the request that brought it.
public struct ReleaseName: Hashable, Sendable, CustomStringConvertible {
    /// The version.
    public let version: SemanticVersion
    /// The request's number.
    public let request: UInt64
    /// Makes a name.
    public init(version: SemanticVersion, request: UInt64) {
        self.version = version
        self.request = request
    }
    /// As in the text and on disk.
    public var description: String { "\(version)-r\(request)" }

    /// Splits at the last `-r`; `nil` for any other spelling.
    public init?(_ text: some StringProtocol) {
        let all = String(text)
        guard let dash = all.lastIndex(of: "-"), let version = SemanticVersion(all[..<dash]),
            let request = Names.requestNumber(all[all.index(after: dash)...])
        else { return nil }
        self.init(version: version, request: request)
    }
}

/// `SHA256 (name) = <hex>`: a file's name and digest, as `sha256sum -c` reads it.
public struct FileDigest: Hashable, Sendable {
    /// The file's name.
    public let name: String
    /// SHA-256 of its bytes.
    public let digest: Digest
    /// Makes a pair.
    public init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }

    /// `[A-Za-z0-9][A-Za-z0-9._+-]{0,127}`.
    public static func isFileName(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 128, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || [0x2E, 0x5F, 0x2B, 0x2D].contains($0) }
    }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
}

/// Whether a release may later be rolled back to, in its reviewers' words.
public enum RollbackConsent: Hashable, Sendable, CustomStringConvertible {
    /// From any version.
    case allowed
    /// Only from this version.
    case from(SemanticVersion)
    /// Never.
    case no
    /// As in the text.
    public var description: String {
        switch self {
        case .allowed: "allowed"
        case .from(let version): "from \(version)"
        case .no: "no"
        }
    }
    init?(_ text: String) {
        switch text {
        case "allowed": self = .allowed
        case "no": self = .no
        default:
            guard text.hasPrefix("from "), let version = SemanticVersion(text.dropFirst(5)) else { return nil }
            self = .from(version)
        }
    }
}

/// `production 12 sha256:…`: the rules that a reviewer saw.
public struct PolicyReference: Hashable, Sendable, CustomStringConvertible {
    /// The environment.
    public let environment: String
    /// The policy version in which its block last changed.
    public let version: UInt64
    /// SHA-256 over the block's lines.
    public let block: Digest
    /// Makes a reference.
    public init(environment: String, version: UInt64, block: Digest) {
        self.environment = environment
        self.version = version
        self.block = block
    }
    /// As in the text.
    public var description: String { "\(environment) \(version) \(block.tagged)" }

    /// Reads ``description``; `nil` for any other spelling.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, Names.isName(parts[0]), let version = canonicalNumber(parts[1], in: 1...maxVersion),
            let block = Digest(tagged: parts[2])
        else { return nil }
        self.init(environment: String(parts[0]), version: version, block: block)
    }
}

/// Versions of keyring and policy stay far below 2^53, so that no JSON reader rounds one and no jump can use them up.
let maxVersion: UInt64 = 1 << 32

/// A decimal without sign or leading zero, within `range`.
func canonicalNumber(_ text: some StringProtocol, in range: ClosedRange<UInt64>) -> UInt64? {
    guard let value = UInt64(text), String(value) == text, range.contains(value) else { return nil }
    return value
}

/// A span of time as a policy spells it: `24h`, `10s`, `7d`; one spelling is kept, not normalised.
public struct Period: Hashable, Sendable, CustomStringConvertible {
    /// As written.
    public let description: String
    /// Its length.
    public let seconds: Int64

    /// Reads a number without leading zero and `s`, `m`, `h` or `d`, at most ten years; `nil` for other text.
    public init?(_ text: some StringProtocol) {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = text.last, let unit = units[last],
            let count = canonicalNumber(text.dropLast(), in: 0...(3_650 * 86_400 / unit))
        else { return nil }
        description = String(text)
        seconds = Int64(count * unit)
    }
}
