internal import SallyportBase
internal import SallyportDisk

// Evidence, and which files lie there at all.
extension LedgerCheck {
    mutating func checkEvidence() throws(LedgerError) {
        var good: Set<Digest> = []
        var bad: Set<Digest> = []
        for path in try files(below: ["evidence"]) {
            let name = TilePath.text(path)
            guard path.count == 4, path[1] == "sha256", let digest = Digest(hex: path[2] + path[3]),
                path[2].utf8.count == 2
            else {
                note(name, expected: "evidence/sha256/ab/<62 hex>", found: "another file")
                continue
            }
            guard let file = try open(path) else { continue }
            let found = try hash(file)
            if found == digest {
                good.insert(digest)
            } else {
                bad.insert(digest)
                note(name, entry: named.first { $0.digest == digest }?.entry, expected: digest.hex, found: found.hex)
            }
        }
        for (digest, entry) in named where !good.contains(digest) && !bad.contains(digest) {
            note(
                TilePath.text(TilePath.evidence(digest)),
                entry: entry,
                expected: "the evidence that the line names",
                found: "nothing"
            )
        }
    }

    func hash(_ file: File) throws(LedgerError) -> Digest {
        var hasher = SHA256()
        var offset: Int64 = 0
        do throws(DiskError) {
            while true {
                let bytes = try file.read(at: offset, count: 1 << 20)
                if bytes.isEmpty { return hasher.finish() }
                hasher.update(bytes)
                offset += Int64(bytes.count)
            }
        } catch { throw .disk(error) }
    }
}

extension LedgerCheck {
    func names(of path: [String]) throws(LedgerError) -> [String] {
        do throws(DiskError) {
            return try ledger.openIfPresent(path)?.list().map { $0.text ?? $0.shown } ?? []
        } catch {
            if error.isWrongKind { return [] }
            throw .disk(error)
        }
    }

    /// Every file below a directory, as a path from the ledger directory; links and the like are problems.
    mutating func files(below path: [String]) throws(LedgerError) -> [[String]] {
        var found: [[String]] = []
        var open = [path]
        while let here = open.popLast() {
            do throws(DiskError) {
                guard let directory = try ledger.openIfPresent(here) else { continue }
                for name in try directory.list() {
                    guard let text = name.text else {
                        note(
                            TilePath.text(here) + "/" + name.shown,
                            expected: "a name of the ledger's own",
                            found: "another"
                        )
                        continue
                    }
                    switch try directory.status(of: name)?.kind {
                    case .directory: open.append(here + [text])
                    case .file: found.append(here + [text])
                    case nil: continue
                    default:
                        note(TilePath.text(here + [shown(text)]), expected: "a regular file", found: "a link or device")
                    }
                }
            } catch {
                guard error.isWrongKind else { throw .disk(error) }
                note(TilePath.text(here), expected: "a directory", found: error.description)
            }
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    mutating func open(_ path: [String]) throws(LedgerError) -> File? {
        do throws(LedgerError) { return try ledger.openFile(below: path) } catch {
            guard case .disk(let disk) = error, disk.isWrongKind else { throw error }
            note(TilePath.text(path), expected: "a readable regular file", found: disk.description)
            return nil
        }
    }

    mutating func read(_ path: [String], limit: Int) throws(LedgerError) -> [UInt8]? {
        do throws(LedgerError) { return try ledger.read(below: path, limit: limit) } catch {
            guard case .disk(let disk) = error, disk.isWrongKind else { throw error }
            note(TilePath.text(path), expected: "a regular file of at most \(limit) bytes", found: disk.description)
            return nil
        }
    }

    /// The number that `["x001", "x234", "067"]` spells.
    func index(_ groups: ArraySlice<String>, suffix: String) -> UInt64? {
        guard var last = groups.last, last.hasSuffix(suffix) else { return nil }
        last.removeLast(suffix.count)
        var value: UInt64 = 0
        for group in groups.dropLast() + [last] {
            guard let number = UInt64(group.suffix(3)), value < 1 << 48 else { return nil }
            value = value * 1000 + number
        }
        return TilePath.groups(value) == groups.dropLast() + [last] ? value : nil
    }
}

extension DiskError {
    /// Something else lies under the name, or too much of it: the ledger's fault, not the disk's. `EINVAL`, `EISDIR`, `ENOTDIR`, `ELOOP`, `EFBIG`.
    fileprivate var isWrongKind: Bool { [22, 21, 20, 40, 27].contains(code) }
}
