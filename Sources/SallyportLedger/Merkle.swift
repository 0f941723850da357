internal import SallyportBase

/// The hashes of RFC 6962 §2.1.
enum Merkle {
    /// `SHA-256("")`: the root of the empty tree, which is never published.
    static let empty = Digest.of([])

    /// `SHA-256(0x00 ‖ line)`
    static func leaf(_ line: [UInt8]) -> Digest {
        var hasher = SHA256()
        hasher.update(byte: 0)
        hasher.update(line)
        return hasher.finish()
    }

    /// `SHA-256(0x01 ‖ left ‖ right)`
    static func node(_ left: Digest, _ right: Digest) -> Digest {
        var hasher = SHA256()
        hasher.update([1] + left.bytes + right.bytes)
        return hasher.finish()
    }

    /// The root over hashes of equal height, the last of which may be lower.
    static func root(of hashes: ArraySlice<Digest>) -> Digest {
        guard let first = hashes.first else { return empty }
        guard hashes.count > 1 else { return first }
        let half = hashes.startIndex + split(hashes.count)
        return node(root(of: hashes[..<half]), root(of: hashes[half...]))
    }

    /// The largest power of two below `count`.
    static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

    /// The root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or `nil` when the proof has the wrong length.
    static func root(leaf: Digest, index: UInt64, size: UInt64, proof: [Digest]) -> Digest? {
        guard index < size else { return nil }
        var (first, last, hash) = (index, size - 1, leaf)
        for sibling in proof {
            if last == 0 { return nil }
            if first & 1 == 1 || first == last {
                hash = node(sibling, hash)
                while first & 1 == 0, first != 0 {
                    first >>= 1
                    last >>= 1
                }
            } else {
                hash = node(hash, sibling)
            }
            first >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}

/// The right edge of the tree: what is needed to add leaves and to say the root, and nothing else. O(log n) memory.
struct Frontier: Equatable {
    /// A hash tile that became full.
    struct FullTile {
        let level: Int
        let index: UInt64
        let bytes: [UInt8]
    }
    /// Hashes in a full tile: its height is 8 levels of the tree.
    static let width: UInt64 = 256

    private(set) var size: UInt64 = 0
    /// Hashes of the tile that is being filled, by tile level, 32 bytes each: the content of the partial tiles.
    private(set) var partial: [[UInt8]] = []
    // Roots of the complete subtrees that make up the tree, the largest first: one for each bit of `size`.
    private var stack: [Digest] = []

    /// The empty tree.
    init() {}

    /// The tree whose right-edge tiles hold `partial`; `partial[l]` has `size / 256^l mod 256` hashes.
    init(size: UInt64, partial: [[UInt8]]) {
        self.size = size
        self.partial = partial
        for tile in partial.reversed() {
            let hashes = Frontier.hashes(tile)
            var start = 0
            for bit in (0..<8).reversed() where hashes.count & (1 << bit) != 0 {
                stack.append(Merkle.root(of: hashes[start..<start + (1 << bit)]))
                start += 1 << bit
            }
        }
    }

    /// Adds a leaf hash; hands out each tile that it fills, lower levels first.
    mutating func append(_ leaf: Digest, full: (FullTile) throws(LedgerError) -> Void = { _ in }) throws(LedgerError) {
        var hash = leaf
        var level = 0
        var rest = size
        try add(hash, level: 0, full)
        while rest & 1 == 1 {
            hash = Merkle.node(stack.removeLast(), hash)
            level += 1
            rest >>= 1
            if level % 8 == 0 { try add(hash, level: level / 8, full) }
        }
        stack.append(hash)
        size += 1
    }

    private mutating func add(
        _ hash: Digest,
        level: Int,
        _ full: (FullTile) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        if partial.count <= level { partial.append([]) }
        partial[level] += hash.bytes
        guard partial[level].count == Int(Frontier.width) * 32 else { return }
        try full(FullTile(level: level, index: size >> UInt64(8 * (level + 1)), bytes: partial[level]))
        partial[level] = []
    }

    /// The RFC 6962 root.
    var root: Digest {
        guard var hash = stack.last else { return Merkle.empty }
        for left in stack.dropLast().reversed() { hash = Merkle.node(left, hash) }
        return hash
    }

    /// The hashes in a tile's bytes.
    static func hashes(_ bytes: [UInt8]) -> [Digest] {
        stride(from: 0, to: bytes.count - 31, by: 32).compactMap { Digest(bytes: bytes[$0..<$0 + 32]) }
    }
}
