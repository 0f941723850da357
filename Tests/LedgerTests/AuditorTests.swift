import Foundation
import SallyportBase
import Testing

@testable import SallyportLedger

/// The verifier that auditors read and run: python3 and openssl, nothing of ours.
@Suite("Ledger auditor's script") struct AuditorTests {
    static let script =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/examples/audit/verify_ledger.py"

    private func run(_ spool: TestSpool, older: [String] = []) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", Self.script, spool.path + "/ledger", spool.path + "/ledger/log.vkey"] + older
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test("agrees with us about a good ledger and about damage") func agrees() throws {
        let spool = try VerifyTests.spool()
        let ledger = try spool.open()
        try ledger.enter((0..<300).map { heartbeat($0) })
        try ledger.publish(spool.signer)
        try ledger.enter([heartbeat()])
        let kept = spool.path + "/ledger/checkpoints/3"
        let good = try run(spool, older: [kept])
        #expect(good.status == 0)
        #expect(good.text == "holds: 309 lines, root \(ledger.root), 4 evidence files\n")

        let files = try spool.tree("/ledger").filter { name, data in
            data != Data("directory".utf8) && !name.hasPrefix("tile/") && name != "log.vkey"
        }
        var random = Seeded(state: 11)
        for (name, data) in files.sorted(by: { $0.key < $1.key }) {
            var bytes = Array(data)
            // In the line file: a byte of a signed line.
            let index = Int.random(in: 0..<min(bytes.count, 20_000), using: &random)
            bytes[index] ^= 1
            try spool.write("ledger/" + name, bytes)
            #expect(try run(spool).status != 0, "\(name) byte \(index)")
            try spool.write("ledger/" + name, Array(data))
        }
        let other = try VerifyTests.spool()
        try other.write("other", spool.bytes("ledger/checkpoint"))
        #expect(try run(other, older: [other.path + "/other"]).status == 1)
    }

    @Test("is at most 60 lines: short enough to be read before it is run") func short() throws {
        let text = try String(contentsOfFile: Self.script, encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 61)
    }
}
