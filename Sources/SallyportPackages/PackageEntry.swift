public import SallyportBase

/// One regular file of a package, as it would lie on the disk.
public struct PackageEntry: Hashable, Sendable {
    /// Path below the agent's root, parts separated by `/`.
    public let path: String
    /// Bytes.
    public let size: Int64
    /// Mode 0755 when true, 0644 otherwise.
    public let executable: Bool
    /// SHA-256 of the content.
    public let digest: Digest

    /// Makes an entry.
    public init(path: String, size: Int64, executable: Bool, digest: Digest) {
        self.path = path
        self.size = size
        self.executable = executable
        self.digest = digest
    }

    /// `0755` or `0644`.
    public var mode: String { executable ? "0755" : "0644" }

    /// The member of `contents` in findings.json.
    public var json: JSON {
        [
            "path": .string(path), "size": .int(size), "mode": .string(mode), "sha256": .string(digest.hex),
        ]
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    public init?(json: JSON) {
        guard let path = json["path"]?.string, let size = json["size"]?.int, size >= 0,
            let mode = json["mode"]?.string, mode == "0755" || mode == "0644",
            let digest = json["sha256"]?.string.flatMap({ Digest(hex: $0) })
        else { return nil }
        self.init(path: path, size: size, executable: mode == "0755", digest: digest)
    }

    /// Bytewise by path, the order of the payload digest.
    static func precedes(_ a: PackageEntry, _ b: PackageEntry) -> Bool {
        a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
    }

    /// The payload digest (formats.md §6): SHA-256 over `<sha256>  <0644|0755>  <path>` and a line feed for each file outside
    /// `evidence/`, sorted bytewise by path. It does not depend on the container.
    public static func payload(of entries: [PackageEntry]) -> Digest {
        var hasher = SHA256()
        for entry in entries.sorted(by: precedes) where !entry.path.hasPrefix("evidence/") {
            hasher.update(Array("\(entry.digest.hex)  \(entry.mode)  \(entry.path)\n".utf8))
        }
        return hasher.finish()
    }
}
