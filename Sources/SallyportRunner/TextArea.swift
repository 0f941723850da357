internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

/// What lies in a text area of `incoming/`.
struct TextArea {
    /// Keyrings and policies are at most 1 MiB (formats.md §2), and root causes no longer.
    static let fileLimit = 1 << 20
    /// Files of one owner that are read as a whole in one tick: whoever floods an area delays himself.
    static let filesPerOwner = 512
    /// Files of one owner of which the first line is looked at in one tick: an open and a read each, some 10 µs.
    static let glancesPerOwner = 8_192
    /// Signature files tried for one text (architecture.md, "Drops").
    static let signaturesPerText = 8

    let path: [String]
    let directory: Directory
    var files: [DropFile] = []

    /// Reads an area: a glance at the beginning of each file, then the texts and what may belong to them as a whole. What cannot be
    /// read is reported and left; so is junk, which costs nobody a place.
    ///
    /// - Parameter only: the names that are looked at; `nil` for all.
    init?(_ path: [String], in tick: Tick, only: Set<FileName>? = nil) throws(DiskError) {
        guard let directory = try tick.spool.incoming.openIfPresent(path) else { return nil }
        self.path = path
        self.directory = directory
        let names = try directory.list().filter { !$0.isUnfinished && only?.contains($0) != false }
        var glances: [UInt32: Int] = [:]
        var looked: [(name: FileName, isText: Bool)] = []
        for name in Self.inTurn(names) {
            guard let status = try waitingFile(name, tick) else { continue }
            glances[status.uid, default: 0] += 1
            guard glances[status.uid, default: 0] <= Self.glancesPerOwner else { continue }
            guard let file = try open(name, tick), let head = try? file.read(at: 0, count: 64) else { continue }
            looked.append((name, sniffKind(head) != nil))
        }
        let texts = Set(looked.filter(\.isText).map(\.name))
        var read: [UInt32: Int] = [:]
        for (name, isText) in looked.sorted(by: { $0.name < $1.name }) {
            guard isText || name.nameBytes.ends(with: Array(".cause".utf8)) || Self.belongs(name, to: texts) else {
                tick.wait(place(name), "stray", nil, Self.strayText)
                continue
            }
            guard let file = try open(name, tick), let opened = try? file.status() else { continue }
            read[opened.uid, default: 0] += 1
            guard read[opened.uid, default: 0] <= Self.filesPerOwner else { continue }
            guard let bytes = try? file.read(upTo: Self.fileLimit + 1),
                (try? file.status())?.isSameFile(as: opened) == true,
                bytes.count == Int(opened.size)
            else { continue }
            files.append(DropFile(name: name, status: opened, bytes: bytes, place: place(name)))
        }
    }

    /// No signature of an accepted kind is longer (formats.md §3).
    static let signatureLimit = 16 << 10

    // What a text of this kind may have (formats.md §2): beyond it nothing is stored, let alone published.
    private static func limit(_ kind: DocumentKind) -> Int {
        switch kind {
        case .keyring, .policy: 1 << 20
        default: 64 << 10
        }
    }

    // The name that the tools write comes first, then what the text's owner dropped: squatters come last.
    private static func rank(_ file: DropFile, of text: DropFile) -> Int {
        let ending = file.name.nameBytes.dropFirst(text.name.nameBytes.count)
        let isExact = ending.elementsEqual(".sig".utf8) || ending.elementsEqual(".minisig".utf8)
        return (isExact ? 0 : 1) + (file.status.uid == text.status.uid ? 0 : 2)
    }

    private static let strayText = "is no signed text, and no text whose name it begins with lies here"

    private func place(_ name: FileName) -> String { path.joined(separator: "/") + "/" + name.shown }

    // More files than one tick looks at: each tick begins somewhere else, so that no name is last for ever.
    private static func inTurn(_ names: [FileName]) -> [FileName] {
        guard names.count > filesPerOwner else { return names }
        let first = Random.bytes(4).reduce(0) { $0 << 8 | Int($1) } % names.count
        return Array(names[first...] + names[..<first])
    }

    private static func belongs(_ name: FileName, to texts: Set<FileName>) -> Bool {
        guard name.nameBytes.count > 1 else { return false }
        return (1..<name.nameBytes.count).contains { texts.contains(FileName(bytes: Array(name.nameBytes[..<$0]))) }
    }

    // Its status when it is a file that nobody has judged; otherwise it is named, or removed.
    private func waitingFile(_ name: FileName, _ tick: Tick) throws(DiskError) -> FileStatus? {
        guard let status = try directory.status(of: name) else { return nil }
        guard status.kind == .file else {
            tick.wait(
                place(name),
                "not-a-file",
                Rule.dropKind.rawValue,
                "is a \(status.kind.rawValue), only files are read"
            )
            return nil
        }
        let known = DropIdentity(device: status.device, inode: status.inode, changed: status.changed)
        if tick.projection.drops[known] != nil {
            // Judged, and a crash or a power cut left or brought back its name.
            let taken = try tick.spool.incoming.open(Spool.taken)
            try DropRemoval.remove(name, area: directory, areaPath: path, identity: known, taken: taken)
            return nil
        }
        guard status.size <= Int64(Self.fileLimit) else {
            tick.wait(place(name), "too-large", "E-SIZE", "is longer than \(Self.fileLimit) bytes")
            return nil
        }
        return status
    }

    // Whatever is wrong with one file is that file's own: its owner may lease it (EAGAIN), link it, forbid it, and stops nobody else's.
    private func open(_ name: FileName, _ tick: Tick) throws(DiskError) -> File? {
        do throws(DiskError) { return try directory.openFile(name) } catch {
            if error.isMissing { return nil }
            if error.isShortage { throw error }
            tick.wait(
                place(name),
                "unreadable",
                "E-UNREADABLE",
                "the runner may not read it: chmod 644 and drop it again"
            )
            return nil
        }
    }

    /// The signed texts among the files, each with the files whose names begin with its own.
    func texts(_ kinds: Set<DocumentKind>, in tick: Tick) -> [TextDrop] {
        var out: [TextDrop] = []
        var used: Set<FileName> = []
        let neighbours = files.filter { sniffKind($0.bytes) != nil }.map(\.name)
        for file in files {
            guard let kind = sniffKind(file.bytes), kinds.contains(kind) else { continue }
            used.insert(file.name)
            let split = splitCombined(file.bytes)
            if file.bytes.count > Self.limit(kind) {
                tick.wait(file.place, "too-large", "E-GRAMMAR-SIZE", "is longer than \(Self.limit(kind)) bytes")
                continue
            }
            let companions = files.filter {
                $0.name != file.name && $0.name.nameBytes.starts(with: file.name.nameBytes)
                    && sniffKind($0.bytes) == nil && $0.bytes.count <= Self.signatureLimit
                    && !$0.name.nameBytes.elementsEqual(file.name.nameBytes + Array(".cause".utf8))
            }.sorted { Self.rank($0, of: file) < Self.rank($1, of: file) }.prefix(Self.signaturesPerText)
            // Half a signature is on its way; half a minute later it is what it is.
            if let half = companions.first(where: { isHalfSignature($0.bytes) }), tick.isYoung(half.status, seconds: 30)
            {
                used.formUnion(companions.map(\.name))
                tick.wait(
                    file.place,
                    "incomplete",
                    nil,
                    "\(half.name.shown) ends too early; it may still be on its way"
                )
                continue
            }
            used.formUnion(companions.map(\.name))
            out.append(
                TextDrop(
                    text: file,
                    bytes: split?.text ?? file.bytes,
                    kind: kind,
                    signatures: Array(companions),
                    combined: split?.signature,
                    neighbours: neighbours
                )
            )
        }
        for file in files where !used.contains(file.name) {
            // A root cause belongs to the order whose name it carries.
            let order =
                file.name.nameBytes.ends(with: Array(".cause".utf8)) ? Array(file.name.nameBytes.dropLast(6)) : []
            if used.contains(FileName(bytes: order)) { continue }
            tick.wait(file.place, "stray", nil, Self.strayText)
        }
        return out
    }
}

extension [UInt8] {
    func ends(with suffix: [UInt8]) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
