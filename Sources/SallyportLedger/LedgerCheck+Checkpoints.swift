internal import SallyportBase
internal import SallyportTrust

// Notes: what was signed.
extension LedgerCheck {
    typealias Named = (name: String, checkpoint: Checkpoint)

    mutating func readCheckpoint(_ name: String, isForeign: Bool, _ bytes: [UInt8]? = nil) throws(LedgerError)
        -> Checkpoint?
    {
        let note: [UInt8]
        if let bytes {
            note = bytes
        } else {
            guard let read = try read(name.split(separator: "/").map(String.init), limit: SignedNote.limitBytes) else {
                if !problems.contains(where: { $0.file == name }) {
                    self.note(name, expected: "a signed note", found: "nothing")
                }
                return nil
            }
            note = read
        }
        do throws(LedgerError) { return try Checkpoint.verified(note, path: name, by: verifier) } catch {
            guard case .contradiction(_, let expected, let found) = error else { throw error }
            self.note(.init(name, isForeign: isForeign, expected: expected, found: found))
            return nil
        }
    }

    mutating func archivedCheckpoints() throws(LedgerError) -> [Named] {
        var found: [Named] = []
        for name in try names(of: ["checkpoints"]) {
            let path = "checkpoints/" + name
            guard let size = UInt64(name), String(size) == name else {
                note(path, expected: "a size as name", found: name)
                continue
            }
            guard let checkpoint = try readCheckpoint(path, isForeign: false) else { continue }
            if checkpoint.size == size {
                found.append((path, checkpoint))
            } else {
                note(path, expected: "a checkpoint of \(size) lines", found: "one of \(checkpoint.size)")
            }
        }
        if let signed, !found.contains(where: { $0.checkpoint.size == signed.size }) {
            note("checkpoints/\(signed.size)", expected: "the note of checkpoint", found: "nothing good")
        }
        return found
    }

    mutating func foreignCheckpoints(_ older: [(name: String, note: [UInt8])]) throws(LedgerError) -> [Named] {
        var found: [Named] = []
        for (name, bytes) in older {
            if let checkpoint = try readCheckpoint(shown(name), isForeign: true, bytes) {
                found.append((shown(name), checkpoint))
            }
        }
        return found
    }

    mutating func noteShorter(_ name: String, _ checkpoint: Checkpoint, lines: UInt64, isForeign: Bool) {
        note(
            .init(
                name,
                isForeign: isForeign,
                expected: "at least the \(checkpoint.size) lines that were signed",
                found: "\(lines) lines"
            )
        )
    }

    mutating func checkRoots(_ archived: [Named], _ foreign: [Named], lines: UInt64) {
        let all =
            (signed.map { [("checkpoint", $0, false)] } ?? []) + archived.map { ($0.name, $0.checkpoint, false) }
            + foreign.map { ($0.name, $0.checkpoint, true) }
        for (name, checkpoint, isForeign) in all {
            guard let root = roots[checkpoint.size] else {
                noteShorter(name, checkpoint, lines: lines, isForeign: isForeign)
                continue
            }
            if root != checkpoint.root {
                note(
                    .init(
                        name,
                        isForeign: isForeign,
                        expected: "root \(checkpoint.root) over the first \(checkpoint.size) lines",
                        found: "root \(root)"
                    )
                )
            }
        }
    }

    mutating func checkKeyFile() throws(LedgerError) {
        let expected = verifier.vkey + "\n"
        let bytes = try read(["log.vkey"], limit: 4096)
        guard bytes != Array(expected.utf8) else { return }
        if !problems.contains(where: { $0.file == "log.vkey" }) {
            note(
                "log.vkey",
                expected: verifier.vkey,
                found: bytes.map { shown(String(decoding: $0, as: UTF8.self)) } ?? "nothing"
            )
        }
    }
}
