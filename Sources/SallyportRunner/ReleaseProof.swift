internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

/// `PROOF/` of a release (formats.md §8): what a stranger needs to see that people approved these bytes for this place. The attestation
/// comes with a later release.
struct ReleaseProof {
    let tick: Tick
    let request: Request
    let trust: InstalledTrust

    /// Writes PROOF, each file synced, then its directories.
    func write(into release: Directory) throws {
        try release.makeDirectory("PROOF")
        let proof = try release.open("PROOF")
        try approvals(proof)
        try keyring(proof)
        try policy(proof)
        try entries(proof)
        try put("checkpoint", try tick.spool.ledger.read("checkpoint", limit: 1 << 16) ?? [], in: proof)
        try proof.sync()
    }

    private func put(_ name: String, _ bytes: [UInt8], in directory: Directory) throws(DiskError) {
        let file = try directory.createFile(name, mode: 0o444)
        try file.write(bytes)
        try file.sync()
    }

    private func approvals(_ proof: Directory) throws {
        try proof.makeDirectory("approvals")
        let place = try proof.open("approvals")
        for vote in request.currentVotes where vote.decision == "approve" {
            let name = "\(request.id).\(vote.person).approve"
            for (index, digest) in vote.evidence.enumerated() {
                guard let bytes = try tick.ledger.evidence(digest) else { continue }
                try put(index == 0 ? name : name + signatureSuffix(bytes), bytes, in: place)
            }
        }
        try place.sync()
    }

    private func keyring(_ proof: Directory) throws {
        try proof.makeDirectory("keyring")
        let place = try proof.open("keyring")
        for (index, installed) in tick.projection.keyrings.enumerated() {
            try documents("keyring.\(index + 1)", installed, place)
        }
        try place.sync()
    }

    private func policy(_ proof: Directory) throws {
        guard let installed = tick.projection.policies.last else { return }
        try documents("policy", installed, proof)
    }

    private func documents(_ name: String, _ installed: Projection.Installed, _ place: Directory) throws {
        for (number, digest) in installed.evidence.enumerated() {
            guard let bytes = try tick.ledger.evidence(digest) else { continue }
            try put(number == 0 ? name : "\(name).\(number)\(signatureSuffix(bytes))", bytes, in: place)
        }
    }

    // The entries that a reader needs, each with its inclusion in the checkpoint.
    private func entries(_ proof: Directory) throws {
        var numbers = [request.seq] + request.currentVotes.map(\.seq)
        if let approved = request.approved { numbers.append(approved.seq) }
        numbers += tick.projection.keyrings.map(\.seq)
        if let policy = tick.projection.policies.last { numbers.append(policy.seq) }
        var lines: [UInt8] = []
        for seq in Set(numbers).sorted() {
            guard let entry = try tick.ledger.entry(seq) else { continue }
            lines += entry.line + [0x0A]
            try put("\(seq).tlog-proof", Array(try tick.ledger.tlogProof(of: seq).utf8), in: proof)
        }
        try put("entries.jsonl", lines, in: proof)
    }
}
