public import SallyportBase
public import SallyportDisk
public import SallyportTrust

extension Ledger {
    /// Writes line 0 and the first checkpoint into an empty directory.
    ///
    /// `init` calls it in `.state/init/` and renames the result into place: that rename is the commit point; a crash before it leaves a
    /// directory that the next `init` throws away. Everything is durable when this returns.
    ///
    /// - Parameters:
    ///   - ledger: an empty directory. Anything in it is refused: nothing is ever initialised over a ledger.
    ///   - state: `.state/` of the spool to be, without `signed`.
    ///   - signer: the runner's key; its name is the origin.
    ///   - pipeline: the pipeline's id.
    ///   - tool: the version of the tool.
    public static func create(
        ledger: Directory,
        state: Directory,
        signer: NoteSigner,
        pipeline: String,
        tool: String,
        at instant: Timestamp,
        run: String,
        outside: Directory? = nil
    ) throws(LedgerError) -> Ledger {
        let verifier = signer.verifier
        let scratch: Directory
        do throws(DiskError) {
            if let there = try ledger.list().first { throw DiskError("mkdirat", ledger.path(there), code: 17) }
            if try state.status(of: StateName.signed) != nil {
                throw DiskError("openat", state.path(StateName.signed), code: 17)
            }
            scratch = try state.openMaking([StateName.scratch], mode: 0o700)
        } catch {
            if error.exists {
                throw .contradiction(
                    path: error.path,
                    expected: "nothing: a ledger is never initialised over another",
                    found: "something"
                )
            }
            throw .disk(error)
        }
        if let outside, try outside.read(below: [lastSigned], limit: SignedNote.limitBytes) != nil {
            throw .contradiction(
                path: outside.path(lastSigned),
                expected: "nothing: a ledger is never initialised over another",
                found: "a note that was signed before"
            )
        }
        var batch = Batch(after: .start, ts: instant, run: run)
        let first = try batch.add(
            Decision(
                .ledgerOpened,
                data: [
                    "format": 1, "origin": .string(verifier.name), "vkey": .string(verifier.vkey),
                    "pipeline": .string(pipeline), "tool": .string(tool),
                ]
            )
        )
        try ledger.createOnce(TilePath.segment(0), first.line + [0x0A], scratch: scratch)
        try ledger.createOnce(["log.vkey"], Array((verifier.vkey + "\n").utf8), scratch: scratch)
        var frontier = Frontier()
        try frontier.append(first.leaf)
        let checkpoint = Checkpoint(origin: verifier.name, size: 1, root: frontier.root)
        try writeTiles(ledger, [], frontier, scratch: scratch)
        let note = try sign(checkpoint, with: signer)
        try remember(note, state: state, scratch: scratch)
        try show(note, checkpoint, ledger: ledger, scratch: scratch)
        let ledger = try open(ledger: ledger, state: state, verifier: verifier, outside: outside)
        return ledger
    }
}
