internal import SallyportBase
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportRunner
internal import SallyportTrust

/// Makes a spool and its keys (architecture.md, "The disk"). Everything is made and durable before `ledger/` appears; that rename is
/// the commit point. Killed before it, `init` is simply run again.
struct SpoolMaker {
    let spoolPath: String
    let keysPath: String
    let origin: String?
    let clock: Clock

    /// A new installation.
    struct Made {
        let spool: Directory
        let keys: Directory
        let origin: String
        let vkey: String
        let pipeline: String
        let at: Timestamp
    }

    /// Makes it.
    ///
    /// - Parameter preparing: writes the drafts into KEYS; runs before the commit point, again when an earlier run was killed.
    /// - Throws: ``Failure`` with 65 where something is that must not be initialised over, 70 for a memory of a ledger that is gone.
    func make(preparing: (Made) throws -> Void) throws -> Made {
        let spool = try Directory.making(path: spoolPath, mode: 0o755)
        let keys = try Directory.making(path: keysPath, mode: 0o750)
        try refuseOver(spool, keys)
        for (path, mode) in Spool.directories { try spool.make(path, mode: mode) }
        for area in Spool.areas { try spool.make(["incoming", area], mode: Spool.dropMode) }
        let state = try spool.open(".state")
        guard let lock = try FileLock.acquire("init", in: try state.open("locks"), transient: true) else {
            throw Failure(.transient, spoolPath, "another init works here", hint: "try again")
        }
        defer { withExtendedLifetime(lock) {} }
        try refuseOver(spool, keys)
        let workshop = try state.open("init")
        if let made = try finishKilled(spool, keys, state, workshop) { return made }
        for name in try workshop.listText() { try workshop.removeTree(name) }
        for name in try keys.listText() where Self.isLeftover(name) { try keys.unlink(name) }

        let signer = try signer(keys)
        let suffix =
            signer.name.hasPrefix(Self.originStart) ? String(signer.name.dropFirst(Self.originStart.count)) : ""
        let pipeline = Hex.decode(suffix)?.count == 16 ? suffix : Random.id()
        let made = Made(
            spool: spool,
            keys: keys,
            origin: signer.name,
            vkey: signer.verifier.vkey,
            pipeline: pipeline,
            at: clock.now()
        )
        try preparing(made)
        try keys.sync()
        try commit(made, signer, state, workshop)
        return made
    }

    static let originStart = "sallyport/"

    /// Temporary files that a killed init left in KEYS.
    static func isLeftover(_ name: String) -> Bool {
        (name.hasPrefix("new-") && name.utf8.count == 28) || (name.hasPrefix(".runner.key.") && name.hasSuffix(".tmp"))
    }

    /// A demo whose `init` was killed after the ledger was there and before its first run had ended, which leaves `.state/open`: its
    /// signed drafts lie in KEYS, and what is not entered yet is dropped and entered now.
    func unfinishedDemo() throws -> Made? {
        guard let spool = try Self.openIfPresent(spoolPath), let keys = try Self.openIfPresent(keysPath),
            let ledger = try spool.openIfPresent(["ledger"]), let state = try spool.openIfPresent([".state"]),
            try keys.status(of: DemoTrust.directoryName) != nil,
            try state.status(of: "open") == nil || !Self.isTrustInstalled(spool)
        else { return nil }
        return try describe(spool, keys, ledger, state)
    }

    /// The runner has shown what `trust install` handed over.
    static func isTrustInstalled(_ spool: Directory) throws -> Bool {
        try spool.openIfPresent(["trust"])?.status(of: "policy") != nil
    }

    private static func openIfPresent(_ path: String) throws -> Directory? {
        do throws(DiskError) { return try Directory.open(path: path) } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    // What line 0 of a ledger says, believed by the key in KEYS.
    private func describe(_ spool: Directory, _ keys: Directory, _ ledger: Directory, _ state: Directory) throws
        -> Made?
    {
        let verifier = try Keys.open(path: keysPath).verifier
        let opened = try Ledger.open(ledger: ledger, state: state, verifier: verifier, access: .reader)
        guard let first = try opened.entry(0), let pipeline = first.data?["pipeline"]?.string else { return nil }
        return Made(
            spool: spool,
            keys: keys,
            origin: verifier.name,
            vkey: verifier.vkey,
            pipeline: pipeline,
            at: first.ts
        )
    }

    private func refuseOver(_ spool: Directory, _ keys: Directory) throws {
        let problems = try [(spool, "ledger"), (spool, "trust"), (keys, Keys.pinnedName)].compactMap { place, name in
            try place.status(of: name).map { _ in
                Failure.Problem(
                    place.path(name),
                    "is there: nothing is ever initialised over it",
                    hint: "choose another directory: sallyport init DIR"
                )
            }
        }
        if !problems.isEmpty { throw Failure(.refused, problems) }
    }

    // `.state/signed` is moved into place just before the ledger. When the ledger that it speaks of still waits in the workshop, an
    // init was killed between the two; anything else is a ledger that was lost.
    private func finishKilled(
        _ spool: Directory,
        _ keys: Directory,
        _ state: Directory,
        _ workshop: Directory
    ) throws -> Made? {
        guard let signed = try state.read("signed", limit: SignedNote.limitBytes) else { return nil }
        for name in try workshop.listText() {
            guard let ledger = try workshop.openIfPresent([name, "ledger"]),
                try ledger.read("checkpoint", limit: SignedNote.limitBytes) == signed,
                let made = try describe(spool, keys, ledger, state)
            else { continue }
            try show(name, spool, workshop)
            return made
        }
        throw Failure(
            .contradiction,
            state.path("signed"),
            "speaks of a ledger that is not there",
            hint: "restore ledger/ from its copy; nothing is ever initialised over a ledger that was lost"
        )
    }

    // A key that a killed init left is used again: it may be nothing else, and no key is ever overwritten.
    private func signer(_ keys: Directory) throws -> NoteSigner {
        if let bytes = try keys.read(Keys.secretName, limit: 4096) {
            let signer: NoteSigner
            do throws(TextProblem) {
                signer = try NoteSigner(skey: String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
            } catch { throw Failure(.refused, [error], in: keys.path(Keys.secretName)) }
            guard origin == nil || origin == signer.name else {
                throw Failure(
                    .refused,
                    keys.path(Keys.secretName),
                    "is the key of the log \(shown(signer.name))",
                    hint: "choose another directory for the keys, or the origin that the key names"
                )
            }
            try writePublic(signer, keys)
            return signer
        }
        guard let key = SigningKey.generate() else { throw Failure(.transient, "runner.key", "no secret memory") }
        guard let signer = NoteSigner(name: origin ?? Self.originStart + Random.id(), key: key) else {
            throw Failure(.usage, "--origin", "takes a name without spaces, control characters and +")
        }
        try keys.createWhole(Keys.secretName, Array((signer.skey + "\n").utf8), mode: 0o440)
        try writePublic(signer, keys)
        return signer
    }

    private func writePublic(_ signer: NoteSigner, _ keys: Directory) throws {
        try keys.replace(Keys.publicName, with: Array((signer.verifier.vkey + "\n").utf8), mode: 0o444, scratch: keys)
    }

    private func commit(_ made: Made, _ signer: NoteSigner, _ state: Directory, _ workshop: Directory) throws {
        let name = Hex.encode(Random.bytes(8))
        let place = try workshop.openMaking([name], mode: 0o700)
        let ledger = try place.openMaking(["ledger"], mode: 0o755)
        _ = try withLedger {
            try Ledger.create(
                ledger: ledger,
                state: place,
                signer: signer,
                pipeline: made.pipeline,
                tool: toolVersion,
                at: made.at,
                run: name
            )
        }
        try place.sync()
        try place.rename("signed", to: state, as: "signed")
        try state.sync()
        try show(name, made.spool, workshop)
    }

    // The commit point.
    private func show(_ name: String, _ spool: Directory, _ workshop: Directory) throws {
        try workshop.open(name).rename("ledger", to: spool, as: "ledger")
        try spool.sync()
        try workshop.removeTree(name)
    }
}
