public import SallyportBase
public import SallyportDisk
public import SallyportTrust

/// The root of trust and the runner's own key, as they lie in KEYS. Root-owned when installed: the runner only reads.
public struct Keys: Sendable {
    /// Digest of the first keyring.
    public static let pinnedName = "pinned"
    /// The runner's secret, one line.
    public static let secretName = "runner.key"
    /// The runner's public key: a vkey, one line.
    public static let publicName = "runner.pub"
    /// Where they lie.
    public let directory: Directory
    /// Verifies checkpoints.
    public let verifier: NoteVerifier
    /// Digest of keyring 1; `nil` before `trust install`.
    public let pin: Digest?

    /// Why the keys cannot be used (exit 78).
    public struct Unusable: Error, Equatable, Sendable {
        /// The file.
        public let path: String
        /// What is wrong with it.
        public let what: String
    }

    /// Reads what may be read without a secret.
    public static func open(path: String) throws -> Keys {
        let directory = try Directory.open(path: path)
        guard let line = try line(publicName, in: directory) else {
            throw Unusable(path: directory.path(publicName), what: "is missing")
        }
        let verifier: NoteVerifier
        do { verifier = try NoteVerifier(vkey: line) } catch {
            throw Unusable(path: directory.path(publicName), what: "is not a vkey: \(error.expected)")
        }
        var pin: Digest?
        if let text = try Self.line(pinnedName, in: directory) {
            guard let digest = Digest(tagged: text) else {
                throw Unusable(path: directory.path(pinnedName), what: "is not sha256:<64 hex digits>")
            }
            pin = digest
        }
        return Keys(directory: directory, verifier: verifier, pin: pin)
    }

    /// Reads the runner's secret. Called once a tick at most, after every child was started.
    public func signer() throws -> NoteSigner {
        guard let line = try Self.line(Self.secretName, in: directory) else {
            throw Unusable(path: directory.path(Self.secretName), what: "is missing")
        }
        let signer: NoteSigner
        do { signer = try NoteSigner(skey: line) } catch {
            throw Unusable(path: directory.path(Self.secretName), what: "is not a signer's key")
        }
        guard signer.verifier.vkey == verifier.vkey else {
            throw Unusable(path: directory.path(Self.secretName), what: "does not belong to runner.pub")
        }
        return signer
    }

    private static func line(_ name: String, in directory: Directory) throws -> String? {
        guard let bytes = try directory.read(name, limit: 4096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.prefix { $0 != "\n" })
    }
}
