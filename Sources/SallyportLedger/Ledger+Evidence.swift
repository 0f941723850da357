public import SallyportBase
internal import SallyportDisk

extension Ledger {
    /// Keeps bytes under their digest in `evidence/sha256/ab/<62 hex>`, mode 0644, durably. Everything in `ledger/` is published.
    ///
    /// Commit point: the rename. Before it a crash leaves a file in `.state/scratch`, after it the evidence; calling again is success.
    public func storeEvidence(_ bytes: [UInt8]) throws(LedgerError) -> Digest {
        let digest = Digest.of(bytes)
        try ledger.createOnce(TilePath.evidence(digest), bytes, scratch: try scratch())
        return digest
    }

    /// The bytes with this digest, or `nil` when they are not there.
    ///
    /// - Throws: ``LedgerError/contradiction(path:expected:found:)`` when the file holds other bytes.
    public func evidence(_ digest: Digest, limit: Int = 64 << 20) throws(LedgerError) -> [UInt8]? {
        let path = TilePath.evidence(digest)
        guard let bytes = try ledger.read(below: path, limit: limit) else { return nil }
        let found = Digest.of(bytes)
        guard found == digest else {
            throw .contradiction(
                path: ledger.label + "/" + TilePath.text(path),
                expected: digest.tagged,
                found: found.tagged
            )
        }
        return bytes
    }
}
