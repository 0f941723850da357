internal import SallyportBase
internal import SallyportTrust

// The tree, as it lies there.
extension LedgerCheck {
    mutating func listTiles() throws(LedgerError) {
        for path in try files(below: ["tile"]) {
            let name = TilePath.text(path)
            var rest = path.dropFirst()
            guard let first = rest.popFirst(), let level = Int(first), String(level) == first, level < 8 else {
                note(name, expected: "tile/<level>/…", found: "another file")
                continue
            }
            var width = 256
            var suffix = ""
            if rest.count > 1, rest[rest.endIndex - 2].hasSuffix(".p"), let text = rest.popLast() {
                guard let number = Int(text), (1...255).contains(number), String(number) == text else {
                    note(name, expected: "a width from 1 to 255", found: text)
                    continue
                }
                width = number
                suffix = ".p"
            }
            guard let index = index(rest, suffix: suffix) else {
                note(name, expected: "a tile's name", found: "another file")
                continue
            }
            tiles[TileName(level: level, index: index), default: []].append(width)
        }
    }

    mutating func add(_ leaf: Digest) throws(LedgerError) {
        var full: [Frontier.FullTile] = []
        try frontier.append(leaf) { (tile) throws(LedgerError) in full.append(tile) }
        for tile in full {
            let found = tiles.removeValue(forKey: TileName(level: tile.level, index: tile.index)) ?? []
            for width in found { try compare(tile.level, tile.index, width, tile.bytes) }
            if !found.contains(256), isSigned(tile) {
                note(
                    TilePath.text(TilePath.tile(tile.level, tile.index)),
                    expected: "a full hash tile",
                    found: "nothing"
                )
            }
        }
        if let next = wanted.first, next == frontier.size {
            roots[next] = frontier.root
            wanted.removeFirst()
        }
        if let signed, signed.size == frontier.size { try checkRightEdge() }
    }

    func isSigned(_ tile: Frontier.FullTile) -> Bool {
        guard let signed else { return false }
        return (tile.index + 1) << UInt64(8 * (tile.level + 1)) <= signed.size
    }

    // At the signed size: the partial tiles must be there, or the full ones that came later.
    mutating func checkRightEdge() throws(LedgerError) {
        for (level, bytes) in frontier.partial.enumerated() where !bytes.isEmpty {
            let index = frontier.size >> UInt64(8 * (level + 1))
            let found = tiles[TileName(level: level, index: index)] ?? []
            if !found.contains(bytes.count / 32), !found.contains(256) {
                let path = TilePath.tile(level, index, width: bytes.count / 32)
                note(TilePath.text(path), expected: "a partial hash tile", found: "nothing")
            }
        }
    }

    // What is left in the list belongs to tiles that the lines did not fill.
    mutating func checkEdge() throws(LedgerError) {
        for (level, bytes) in frontier.partial.enumerated() {
            let index = frontier.size >> UInt64(8 * (level + 1))
            for width in tiles.removeValue(forKey: TileName(level: level, index: index)) ?? [] {
                if width * 32 <= bytes.count {
                    try compare(level, index, width, bytes)
                } else {
                    note(
                        TilePath.text(TilePath.tile(level, index, width: width)),
                        expected: "no tile beyond \(frontier.size) lines",
                        found: "one"
                    )
                }
            }
        }
        for (tile, widths) in tiles.sorted(by: { ($0.key.level, $0.key.index) < ($1.key.level, $1.key.index) }) {
            for width in widths {
                note(
                    TilePath.text(TilePath.tile(tile.level, tile.index, width: width)),
                    expected: "no tile beyond \(frontier.size) lines",
                    found: "one"
                )
            }
        }
    }

    mutating func compare(_ level: Int, _ index: UInt64, _ width: Int, _ bytes: [UInt8]) throws(LedgerError) {
        let path = TilePath.tile(level, index, width: width)
        // A partial may go between listing and reading, when its full tile comes.
        guard let found = try read(path, limit: 256 * 32) else { return }
        let expected = Array(bytes.prefix(width * 32))
        guard found != expected else { return }
        let at =
            zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(found.count, expected.count)
        let entry = (index * 256 + UInt64(at / 32)) << UInt64(8 * level)
        note(
            TilePath.text(path),
            entry: entry,
            expected: "hash \(Hex.encode(expected.dropFirst(at / 32 * 32).prefix(32)))",
            found: "\(Hex.encode(found.dropFirst(at / 32 * 32).prefix(32))) (\(found.count) bytes)"
        )
    }
}
