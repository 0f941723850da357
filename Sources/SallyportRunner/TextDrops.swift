internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

/// A file of a text area as it was read once: what is verified is what is stored.
struct DropFile {
    let name: FileName
    let status: FileStatus
    let bytes: [UInt8]
    /// Area and name below `incoming/`, percent-encoded: what `drop.name` in the ledger says.
    let place: String

    var identity: DropIdentity {
        DropIdentity(device: status.device, inode: status.inode, changed: status.changed)
    }
    var json: JSON { identity.json(name: place) }
}

/// A signed text with the signatures that lie with it.
struct TextDrop {
    let text: DropFile
    /// The text itself: the whole file, or its first part when text and signature came as one file.
    let bytes: [UInt8]
    let kind: DocumentKind
    let signatures: [DropFile]
    /// The signature that came in the same file.
    let combined: [UInt8]?
    /// Names of every signed text in the area: a signature may belong to one of them.
    let neighbours: [FileName]

    /// The signature files that go with the text when it is judged: those that signed it, or, when none did, those that belong to no
    /// other text by a longer name.
    func consumed(by proofs: [Proof] = []) -> [DropFile] {
        if !proofs.isEmpty { return signatures.filter { file in proofs.contains { $0.signature == file.bytes } } }
        return signatures.filter { file in
            // A refused text takes nobody else's files with it: a signature may lie here before its text does.
            file.status.uid == text.status.uid
                && !neighbours.contains {
                    $0.nameBytes.count > text.name.nameBytes.count && file.name.nameBytes.starts(with: $0.nameBytes)
                }
        }
    }

    /// At most eight, the one from the same file first: squatting a name costs its owner another name and nothing else.
    var signatureBytes: [[UInt8]] { (combined.map { [$0] } ?? []) + signatures.map(\.bytes) }
}
