import Foundation
import SallyportBase
import SallyportTrust
import Testing

@testable import SallyportLedger

@Suite("Ledger publish") struct PublishTests {
    /// What publications leave; locks and scratch come and go.
    private func published(_ spool: TestSpool) throws -> [String: Data] {
        try spool.tree().filter { !$0.key.hasPrefix("state/locks") && !$0.key.hasPrefix("state/scratch") }
    }

    @Test("killed after every step, the next publication gives the same bytes", arguments: [3, 255, 256, 257])
    func killed(_ size: Int) throws {
        let source = try TestSpool()
        let ledger = try source.create()
        let early = min(size - 1, 254)
        try ledger.enter((1..<early).map { heartbeat($0) })
        try ledger.publish(source.signer)
        try ledger.enter((early..<size).map { heartbeat($0) })
        let before = try source.copy()
        try ledger.publish(source.signer)
        let after = try published(source)
        #expect(ledger.publishedSize == UInt64(size))

        let old = try published(before)
        let changed = after.keys.filter { old[$0] != after[$0] && after[$0] != Data("directory".utf8) }
        let rank = { (name: String) -> Int in
            if name.hasPrefix("ledger/tile") { return 0 }
            return ["state/signed", "ledger/checkpoints/\(size)", "ledger/checkpoint", "outside/last-signed"]
                .firstIndex(of: name).map { $0 + 1 } ?? 9
        }
        let steps = changed.sorted { (rank($0), $0) < (rank($1), $1) }
        #expect(steps.count >= 5)
        for done in 0...steps.count {
            let spool = try before.copy()
            for name in steps.prefix(done) {
                let path = URL(fileURLWithPath: spool.path + "/" + name)
                try FileManager.default.createDirectory(
                    at: path.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try #require(after[name]).write(to: path)
            }
            #expect(try spool.verify().problems == [], "a reader after step \(done)")
            let again = try spool.open()
            #expect(try again.publish(spool.signer)?.size == UInt64(size))
            // A kill between the last write and the removal of old partials leaves them: right, and harmless.
            let left = try published(spool).filter { after[$0.key] != nil || !$0.key.contains(".p") }
            #expect(left == after, "after step \(done)")
            #expect(try spool.verify().problems == [])
        }
    }

    @Test("publishing again writes nothing") func idle() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        try ledger.enter([heartbeat()])
        try ledger.publish(spool.signer)
        let before = try spool.tree()
        try ledger.publish(spool.signer)
        #expect(try spool.tree() == before)
    }

    @Test("never a smaller or another tree, never by another key") func refuses() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        try ledger.enter([heartbeat()])
        try ledger.publish(spool.signer)
        let key = try #require(SigningKey(seed: Digest.of("b").bytes))
        let other = try #require(NoteSigner(name: spool.signer.name, key: key))
        #expect(throws: LedgerError.self) { try ledger.publish(other) }

        try ledger.enter([heartbeat()])
        // A tile of another history lies where ours belongs.
        try spool.write("ledger/tile/0/000.p/3", [UInt8](repeating: 1, count: 96))
        let before = try spool.tree()
        #expect(throws: LedgerError.self) { try ledger.publish(spool.signer) }
        #expect(try spool.tree() == before)
        try spool.remove("ledger/tile/0/000.p/3")
        // A note of this size that was signed for another root.
        let fork = Checkpoint(origin: spool.signer.name, size: 3, root: Digest.of("x"))
        try spool.write("ledger/checkpoints/3", try spool.signer.sign(fork.text).bytes)
        #expect(throws: LedgerError.self) { try ledger.publish(spool.signer) }
        #expect(String(decoding: spool.bytes("ledger/checkpoint"), as: UTF8.self).contains("\n2\n"))
    }

    @Test("the state that another process published is taken over") func others() throws {
        let spool = try TestSpool()
        let mine = try spool.create()
        let theirs = try spool.open()
        try theirs.enter([heartbeat(), heartbeat()])
        try theirs.publish(spool.signer)
        #expect(mine.publishedSize == 1)
        #expect(try mine.publish(spool.signer)?.size == 3)
        #expect(mine.tail == theirs.tail)
    }

    @Test("tile and segment boundaries", .timeLimit(.minutes(3))) func boundaries() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        var size = 1
        for target in [255, 256, 257, 65_535, 65_536, 65_537] {
            try ledger.enter((size..<target).map { heartbeat($0) })
            size = target
            try ledger.publish(spool.signer)
            #expect(ledger.publishedSize == UInt64(target))
            let again = try spool.open()
            #expect(again.tail == ledger.tail && again.root == ledger.root)
            if target < 1000 {
                #expect(try spool.verify().problems == [])
                for index in [0, target / 2, target - 1] { _ = try again.tlogProof(of: UInt64(index)) }
            }
        }
        #expect(FileManager.default.fileExists(atPath: spool.path + "/ledger/lines/001.jsonl"))
        #expect(FileManager.default.fileExists(atPath: spool.path + "/ledger/tile/1/000"))
        #expect(spool.bytes("ledger/tile/2/000.p/1") == Array(ledger.frontier.partial[2]))
        #expect(!FileManager.default.fileExists(atPath: spool.path + "/ledger/tile/0/000.p"))
        #expect(try spool.verify().problems == [])
        let again = try spool.open()
        for index: UInt64 in [0, 255, 65_535, 65_536] {
            #expect(try again.tlogProof(of: index).hasPrefix("c2sp.org/tlog-proof@v1\n"))
        }
        #expect(try again.entry(65_535)?.seq == 65_535 && again.entry(65_536)?.seq == 65_536)
        var seen = 0
        let near = try #require(try again.entry(65_530))
        _ = try again.entries(after: near.position) { _ in seen += 1 }
        #expect(seen == 6)
        // A torn tail in the second segment, and one that begins it.
        try spool.write("ledger/lines/001.jsonl", spool.bytes("ledger/lines/001.jsonl") + [0x7B])
        #expect(try again.enter([heartbeat()]).newer.map(\.type) == [.ledgerRecovered])
    }
}
