public import SallyportBase
internal import SallyportDisk
internal import SallyportTrust

extension Ledger {
    /// The siblings on the way from line `index` to the root at `size` (RFC 6962 §2.1.1), the leaf's own first, from the hash tiles.
    ///
    /// - Parameter size: at most ``publishedSize``, which it is when left out.
    public func inclusionProof(of index: UInt64, in size: UInt64? = nil) throws(LedgerError) -> [Digest] {
        let size = size ?? signed.size
        guard index < size, size <= signed.size else {
            throw .unwritable("no proof of line \(index) in a tree of \(size) lines; \(signed.size) are published")
        }
        return try TileStore(ledger: ledger).inclusion(index, 0, size, size: signed.size)
    }

    /// The text of a `.tlog-proof` (C2SP): that line `index` is under the last checkpoint. It is checked before it is given out.
    public func tlogProof(of index: UInt64) throws(LedgerError) -> String {
        guard index < signed.size, let entry = try entry(index) else {
            throw .unwritable("no proof of line \(index); \(signed.size) are published")
        }
        let proof = try inclusionProof(of: index)
        let found = Merkle.root(leaf: entry.leaf, index: index, size: signed.size, proof: proof)
        guard found == signed.root else {
            throw .contradiction(
                path: ledger.label + "/tile",
                expected: "root \(signed.root) from line \(index)",
                found: found?.hex ?? "a proof of the wrong length"
            )
        }
        let hashes = proof.map { Base64.encode($0.bytes) + "\n" }.joined()
        return "c2sp.org/tlog-proof@v1\nindex \(index)\n\(hashes)\n" + String(decoding: signedNote, as: UTF8.self)
    }
}
