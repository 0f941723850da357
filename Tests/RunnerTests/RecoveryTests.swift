import Foundation
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportLedger
import SallyportRunner
import SallyportTrust
import Testing

/// What a lost cache or a crash between an entry and its effect leaves, and that the next tick makes the same disk of it.
@Suite("recovery")
struct RecoveryTests {
    static let policy = "environment: staging production=no\ngate: need=1 role=reviewer\nbuild: optional\nsettle: 1s"

    /// Every path below the spool but `.state/`, with kind, mode and content; `skipping` names top directories left out.
    static func tree(_ spool: TestSpool, skipping: Set<String> = [".state"]) throws -> [String: String] {
        var out: [String: String] = [:]
        let manager = FileManager.default
        for path in manager.subpaths(atPath: spool.path) ?? [] {
            guard let top = path.split(separator: "/").first, !skipping.contains(String(top)) else { continue }
            let full = spool.path + "/" + path
            let attributes = try manager.attributesOfItem(atPath: full)
            let mode = (attributes[.posixPermissions] as? Int) ?? 0
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory?: out[path] = "directory \(mode)"
            case .typeSymbolicLink?: out[path] = "-> " + (try manager.destinationOfSymbolicLink(atPath: full))
            default: out[path] = "\(mode) " + Digest.of(Array(try Data(contentsOf: URL(fileURLWithPath: full)))).hex
            }
        }
        return out
    }

    private static func differences(_ a: [String: String], _ b: [String: String]) -> [String] {
        Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted().map { "\($0): \(a[$0] ?? "-") | \(b[$0] ?? "-")" }
    }

    /// Two versions, a refusal, a stale vote, a rejection, a rollback, a lifted hold and a request in review.
    private static func story(_ spool: TestSpool) throws {
        for version in ["1.0.0", "1.1.0"] {
            let request = try spool.receive(version)
            try spool.decide(request.id, "bob")
            try spool.tick()
            if version == "1.1.0" { try spool.rollback("demo-agent", from: request.release) }
        }
        try spool.tick()
        let rejected = try spool.receive("1.2.0")
        try spool.decide(rejected.id, "bob", "reject")
        try spool.tick()
        try spool.drop(
            "sallyport-approval v1\nend\n",
            in: "approvals",
            as: "junk",
            signedBy: "stranger",
            kind: .approval
        )
        _ = try spool.receive("1.3.0")
        let held = try spool.receive("1.4.0")
        try spool.decide(held.id, "bob")
        try spool.tick()
        try spool.dropPolicy(
            RequestTests.policy(need: 1, extra: "review-for: 12h\n"),
            version: 2,
            previous: Digest.of(spool.read("trust/policy")).tagged
        )
        try spool.tick()
        try spool.dropPackage("0.9.0")
        try spool.tick()
        spool.pass(seconds: 1)
        try spool.tick()
    }

    @Test("with .state/open lost every effect is performed again, and the spool stays byte for byte the same")
    func again() throws {
        let spool = try TestSpool(policy: Self.policy)
        try Self.story(spool)
        let types = Set(try spool.entries().compactMap { $0["type"]?.string })
        #expect(
            types.isSuperset(of: [
                "package.received", "package.refused", "approval.accepted", "approval.refused", "release.approved",
                "release.activated",
                "release.rolled-back", "request.rejected", "request.reissued", "policy.installed", "keyring.installed",
            ])
        )
        let before = try Self.tree(spool)
        try FileManager.default.removeItem(atPath: spool.path + "/.state/open")
        let tick = try spool.tick()
        #expect(tick.report.contradictions.map(\.path) + tick.report.failures.map(\.what) == [])
        #expect(Self.differences(before, try Self.tree(spool)) == [])
        #expect(spool.list(".state/staged") == [])
    }

    /// Runs a step, then puts everything but the ledger back to where it was before the step: the line is written, no effect was.
    private static func crash(
        _ spool: TestSpool,
        staged: (TestSpool) throws -> [(from: String, to: String)],
        step: () throws -> Void
    ) throws {
        let manager = FileManager.default
        let copy = spool.path + ".before"
        defer { try? manager.removeItem(atPath: copy) }
        // incoming/ stays as the step left it: a drop is known by inode and change time, which no copy keeps. A crash between the entry
        // and a drop's removal is left to the tests that kill the real program.
        try shell("cp -a \(spool.path) \(copy)")
        try step()
        let after = try tree(spool)
        let kept = try staged(spool).map { (from: spool.path + "/" + $0.from, to: $0.to) }
        let rescue = spool.path + ".staged"
        try manager.createDirectory(atPath: rescue, withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: rescue) }
        for (from, to) in kept { try shell("cp -a \(from) \(rescue)/\(to)") }
        for name in manager.subpathsTop(spool.path) where !["ledger", ".state", "incoming"].contains(name) {
            try manager.removeItem(atPath: spool.path + "/" + name)
        }
        for name in manager.subpathsTop(copy) where !["ledger", ".state", "incoming"].contains(name) {
            try manager.moveItem(atPath: "\(copy)/\(name)", toPath: "\(spool.path)/\(name)")
        }
        for name in manager.subpathsTop(rescue) {
            try manager.moveItem(atPath: "\(rescue)/\(name)", toPath: "\(spool.path)/.state/staged/\(name)")
        }
        try manager.removeItem(atPath: spool.path + "/.state/open")
        let tick = try spool.tick()
        #expect(tick.report.contradictions.map(\.path) + tick.report.failures.map(\.what) == [])
        // The notice of a rollback holds a measured time, which nobody can measure twice.
        let differences = differences(after, try tree(spool)).filter { !$0.contains("/notices/") }
        #expect(differences == [])
        #expect(spool.list(".state/staged") == [])
        #expect(spool.list("incoming/.taken") == [])
        #expect(try spool.verifyLedger() == .holds)
    }

    private static func shell(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unexpected(what: [command]) }
    }

    // The staged directory that the last entry of a type names.
    private static func staged(_ spool: TestSpool, _ type: String) throws -> String {
        try require(try spool.entries().last { $0["type"]?.string == type }?["data"]?["staged"]?.string)
    }

    @Test("receipt: entered, not yet in review/")
    func receipt() throws {
        let spool = try TestSpool(policy: Self.policy)
        try spool.dropPackage("1.0.0")
        try spool.tick()
        spool.pass(seconds: 1)
        try Self.crash(spool) { spool in
            [("review/\(try require(spool.list("review").first))", try Self.staged(spool, "package.received"))]
        } step: {
            try spool.tick()
            // What was derived after the entry was not staged with it.
            let directory = spool.path + "/review/" + (try require(spool.list("review").first))
            #expect(FileManager.default.fileExists(atPath: directory + "/receipt.json"))
        }
        #expect(spool.list("incoming/packages/staging") == [])
    }

    @Test("refusal: entered, not yet in archive/")
    func refusal() throws {
        let spool = try TestSpool(policy: Self.policy)
        try spool.write(spool.path + "/incoming/packages/staging/junk.tar.gz", "no archive at all")
        try spool.tick()
        spool.pass(seconds: 1)
        try Self.crash(spool) { spool in
            let number = try require(try spool.entries().last { $0["type"]?.string == "package.refused" }?["seq"]?.int)
            let path = try require(
                FileManager.default.subpaths(atPath: spool.path)?.first { $0.hasSuffix("/r\(number)-refused") }
            )
            return [(path, try Self.staged(spool, "package.refused"))]
        } step: {
            try spool.tick()
        }
        #expect(spool.list("incoming/packages/staging") == [])
    }

    @Test("acceptance, approval and activation: entered, nothing moved; the staged release is kept and goes live")
    func activation() throws {
        let spool = try TestSpool(policy: Self.policy)
        let request = try spool.receive("1.0.0")
        try spool.decide(request.id, "bob")
        try Self.crash(spool) { _ in
            [("deployed/staging/shared/demo-agent/releases/\(request.release)", "release-\(request.id)")]
        } step: {
            try spool.tick()
        }
        #expect(spool.live() == "releases/" + request.release)
    }

    @Test("rollback: entered, current not switched")
    func rollback() throws {
        let spool = try TestSpool(policy: Self.policy)
        var releases: [String] = []
        for version in ["1.0.0", "1.1.0"] {
            let request = try spool.receive(version)
            try spool.decide(request.id, "bob")
            try spool.tick()
            releases.append(request.release)
        }
        try spool.rollback("demo-agent", from: releases[1])
        try Self.crash(spool) { _ in
            []
        } step: {
            try spool.tick()
        }
        #expect(spool.live() == "releases/" + releases[0])
    }

    @Test("policy: entered, trust/ not yet replaced")
    func policy() throws {
        let spool = try TestSpool(policy: Self.policy)
        try spool.dropPolicy(
            Self.policy + "\n" + Self.policy.replacingOccurrences(of: "staging", with: "second"),
            version: 2,
            previous: Digest.of(spool.read("trust/policy")).tagged
        )
        try Self.crash(spool) { _ in
            []
        } step: {
            try spool.tick()
        }
        #expect(spool.list("incoming/packages") == ["second", "staging"])
    }
}

extension FileManager {
    fileprivate func subpathsTop(_ path: String) -> [String] { (try? contentsOfDirectory(atPath: path)) ?? [] }
}
