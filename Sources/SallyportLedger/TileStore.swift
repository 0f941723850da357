internal import SallyportBase
internal import SallyportDisk

/// Where C2SP tlog-tiles puts things: `N` in groups of three digits, all but the last with `x` before them.
enum TilePath {
    /// `5` is `["005"]`, `1234067` is `["x001", "x234", "067"]`.
    static func groups(_ index: UInt64) -> [String] {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            let padded = String(repeating: "0", count: 3 - digits.count) + digits
            groups.insert(groups.isEmpty ? padded : "x" + padded, at: 0)
            rest /= 1000
        } while rest > 0
        return groups
    }

    /// `tile/<L>/<N>` or `tile/<L>/<N>.p/<W>`
    static func tile(_ level: Int, _ index: UInt64, width: Int = 256) -> [String] {
        var path = ["tile", String(level)] + groups(index)
        if width < 256 {
            path[path.count - 1] += ".p"
            path.append(String(width))
        }
        return path
    }

    /// `lines/<N>.jsonl`
    static func segment(_ index: UInt64) -> [String] {
        var path = ["lines"] + groups(index)
        path[path.count - 1] += ".jsonl"
        return path
    }

    /// `evidence/sha256/ab/<62 hex>`
    static func evidence(_ digest: Digest) -> [String] {
        ["evidence", "sha256", String(digest.hex.prefix(2)), String(digest.hex.dropFirst(2))]
    }

    /// For messages.
    static func text(_ path: [String]) -> String { path.joined(separator: "/") }
}

extension Directory {
    /// Reads a file some directories below; `nil` when it or one of the directories is not there.
    func read(below path: [String], limit: Int) throws(LedgerError) -> [UInt8]? {
        do throws(DiskError) {
            guard let parent = try openIfPresent(Array(path.dropLast())) else { return nil }
            return try parent.read(path[path.count - 1], limit: limit)
        } catch { throw .disk(error) }
    }

    /// Opens a file some directories below; `nil` when it is not there.
    func openFile(below path: [String]) throws(LedgerError) -> File? {
        do throws(DiskError) {
            guard let parent = try openIfPresent(Array(path.dropLast())) else { return nil }
            return try parent.openFile(path[path.count - 1])
        } catch {
            if error.isMissing { return nil }
            throw .disk(error)
        }
    }

    /// Writes a file that never changes, durably; the same bytes are there already or a contradiction.
    ///
    /// Commit point: the `renameat2` that does not replace. A crash before it leaves a file in `scratch`, after it the whole file;
    /// the directories on the way are synced whether they are new or not, since a killed writer may have made them.
    @discardableResult
    func createOnce(_ path: [String], _ bytes: [UInt8], scratch: Directory) throws(LedgerError) -> Bool {
        if let there = try read(below: path, limit: 1 << 30) {
            guard there == bytes else {
                throw .contradiction(
                    path: TilePath.text(path),
                    expected: "\(Digest.of(bytes)) (\(bytes.count) bytes)",
                    found: "\(Digest.of(there)) (\(there.count) bytes)"
                )
            }
            return false
        }
        do throws(DiskError) {
            var parent = self
            for name in path.dropLast() {
                try parent.makeDirectory(name)
                try parent.sync()
                parent = try parent.open(name)
            }
            let temporary = "new-" + Random.id()
            do throws(DiskError) {
                let file = try scratch.createFile(temporary)
                try file.write(bytes)
                try file.sync()
                try scratch.rename(temporary, to: parent, as: path[path.count - 1])
            } catch {
                _ = try? scratch.unlink(temporary)
                throw error
            }
            try parent.sync()
        } catch {
            // Another process wrote the same file between the look and the rename: compared, never replaced.
            if error.exists, try read(below: path, limit: 1 << 30) == bytes { return false }
            throw .disk(error)
        }
        return true
    }
}

/// Reads hash tiles.
struct TileStore {
    let ledger: Directory

    /// The first `width` hashes of a tile, from the partial file or, when that is gone, from the full one; `nil` when neither is there.
    func read(_ level: Int, _ index: UInt64, width: Int = 256) throws(LedgerError) -> [UInt8]? {
        if width < 256, let bytes = try whole(TilePath.tile(level, index, width: width), width) { return bytes }
        guard let bytes = try whole(TilePath.tile(level, index), 256) else { return nil }
        return Array(bytes.prefix(width * 32))
    }

    private func whole(_ path: [String], _ width: Int) throws(LedgerError) -> [UInt8]? {
        guard let bytes = try ledger.read(below: path, limit: 256 * 32 + 1) else { return nil }
        guard bytes.count == width * 32 else {
            throw .contradiction(
                path: TilePath.text(path),
                expected: "\(width * 32) bytes",
                found: "\(bytes.count) bytes"
            )
        }
        return bytes
    }

    /// The right edge at `size` from at most eight partial tiles; `nil` when one is not there.
    func frontier(size: UInt64) throws(LedgerError) -> Frontier? {
        var partial: [[UInt8]] = []
        var rest = size
        var level = 0
        while rest > 0 {
            let width = Int(rest % 256)
            rest /= 256
            guard let tile = width == 0 ? [] : try read(level, rest, width: width) else { return nil }
            partial.append(tile)
            level += 1
        }
        return Frontier(size: size, partial: partial)
    }

    /// The leaf hash of line `size - 1`, authenticated by the frontier: full tiles on the way are hashed and compared.
    func lastLeaf(_ frontier: Frontier) throws(LedgerError) -> Digest? {
        guard let lowest = frontier.partial.firstIndex(where: { !$0.isEmpty }),
            var hash = Digest(bytes: frontier.partial[lowest].suffix(32))
        else { return nil }
        for level in (0..<lowest).reversed() {
            let index = (frontier.size >> UInt64(8 * (level + 1))) - 1
            guard let bytes = try read(level, index) else { return nil }
            let hashes = Frontier.hashes(bytes)
            let root = Merkle.root(of: hashes[...])
            guard root == hash, let last = hashes.last else {
                throw .contradiction(
                    path: TilePath.text(TilePath.tile(level, index)),
                    expected: hash.hex,
                    found: root.hex
                )
            }
            hash = last
        }
        return hash
    }

    /// The root of the complete subtree of height `level` that is number `index` from the left.
    func node(_ level: Int, _ index: UInt64, size: UInt64) throws(LedgerError) -> Digest {
        let (tileLevel, inner) = (level / 8, level % 8)
        let first = index << UInt64(inner)
        let (tile, start) = (first / 256, Int(first % 256))
        let have = min(256, (size >> UInt64(8 * tileLevel)) - tile * 256)
        guard let bytes = try read(tileLevel, tile, width: Int(have)) else {
            let path = TilePath.tile(tileLevel, tile, width: Int(have))
            throw .contradiction(path: TilePath.text(path), expected: "a hash tile", found: "nothing")
        }
        return Merkle.root(of: Frontier.hashes(bytes)[start..<start + (1 << inner)])
    }

    /// The root over the leaves `from ..< to`, of which `from` is a multiple of the covering power of two (RFC 6962 §2.1).
    func root(_ from: UInt64, _ to: UInt64, size: UInt64) throws(LedgerError) -> Digest {
        let count = to - from
        if count & (count - 1) == 0 {
            let level = count.trailingZeroBitCount
            return try node(level, from >> UInt64(level), size: size)
        }
        let half = UInt64(Merkle.split(Int(count)))
        return Merkle.node(try root(from, from + half, size: size), try root(from + half, to, size: size))
    }

    /// RFC 6962 §2.1.1, the sibling of the leaf first.
    func inclusion(_ index: UInt64, _ from: UInt64, _ to: UInt64, size: UInt64) throws(LedgerError) -> [Digest] {
        let count = to - from
        guard count > 1 else { return [] }
        let half = from + UInt64(Merkle.split(Int(count)))
        if index < half {
            return try inclusion(index, from, half, size: size) + [root(half, to, size: size)]
        }
        return try inclusion(index, half, to, size: size) + [root(from, half, size: size)]
    }
}
