internal import SallyportBase
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

/// The verbs behind `ledger`.
let ledgerVerbs: [any Verb.Type] = [LedgerVerify.self, LedgerLog.self, LedgerShow.self]

/// Where a verb reads a ledger, and by which key it believes it.
struct LedgerPlace {
    let directory: Directory
    let verifier: NoteVerifier
    /// `.state/` of the spool; `nil` for a copy, and where this account may not look into it.
    let state: Directory?

    /// The ledger of the spool, by the key in `KEYS/runner.pub`.
    static func ofSpool(_ context: Context) throws -> LedgerPlace {
        // Where there is no spool, that is what is missing, not a key.
        try SpoolReader.requireMemory(Directory.open(spool: context.spool))
        let verifier = try readVerifier(context.keys + "/runner.pub")
        let state = try openOrNil(context.spool + "/.state") { $0.isMissing || $0.isForbidden }
        guard let directory = try openOrNil(context.spool + "/ledger", unless: \.isMissing) else {
            if let state, try state.status(of: "signed") != nil {
                throw Failure(
                    .contradiction,
                    context.spool + "/ledger",
                    "expected the ledger that .state/signed speaks of, found nothing",
                    hint: "restore the ledger from its copy; never run init here"
                )
            }
            throw Failure(.missing, context.spool + "/ledger", "no ledger here", hint: "sallyport init makes one")
        }
        return LedgerPlace(directory: directory, verifier: verifier, state: state)
    }

    /// Any directory, by a key that the caller names.
    static func copy(_ path: String, vkey: String) throws -> LedgerPlace {
        let verifier = try readVerifier(vkey)
        guard let directory = try openOrNil(path, unless: \.isMissing) else {
            throw Failure(.missing, path, "no such directory")
        }
        return LedgerPlace(directory: directory, verifier: verifier, state: nil)
    }

    /// The ledger, opened for reading; without `.state/`, by what its own checkpoint says.
    func open() throws -> Ledger {
        do throws(LedgerError) {
            guard let state else { return try Ledger.open(published: directory, verifier: verifier) }
            return try Ledger.open(ledger: directory, state: state, verifier: verifier, access: .reader)
        } catch { throw Failure(error) }
    }

    private static func openOrNil(_ path: String, unless isAbsent: (DiskError) -> Bool) throws -> Directory? {
        do throws(DiskError) { return try Directory.open(path: path) } catch {
            if isAbsent(error) { return nil }
            throw error
        }
    }

    // The first line: newer keys are added behind it.
    private static func readVerifier(_ path: String) throws -> NoteVerifier {
        let bytes = try readNamedFile(path, limit: 64 << 10)
        let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        do throws(TextProblem) { return try NoteVerifier(vkey: line) } catch {
            throw Failure(.configuration, path, "\(error.expected) expected, found \(error.found)", code: error.code)
        }
    }
}

/// Reads a file that the caller named, through links: it is his choice.
func readNamedFile(_ path: String, limit: Int) throws -> [UInt8] {
    let cut = path.lastIndex(of: "/")
    let parent = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    guard let bytes = try Directory.open(path: parent).read(name, limit: limit) else {
        throw Failure(.missing, path, "no such file")
    }
    return bytes
}

extension Failure {
    /// The status and words of a ledger error.
    init(_ error: LedgerError) {
        switch error {
        case .contradiction(let path, let expected, let found):
            self.init(
                .contradiction,
                path,
                "expected \(expected), found \(found)",
                hint: "nothing was changed; keep a copy and compare with a checkpoint that someone outside has kept"
            )
        case .disk(let disk): self.init(.transient, disk.path, "\(disk.call) failed (errno \(disk.code))")
        case .busy(let lock): self.init(.transient, lock, "somebody else holds it", hint: "try again")
        case .unknownFormat(let text):
            self.init(.configuration, "ledger", text, hint: "use the sallyport that wrote it")
        case .missing(let path): self.init(.missing, path, "no ledger here")
        case .unwritable(let text): self.init(.contradiction, "ledger", text, hint: "this is a bug in sallyport")
        }
    }
}

/// Runs what may throw a ledger error and gives it its exit status.
func withLedger<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as LedgerError { throw Failure(error) }
}
