public import SallyportDisk
public import SallyportTrust

extension LedgerVerification {
    /// Checks everything in a ledger directory against one pinned key; needs no spool, takes no lock, and may run while the runner
    /// writes.
    ///
    /// * every line: number, predecessor's hash, `ts` not falling, a type; strictly read where it names evidence or is not signed;
    /// * every hash tile that lies there, and that none that must be there is missing;
    /// * `checkpoint` and every `checkpoints/<size>`: signed, and the root of exactly that many of these lines;
    /// * `log.vkey`; every file under `evidence/`, and that every digest that a line names is there;
    /// * no file where only the ledger's own may be.
    ///
    /// - Parameters:
    ///   - verifier: the pinned key, never taken from the directory.
    ///   - older: checkpoints that the caller kept, with names for messages.
    ///   - evidence: false leaves evidence files unread.
    /// - Throws: ``LedgerError/disk(_:)`` when the disk does not answer. What is wrong with the ledger is a verdict.
    public static func verify(
        _ directory: Directory,
        verifier: NoteVerifier,
        from older: [(name: String, note: [UInt8])] = [],
        evidence: Bool = true
    ) throws(LedgerError) -> LedgerVerification {
        var check = LedgerCheck(directory, verifier)
        return try check.run(older: older, evidence: evidence)
    }
}
