import Foundation
import SallyportBase
import SallyportDisk
import Testing

@testable import SallyportLedger

@Suite("Ledger recovery") struct RecoveryTests {
    static let file = "ledger/lines/000.jsonl"

    /// Signed: 0 and 1; acknowledged: 2; the last append is what a crash tears.
    private func spool() throws -> (spool: TestSpool, whole: Int) {
        let spool = try TestSpool()
        let ledger = try spool.create()
        try ledger.enter([heartbeat(1)])
        try ledger.publish(spool.signer)
        try ledger.enter([heartbeat(2)])
        let whole = spool.bytes(Self.file).count
        try ledger.enter([heartbeat(3), heartbeat(4)])
        return (spool, whole)
    }

    private func check(_ spool: TestSpool, torn bytes: [UInt8], whole: Int) throws {
        let all = spool.bytes(Self.file)
        try spool.write(Self.file, Array(all[..<whole]) + bytes)
        let before = try spool.tree("/ledger")
        let ledger = try spool.open()
        var seen: UInt64 = 0
        _ = try ledger.entries { _ in seen += 1 }
        #expect(try spool.tree("/ledger") == before, "a fold changes nothing")
        #expect(seen >= 3, "an acknowledged line is lost")
        let good = seen
        let result = try ledger.append([heartbeat(9)], basedOn: good, at: TestSpool.start.adding(seconds: 3), run: "r")
        let start = bytes.count - Int(before["lines/000.jsonl"]?.count ?? 0) + whole
        #expect(start == 0)
        if let recovered = result.newer.first {
            #expect(recovered.type == .ledgerRecovered && result.newer.count == 1)
            let digest = try #require(recovered.evidence.first)
            let kept = try #require(try ledger.evidence(digest))
            #expect(all.count > 0 && bytes.suffix(kept.count).elementsEqual(kept))
            #expect(recovered.data?["tornBytes"] == .int(Int64(kept.count)))
            #expect(recovered.data?["tornSha256"] == .string(digest.tagged))
            #expect(recovered.data?["adopted"] == .int(Int64(good) - 2))
        } else {
            #expect(try ledger.entry(good)?.data == ["n": 9])
        }
        #expect(result.entries[0]?.seq == result.tail.size - 1)
        try ledger.publish(spool.signer)
        #expect(try spool.verify().problems == [])
    }

    @Test("every cut of a write of two lines") func cuts() throws {
        let (source, whole) = try spool()
        let tail = Array(source.bytes(Self.file)[whole...])
        for count in stride(from: 0, through: tail.count, by: 7) + [tail.count / 2 - 1, tail.count - 1] {
            try check(try source.copy(), torn: Array(tail.prefix(count)), whole: whole)
        }
    }

    @Test("zero-filled blocks and garbage") func garbage() throws {
        let (source, whole) = try spool()
        let tail = Array(source.bytes(Self.file)[whole...])
        var random = Seeded(state: 7)
        let noise = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
        let zeros = [UInt8](repeating: 0, count: 300)
        let cases: [[UInt8]] = [
            zeros, noise, Array(tail.prefix(100)) + zeros, [0x0A], [0x0A] + tail, zeros + tail, Array("{}\n".utf8),
            Array(tail.prefix(tail.count / 2)) + noise, noise + [0x0A], tail + zeros,
            tail + [UInt8](repeating: 0x78, count: 70_000),
        ]
        for bytes in cases { try check(try source.copy(), torn: bytes, whole: whole) }
    }

    @Test("a whole line of a killed writer is adopted, durable, and signed") func adopted() throws {
        let (spool, _) = try spool()
        let ledger = try spool.open()
        #expect(ledger.tail.size == 2 && ledger.publishedSize == 2)
        try ledger.publish(spool.signer)
        #expect(ledger.publishedSize == 5 && ledger.tail.size == 5)
    }

    @Test("two crashes in a row leave two records") func twice() throws {
        let (spool, _) = try spool()
        for _ in 0..<2 {
            try spool.write(Self.file, spool.bytes(Self.file) + [0x7B])
            let ledger = try spool.open()
            _ = try ledger.entries { _ in }
            try ledger.enter([heartbeat()], at: 5)
        }
        var types: [EventType?] = []
        _ = try spool.open().entries { types.append($0.type) }
        #expect(types.filter { $0 == .ledgerRecovered }.count == 2)
    }

    @Test("after a failed fsync the unsigned segment is rewritten into a new file") func poison() throws {
        let (spool, _) = try spool()
        let before = spool.bytes(Self.file)
        let inode = try #require(try spool.ledger.open("lines").status(of: "000.jsonl")).inode
        let ledger = try spool.open()
        ledger.poison()
        #expect(FileManager.default.fileExists(atPath: spool.path + "/state/poison"))
        _ = try ledger.entries { _ in }
        #expect(!FileManager.default.fileExists(atPath: spool.path + "/state/poison"))
        #expect(spool.bytes(Self.file) == before)
        #expect(try spool.ledger.open("lines").status(of: "000.jsonl")?.inode != inode)
        try ledger.enter([heartbeat()])
        try ledger.publish(spool.signer)
        #expect(try spool.verify().verdict == .holds)
    }

    @Test("a full disk: whatever was written of it is taken back, and room makes it work again")
    func full() throws {
        let (spool, _) = try spool()
        let ledger = try spool.open()
        _ = try ledger.entries { _ in }
        let before = try spool.tree("/ledger")
        let real = ledger.writeLines
        for part in [0, 1, 60, 200] {
            ledger.writeLines = { (file, bytes) throws(DiskError) in
                try file.write(Array(bytes.prefix(part)))
                throw DiskError("write", file.label, code: 28)
            }
            let path = try spool.ledger.label + "/lines/000.jsonl"
            #expect(throws: LedgerError.disk(DiskError("write", path, code: 28))) {
                try ledger.enter([heartbeat(), heartbeat()])
            }
            #expect(try spool.tree("/ledger") == before)
        }
        ledger.writeLines = real
        #expect(try ledger.enter([heartbeat()]).newer == [])
        #expect(!FileManager.default.fileExists(atPath: spool.path + "/state/poison"))
    }

    @Test("an fdatasync that fails acknowledges nothing and leaves the marker; the next one starts from a new file")
    func failedSync() throws {
        let (spool, _) = try spool()
        let ledger = try spool.open()
        _ = try ledger.entries { _ in }
        let size = ledger.tail.size
        ledger.syncLines = { (file) throws(DiskError) in throw DiskError("fdatasync", file.label, code: 5) }
        #expect(throws: LedgerError.self) { try ledger.enter([heartbeat()]) }
        #expect(ledger.tail.size == size)
        #expect(FileManager.default.fileExists(atPath: spool.path + "/state/poison"))
        let next = try spool.open()
        _ = try next.entries { _ in }
        #expect(try next.enter([heartbeat()]).tail.size == size + 1)
        #expect(!FileManager.default.fileExists(atPath: spool.path + "/state/poison"))
        try next.publish(spool.signer)
        #expect(try spool.verify().verdict == .holds)
    }

    @Test("a full disk where a batch crosses into a new segment takes both parts back", .timeLimit(.minutes(2)))
    func fullAcrossSegments() throws {
        let spool = try TestSpool()
        let ledger = try spool.create()
        try ledger.enter((1..<65_534).map { heartbeat($0) })
        let before = spool.bytes(Self.file).count
        let real = ledger.writeLines
        ledger.writeLines = { (file, bytes) throws(DiskError) in
            guard file.label.hasSuffix("001.jsonl") else { return try real(file, bytes) }
            try file.write(Array(bytes.prefix(10)))
            throw DiskError("write", file.label, code: 28)
        }
        #expect(throws: LedgerError.self) { try ledger.enter((0..<5).map { heartbeat($0) }) }
        #expect(spool.bytes(Self.file).count == before)
        #expect(spool.bytes("ledger/lines/001.jsonl") == [])
        ledger.writeLines = real
        #expect(try ledger.enter((0..<5).map { heartbeat($0) }).tail.size == 65_539)
        try ledger.publish(spool.signer)
        #expect(try spool.verify().problems == [])
    }
}
