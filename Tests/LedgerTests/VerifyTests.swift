import Foundation
import SallyportBase
import SallyportTrust
import Testing

@testable import SallyportLedger

@Suite("Ledger verify") struct VerifyTests {
    /// Several publications, evidence, an unsigned tail only when asked for.
    static func spool() throws -> TestSpool {
        let spool = try TestSpool()
        let ledger = try spool.create()
        for round in 0..<4 {
            let digest = try ledger.storeEvidence(Array("text \(round)".utf8))
            try ledger.enter([heartbeat(round), Decision(.approvalAccepted, subject: .request(1), evidence: [digest])])
            try ledger.publish(spool.signer)
        }
        return spool
    }

    @Test("a good ledger holds, with its ranges") func holds() throws {
        let spool = try Self.spool()
        try spool.open().enter([heartbeat()])
        let result = try spool.verify()
        #expect(result.problems == [])
        #expect(result.verdict == .holds && result.size == 9)
        #expect(result.ranges == [.init(from: 0, to: 9, isSigned: true), .init(from: 9, to: 10, isSigned: false)])
        #expect(result.root == (try spool.open().root))
    }

    @Test("one flipped bit anywhere in a published ledger is seen") func flips() throws {
        let spool = try Self.spool()
        let files = try spool.tree("/ledger").filter { $0.value != Data("directory".utf8) }
        var random = Seeded(state: 2026)
        var count = 0
        for (name, data) in files.sorted(by: { $0.key < $1.key }) {
            // Every byte of short files, a seeded sample of long ones.
            let indices =
                data.count <= 100
                ? Array(data.indices)
                : (0..<60).map { _ in Int.random(in: 0..<data.count, using: &random) } + [0, data.count - 1]
            for index in indices {
                var bytes = Array(data)
                bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try spool.write("ledger/" + name, bytes)
                let verdict = try spool.verify().verdict
                #expect(verdict == .contradicted, "\(name) byte \(index)")
                count += 1
            }
            try spool.write("ledger/" + name, Array(data))
        }
        #expect(count > 500)
        #expect(try spool.verify().verdict == .holds)
    }

    @Test("every file that goes is missed") func removed() throws {
        let source = try Self.spool()
        for name in try source.tree("/ledger").keys.sorted()
        where !name.hasPrefix("checkpoints/") || name == "checkpoints/9" {
            var isDirectory: ObjCBool = false
            _ = unsafe FileManager.default.fileExists(
                atPath: source.path + "/ledger/" + name,
                isDirectory: &isDirectory
            )
            // Partials of earlier sizes may go at any time after the full tile is there; here they only stop being useful.
            if isDirectory.boolValue || (name.hasPrefix("tile/") && !name.hasSuffix("/9")) { continue }
            let spool = try source.copy()
            try spool.remove("ledger/" + name)
            let result = try spool.verify()
            #expect(result.verdict == .contradicted, "\(name)")
        }
    }

    @Test("lines removed, added, swapped") func lines() throws {
        let spool = try Self.spool()
        let file = "ledger/lines/000.jsonl"
        let good = spool.bytes(file).split(separator: 0x0A).map { Array($0) }
        func result(_ lines: [[UInt8]]) throws -> LedgerVerification {
            try spool.write(file, lines.flatMap { $0 + [0x0A] })
            return try spool.verify()
        }
        for index in good.indices {
            var without = good
            without.remove(at: index)
            #expect(try result(without).verdict == .contradicted)
            var twice = good
            twice.insert(good[index], at: index)
            #expect(try result(twice).verdict == .contradicted)
            if index > 0 {
                var swapped = good
                swapped.swapAt(index, index - 1)
                #expect(try result(swapped).verdict == .contradicted)
            }
        }
        var other = good
        other[4] = Array(
            String(decoding: good[4], as: UTF8.self).replacingOccurrences(
                of: "approval.accepted",
                with: "approval.refused"
            ).utf8
        )
        let problems = try result(other).problems
        #expect(problems.contains { $0.entry == 5 && $0.file == "lines/000.jsonl" })
        #expect(problems.contains { $0.file == "tile/0/000.p/9" && $0.entry == 4 })
        #expect(problems.contains { $0.file == "checkpoint" })
        #expect(!problems.contains { $0.file == "checkpoints/3" }, "what is before the change is as it was signed")
        #expect(try result(good).verdict == .holds)
    }

    @Test("a cut tail that was signed again is seen by who kept a checkpoint") func cut() throws {
        let spool = try Self.spool()
        let kept = spool.bytes("ledger/checkpoint")
        let early = spool.bytes("ledger/checkpoints/3")
        #expect(try spool.verify(from: [("kept", kept), ("early", early)]).verdict == .holds)
        // The whole directory as it was before the last two publications.
        let lines = spool.bytes("ledger/lines/000.jsonl").split(separator: 0x0A).prefix(5)
        try spool.write("ledger/lines/000.jsonl", lines.flatMap { Array($0) + [0x0A] })
        for size in [7, 9] {
            try spool.remove("ledger/checkpoints/\(size)")
            try spool.remove("ledger/tile/0/000.p/\(size)")
        }
        try spool.write("ledger/checkpoint", spool.bytes("ledger/checkpoints/5"))
        #expect(try spool.verify().verdict == .holds)
        let result = try spool.verify(from: [("kept", kept), ("early", early)])
        #expect(result.verdict == .contradicted)
        #expect(
            result.problems == [
                .init("kept", isForeign: true, expected: "at least the 9 lines that were signed", found: "5 lines")
            ]
        )
    }

    @Test("another history under the same key is seen by who kept a checkpoint") func fork() throws {
        let one = try Self.spool()
        let other = try TestSpool()
        let ledger = try other.create()
        for number in 0..<9 { try ledger.enter([heartbeat(number)]) }
        try ledger.publish(other.signer)
        let result = try other.verify(from: [("kept", one.bytes("ledger/checkpoints/3"))])
        #expect(result.problems.map(\.file) == ["kept"] && result.problems.allSatisfy(\.isForeign))
        let junk = try other.verify(from: [("junk", Array("junk".utf8))])
        #expect(junk.problems.map(\.file) == ["junk"])
    }

    @Test("nothing to verify is a verdict of its own") func nothing() throws {
        let spool = try TestSpool()
        #expect(try spool.verify().verdict == .nothing)
        let kept = try Self.spool().bytes("ledger/checkpoint")
        #expect(try spool.verify(from: [("kept", kept)]).problems.count == 1)
    }

    @Test("an emptied ledger with its checkpoint left is a contradiction") func emptied() throws {
        let spool = try Self.spool()
        try spool.remove("ledger/lines")
        #expect(try spool.verify().verdict == .contradicted)
        try spool.remove("ledger/tile")
        #expect(try spool.verify().verdict == .contradicted)
    }

    @Test("files where none may be") func strays() throws {
        for name in [
            "lines/001.jsonl", "lines/x", "tile/0/001", "tile/0/000.p/200", "tile/x", "tile/0/000.p/0",
            "checkpoints/4x", "evidence/sha256/zz", "evidence/x",
        ] {
            let spool = try Self.spool()
            try spool.write("ledger/" + name, Array("x\n".utf8))
            let result = try spool.verify()
            #expect(result.problems.map(\.file) == [name], "\(name)")
        }
        let spool = try Self.spool()
        try spool.remove("ledger/lines/000.jsonl")
        try FileManager.default.createSymbolicLink(
            atPath: spool.path + "/ledger/lines/000.jsonl",
            withDestinationPath: "/dev/zero"
        )
        #expect(try spool.verify().verdict == .contradicted)
    }

    @Test("another key's ledger is refused") func otherKey() throws {
        let spool = try Self.spool()
        let key = try #require(SigningKey(seed: Digest.of("b").bytes))
        let other = try #require(NoteSigner(name: spool.signer.name, key: key))
        let result = try LedgerVerification.verify(spool.ledger, verifier: other.verifier)
        #expect(result.verdict == .contradicted && result.size == 0)
        #expect(
            result.problems.contains { $0.file == "log.vkey" } && result.problems.contains { $0.file == "checkpoint" }
        )
    }

    @Test("a write that is going on is no damage") func torn() throws {
        let spool = try Self.spool()
        try spool.write("ledger/lines/000.jsonl", spool.bytes("ledger/lines/000.jsonl") + Array("{\"seq\":9,".utf8))
        let result = try spool.verify()
        #expect(result.verdict == .holds && result.tornBytes == 9)
    }
}
