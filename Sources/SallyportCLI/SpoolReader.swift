internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportRunner

/// A spool as everybody sees it who may read its ledger: no lock is taken, no secret is read, nothing in it is written.
final class SpoolReader {
    /// The spool's root.
    let root: Directory
    /// Pin and public key.
    let keys: Keys
    /// Opened as a reader.
    let ledger: Ledger
    /// What the ledger says, as far as folded.
    private(set) var projection = Projection()
    /// This account may open `.state/`: it is the runner's, so it may run a tick itself.
    let isRunner: Bool
    private var position: Position?

    /// The keys' directory belongs to this very account: nothing protects them against it.
    var ownsKeys: Bool { (try? keys.directory.status().uid) == geteuid() }

    private init(root: Directory, keys: Keys, ledger: Ledger, isRunner: Bool) {
        self.root = root
        self.keys = keys
        self.ledger = ledger
        self.isRunner = isRunner
    }

    /// Opens the spool that the context names and folds its ledger.
    ///
    /// - Throws: ``Failure`` with 66 (no spool, no ledger), 70 (it contradicts itself), 75 or 78 (keys).
    static func open(_ context: Context) throws -> SpoolReader {
        try open(spool: context.spool, keys: context.keys)
    }

    /// The same, by the two places.
    static func open(spool: String, keys: String) throws -> SpoolReader {
        try withSpoolErrors {
            let root = try Directory.open(spool: spool)
            let keys = try Keys.open(path: keys)
            guard let directory = try root.openIfPresent(["ledger"]) else { throw noLedger(root) }
            let state = try openState(root)
            let memory = state == nil ? try PublishedMemory(directory) : nil
            guard let last = state ?? memory?.directory else { throw noLedger(root) }
            let ledger = try withExtendedLifetime(memory) {
                try Ledger.open(ledger: directory, state: last, verifier: keys.verifier, access: .reader)
            }
            let reader = SpoolReader(root: root, keys: keys, ledger: ledger, isRunner: state != nil)
            try reader.refresh()
            return reader
        }
    }

    /// Folds the lines that were appended since, and shows each to `body`.
    func refresh(_ body: (Entry) throws -> Void = { _ in }) throws {
        try withSpoolErrors {
            position = try ledger.entries(after: position) { entry in
                try projection.fold(entry)
                try body(entry)
            }
        }
    }

    /// Digests of every keyring and policy that the ledger has.
    var installedDigests: Set<Digest> { Set((projection.keyrings + projection.policies).map(\.digest)) }

    /// Keyring and policy in force, verified from the pin; `nil` before the first keyring.
    ///
    /// - Throws: ``Failure`` with 78 when they do not verify.
    func installedTrust() throws -> InstalledTrust? {
        try withSpoolErrors { try InstalledTrust.load(projection, ledger, pin: keys.pin) }
    }

    /// Keyring and policy in force.
    ///
    /// - Throws: ``Failure`` with 78 when none is installed, or they do not verify.
    func trust() throws -> InstalledTrust {
        if let trust = try installedTrust() { return trust }
        throw Failure(
            .configuration,
            "trust",
            "no keyring is installed",
            hint: keys.pin == nil
                ? "sign the drafts, then: sallyport trust install" : "the next sallyport run installs it"
        )
    }

    private static func openState(_ root: Directory) throws -> Directory? {
        try requireMemory(root)
        do throws(DiskError) { return try root.openIfPresent([".state"]) } catch {
            if error.isForbidden { return nil }
            throw error
        }
    }

    /// `.state/` is older than the ledger beside it: a ledger alone was put there by hand, or the runner's memory of what it signed was
    /// taken away. Then nobody can say that this ledger is the newest.
    ///
    /// - Throws: ``Failure`` with 70.
    static func requireMemory(_ root: Directory) throws {
        guard try root.status(of: "ledger") != nil, try root.status(of: ".state") == nil else { return }
        throw Failure(
            .contradiction,
            root.path(".state"),
            "expected the runner's memory of what it signed, found nothing",
            hint: "restore it from its copy; to verify a ledger alone: sallyport ledger verify --dir DIR --vkey FILE"
        )
    }

    private static func noLedger(_ root: Directory) -> Failure {
        // An init that was killed leaves the memory too, and the ledger in the workshop: to run it again is right then.
        let state = try? root.openIfPresent([".state"])
        let isRemembered = (try? state?.status(of: "signed")) ?? nil != nil
        let isBeingMade = ((try? state?.openIfPresent(["init"])?.list().isEmpty) ?? true) == false
        if isRemembered, !isBeingMade {
            return Failure(
                .contradiction,
                root.path("ledger"),
                "expected the ledger that .state/signed speaks of, found nothing",
                hint: "restore the ledger from its copy; never run init here"
            )
        }
        return Failure(.missing, root.path("ledger"), "no ledger here", hint: "sallyport init makes one")
    }
}

/// Memory of the last signature for an account that may not look into `.state/`: it can believe the published checkpoint and no more.
/// A directory in /tmp that is gone with this value; a reader needs it only while it opens the ledger.
private final class PublishedMemory {
    let directory: Directory
    private let path: String

    init(_ ledger: Directory) throws {
        var template = Array("/tmp/sallyport-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw DiskError("mkdtemp", "/tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        directory = try Directory.open(path: path)
        if let note = try ledger.read("checkpoint", limit: 64 << 10) {
            try directory.createFile("signed", mode: 0o600).write(note)
        }
    }

    deinit {
        _ = try? directory.unlink("signed")
        _ = unsafe rmdir(path)
    }
}

extension Directory {
    /// The spool at a path; a missing one is told in the user's words.
    static func open(spool path: String) throws -> Directory {
        do throws(DiskError) { return try open(path: path) } catch {
            guard error.isMissing else { throw error }
            throw Failure(
                .missing,
                path,
                "no spool here",
                hint: "sallyport init makes one; --home or SALLYPORT_HOME names another"
            )
        }
    }
}

/// Gives what spool, keys, ledger and trust throw its exit status.
func withSpoolErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try withLedger(body) } catch let error as Keys.Unusable {
        throw Failure(.configuration, error.path, error.what)
    } catch let error as InstalledTrust.Broken {
        throw Failure(.configuration, "trust", error.what, hint: "sallyport trust check")
    } catch let error as FoldError {
        throw Failure(.contradiction, "ledger entry \(error.seq)", error.text)
    }
}
