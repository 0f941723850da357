import Foundation
import SallyportBase
import SallyportDisk
import SallyportTrust
import Testing

@testable import SallyportLedger

/// Values that other programs made: RFC 6962 and C2SP, byte for byte.
@Suite("Ledger vectors") struct VectorTests {
    static let lines = [
        #"{"seq":0,"prev":"0000000000000000000000000000000000000000000000000000000000000000","ts":"2026-09-01T00:00:00.000000Z","type":"ledger.opened"}"#,
        #"{"seq":1,"prev":"3afbe8a800f4778ff450e778fcb6814125bc127588b0188737490a388d53caa7","ts":"2026-09-01T00:00:01.000000Z","type":"package.received"}"#,
        #"{"seq":2,"prev":"1225d2f2ec86f281f595fe26e40cc7241a9726fce14f4b1d513137099a0cbd0c","ts":"2026-09-01T00:00:02.000000Z","type":"release.promoted"}"#,
    ]
    static let leaves = [
        "3afbe8a800f4778ff450e778fcb6814125bc127588b0188737490a388d53caa7",
        "1225d2f2ec86f281f595fe26e40cc7241a9726fce14f4b1d513137099a0cbd0c",
        "2f247b51b44990803011ab53ca3da2fa5cc917c8881932e2c2e5cefa920c7894",
    ]
    static let note = """
        ledger.example/adp1
        3
        ER39fMT0e8NlokMmrUhOuOHSAcD8Su9ISLoL2RzU+aQ=

        \u{2014} ledger.example/adp1 hp8CJ4yrYVdFsuNrerFPreVyG9pf/0QoX44V7Jv4sqLCtbUaCxK0t3c7LEaf1DTq/69QRGiyDWA+EG0X9Se9RlpCRAM=

        """

    @Test("V1: the key's name") func key() throws {
        #expect(
            try testSigner().verifier.vkey
                == "ledger.example/adp1+869f0227+AeuKMMA4GJL6tEs4vPFc1aNy2VtoMjXdgzHQ/roqP0HB"
        )
    }

    @Test("V2: lines, leaf hashes, root, note") func chain() throws {
        var prev = Digest.zero
        var frontier = Frontier()
        for (index, line) in Self.lines.enumerated() {
            let entry = try EntryLine.decode(Array(line.utf8), seq: UInt64(index), prev: prev, offset: 0)
            #expect(entry.leaf.hex == Self.leaves[index])
            prev = entry.leaf
            try frontier.append(entry.leaf)
        }
        // A name that this version does not know is read by the same rules.
        let before = try #require(Digest(hex: Self.leaves[1]))
        let last = try EntryLine.decode(Array(Self.lines[2].utf8), seq: 2, prev: before, offset: 0)
        #expect(last.type == nil && last.typeName == "release.promoted")
        #expect(frontier.root.hex == "111dfd7cc4f47bc365a24326ad484eb8e1d201c0fc4aef4848ba0bd91cd4f9a4")
        #expect(frontier.partial.map { Hex.encode($0) } == [Self.leaves.joined()])
        let checkpoint = Checkpoint(origin: "ledger.example/adp1", size: 3, root: frontier.root)
        #expect(try Ledger.sign(checkpoint, with: testSigner()) == Array(Self.note.utf8))
    }

    @Test("V2: inclusion of line 1 in 3, from tiles") func inclusion() throws {
        let spool = try TestSpool()
        let tile = Self.leaves.flatMap { Hex.decode($0) ?? [] }
        try spool.ledger.createOnce(["tile", "0", "000.p", "3"], tile, scratch: spool.state)
        let proof = try TileStore(ledger: spool.ledger).inclusion(1, 0, 3, size: 3)
        #expect(proof.map(\.hex) == [Self.leaves[0], Self.leaves[2]])
        let root = Merkle.root(leaf: try #require(Digest(hex: Self.leaves[1])), index: 1, size: 3, proof: proof)
        #expect(root?.hex == "111dfd7cc4f47bc365a24326ad484eb8e1d201c0fc4aef4848ba0bd91cd4f9a4")
    }

    @Test("V4: a tile boundary, 257 entries") func boundary() throws {
        var frontier = Frontier()
        var full: [Frontier.FullTile] = []
        for number in 0..<257 {
            let leaf = Merkle.leaf(Array("entry \(number)".utf8))
            if number == 0 { #expect(leaf.hex == "773885a613489e24ce2cf76199d6a423f042e4bbf12d7eecee912ef276c65701") }
            try frontier.append(leaf) { (tile) throws(LedgerError) in full.append(tile) }
            if number == 255 {
                #expect(frontier.root.hex == "da6596d95369f5fef322ab8e4e0da3b0b50236aa9c8a3b1d246f7411c9e2e32e")
            }
        }
        #expect(full.count == 1 && full[0].level == 0 && full[0].index == 0)
        #expect(Digest.of(full[0].bytes).hex == "b0f6ca2ff42508faf8c6bb4ea8bb9c74243b19d4174fdc4fd17bdad9099e605e")
        #expect(
            frontier.partial.map { Hex.encode($0) } == [
                "a1c877a824d2533efbee1960b7f2fe4224450f69c3b0e3d3e9cacc759ce2cef3",
                "da6596d95369f5fef322ab8e4e0da3b0b50236aa9c8a3b1d246f7411c9e2e32e",
            ]
        )
        #expect(frontier.root.hex == "5c1fdfe835358022f2392de478dbe053fc130cfe1d3a082879a90cf6bf14bf7e")
        // The tree that is read back from its right edge is the same tree.
        #expect(Frontier(size: 257, partial: frontier.partial) == frontier)
    }

    @Test("the empty tree") func empty() {
        #expect(Frontier().root.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test(
        "names of tiles, segments, evidence",
        arguments: [
            (["tile", "0", "005"], TilePath.tile(0, 5)), (["tile", "1", "x001", "234"], TilePath.tile(1, 1234)),
            (["tile", "2", "x001", "x234", "067.p", "17"], TilePath.tile(2, 1_234_067, width: 17)),
            (["lines", "000.jsonl"], TilePath.segment(0)), (["lines", "x001", "234.jsonl"], TilePath.segment(1234)),
        ]
    )
    func names(_ expected: [String], _ found: [String]) { #expect(expected == found) }

    static let folder = ProcessInfo.processInfo.environment["SALLYPORT_VECTORS"]

    @Test("the vector files", .enabled(if: folder != nil, "SALLYPORT_VECTORS is not set"))
    func files() throws {
        let folder = try #require(Self.folder) + "/ledger/v/"
        let read = { (name: String) throws -> [UInt8] in
            Array(try #require(FileManager.default.contents(atPath: folder + name)))
        }
        #expect(try read("ledger.jsonl") == Self.lines.flatMap { Array($0.utf8) + [0x0A] })
        #expect(try read("tile/0/000.p/3") == Self.leaves.flatMap { Hex.decode($0) ?? [] })
        #expect(try read("checkpoint").starts(with: Array(Self.note.utf8)))
        #expect(try read("log.vkey") == Array((try testSigner().verifier.vkey + "\n").utf8))
        // A note with a witness's line behind ours is ours all the same.
        let checkpoint = try Checkpoint.verified(try read("checkpoint"), path: "checkpoint", by: testSigner().verifier)
        #expect(checkpoint.size == 3)
        let proof = String(decoding: try read("1.tlog-proof"), as: UTF8.self)
        let expected = [Self.leaves[0], Self.leaves[2]].map { Base64.encode(Hex.decode($0) ?? []) }
        #expect(proof.hasPrefix("c2sp.org/tlog-proof@v1\nindex 1\n\(expected[0])\n\(expected[1])\n\n"))
    }
}
