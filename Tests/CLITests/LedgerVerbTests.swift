import Foundation
import SallyportBase
import SallyportDisk
import SallyportLedger
import SallyportTrust
import Testing

@testable import SallyportCLI

@Suite("ledger verify, log, show") struct LedgerVerbTests {
    /// A home with a ledger of four lines, the last of them not signed yet.
    final class Home: @unchecked Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/sallyport-verbs-" + Random.id()
        private(set) var printed = ""
        private let lock = NSLock()

        init() throws {
            for name in ["spool/ledger", "spool/.state", "keys"] {
                try FileManager.default.createDirectory(
                    atPath: path + "/" + name,
                    withIntermediateDirectories: true
                )
            }
            let key = try #require(SigningKey(seed: Digest.of("verbs").bytes))
            let signer = try #require(NoteSigner(name: "example.org/p", key: key))
            try (signer.verifier.vkey + "\n").write(
                toFile: path + "/keys/runner.pub",
                atomically: false,
                encoding: .utf8
            )
            let start = try #require(Timestamp(text: "2026-09-01T00:00:00Z"))
            let ledger = try Ledger.create(
                ledger: Directory.open(path: path + "/spool/ledger"),
                state: Directory.open(path: path + "/spool/.state"),
                signer: signer,
                pipeline: "p",
                tool: "0.1.0",
                at: start,
                run: "r"
            )
            let received = Decision(
                .packageReceived,
                actor: "dave",
                subject: .own,
                data: ["agent": "triage", "version": "1.0.0"]
            )
            _ = try ledger.append([received], basedOn: 1, at: start.adding(seconds: 60), run: "r")
            _ = try ledger.append([Decision(.clockGap)], basedOn: 2, at: start.adding(seconds: 120), run: "r")
            try ledger.publish(signer)
            let expired = Decision(.requestExpired, subject: .request(1), reason: "E-EXPIRED")
            _ = try ledger.append([expired], basedOn: 3, at: start.adding(seconds: 180), run: "r")
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func run(_ verb: any Verb.Type, _ words: [String] = [], json: Bool = false) throws -> SallyportCLI.ExitStatus {
            printed = ""
            let context = Context(
                home: path,
                spool: path + "/spool",
                keys: path + "/keys",
                isDefaultPlace: false,
                json: json,
                quiet: true,
                verbose: false,
                color: false,
                out: { text in self.lock.withLock { self.printed += text } },
                err: { _ in }
            )
            return try verb.run(Arguments(words, options: verb.options, verb: "ledger"), in: context)
        }

        func status(_ verb: any Verb.Type, _ words: [String] = []) -> SallyportCLI.ExitStatus? {
            do { return try run(verb, words) } catch { return (error as? Failure)?.status }
        }
    }

    @Test("verify: 0 and both faces") func verify() throws {
        let home = try Home()
        #expect(try home.run(LedgerVerify.self) == .success)
        #expect(home.printed.hasPrefix("lines 0 to 2: signed\nlines 3 to 3: not signed yet\nholds: 3 lines, root "))
        #expect(try home.run(LedgerVerify.self, json: true) == .success)
        let json = try JSON.parse(Array(home.printed.utf8), limit: 10_000)
        #expect(json["size"] == 3 && json["verdict"] == "holds" && json["problems"] == [])
        #expect(json["ranges"]?.array?.last == ["from": 3, "to": 4, "state": "unsigned"])
        let ledger = home.path + "/spool/ledger"
        #expect(
            try home.run(LedgerVerify.self, ["--dir", ledger, "--vkey", home.path + "/keys/runner.pub"]) == .success
        )
        #expect(home.status(LedgerVerify.self, ["--dir", ledger]) == .usage)
        #expect(home.status(LedgerVerify.self, ["--from", ledger + "/checkpoints/1"]) == .success)
        #expect(home.status(LedgerVerify.self, ["--from", ledger + "/nothing"]) == .missing)
    }

    @Test("verify: 65 for a foreign checkpoint, 70 for damage, 66 for nothing") func statuses() throws {
        let home = try Home()
        let junk = home.path + "/junk"
        try "junk".write(toFile: junk, atomically: false, encoding: .utf8)
        #expect(home.status(LedgerVerify.self, ["--from", junk]) == .refused)

        let lines = home.path + "/spool/ledger/lines/000.jsonl"
        let good = try String(contentsOfFile: lines, encoding: .utf8)
        try good.replacingOccurrences(of: "triage", with: "triagE").write(
            toFile: lines,
            atomically: false,
            encoding: .utf8
        )
        #expect(home.status(LedgerVerify.self) == .contradiction)
        #expect(home.printed.contains("problem: tile/0/000.p/3 entry 1: expected hash "))
        #expect(home.status(LedgerVerify.self, ["--from", junk]) == .contradiction)
        try good.write(toFile: lines, atomically: false, encoding: .utf8)

        let empty = home.path + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let vkey = home.path + "/keys/runner.pub"
        #expect(home.status(LedgerVerify.self, ["--dir", empty, "--vkey", vkey]) == .missing)
        #expect(home.status(LedgerVerify.self, ["--dir", empty, "--vkey", junk]) == .configuration)

        try FileManager.default.removeItem(atPath: home.path + "/spool/.state/signed")
        #expect(home.status(LedgerVerify.self) == .contradiction, "a deleted .state")
    }

    @Test("verify: an emptied or missing ledger is 70 where .state remembers one") func emptied() throws {
        let home = try Home()
        let ledger = home.path + "/spool/ledger"
        for name in try FileManager.default.contentsOfDirectory(atPath: ledger) {
            try FileManager.default.removeItem(atPath: ledger + "/" + name)
        }
        #expect(home.status(LedgerVerify.self) == .contradiction)
        try FileManager.default.removeItem(atPath: ledger)
        #expect(home.status(LedgerVerify.self) == .contradiction)
        #expect(home.status(LedgerLog.self) == .contradiction)
        try FileManager.default.removeItem(atPath: home.path + "/spool/.state/signed")
        #expect(home.status(LedgerVerify.self) == .missing)
    }

    @Test("log: by agent, by time, exact lines") func log() throws {
        let home = try Home()
        #expect(try home.run(LedgerLog.self) == .success)
        #expect(home.printed.split(separator: "\n").count == 4)
        _ = try home.run(LedgerLog.self, ["--agent", "triage"])
        #expect(
            home.printed == """
                1  2026-09-01T00:01:00Z  package.received  r1  triage 1.0.0  by dave
                3  2026-09-01T00:03:00Z  request.expired  r1  by runner  (E-EXPIRED)

                """
        )
        _ = try home.run(LedgerLog.self, ["--since", "2026-09-01T00:02:00Z", "--jsonl"])
        let lines = try String(contentsOfFile: home.path + "/spool/ledger/lines/000.jsonl", encoding: .utf8)
        #expect(lines.hasSuffix(home.printed) && home.printed.split(separator: "\n").count == 2)
        _ = try home.run(LedgerLog.self, json: true)
        #expect(try JSON.parse(Array(home.printed.utf8), limit: 10_000)["entries"]?.array?.count == 4)
        #expect(home.status(LedgerLog.self, ["--since", "yesterday"]) == .usage)
        // Only the runner's own memory can say that this ledger is the newest.
        try FileManager.default.removeItem(atPath: home.path + "/spool/.state")
        #expect(home.status(LedgerLog.self) == .contradiction)
    }

    @Test("show: a line, its hash, signed or not") func show() throws {
        let home = try Home()
        #expect(try home.run(LedgerShow.self, ["r1"]) == .success)
        #expect(home.printed.contains("\"type\": \"package.received\"") && home.printed.hasSuffix("\nsigned\n"))
        _ = try home.run(LedgerShow.self, ["3"], json: true)
        let json = try JSON.parse(Array(home.printed.utf8), limit: 10_000)
        #expect(json["signed"] == false && json["line"]?["seq"] == 3)
        #expect(home.status(LedgerShow.self, ["4"]) == .missing)
        #expect(home.status(LedgerShow.self, ["x"]) == .usage)
        #expect(home.status(LedgerShow.self) == .usage)
    }
}
