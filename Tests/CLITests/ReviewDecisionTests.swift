import SallyportBase
import SallyportTrust
import Testing

@testable import SallyportCLI

@Suite("What a reviewer puts into a text")
struct ReviewDecisionTests {
    private func text(_ decision: Approval.Decision) throws -> [UInt8] {
        let digest = Digest.of("x")
        let version = try #require(SemanticVersion("1.5.0"))
        let expires = try #require(Timestamp(text: "2026-11-22T02:12:09Z"))
        let approval = Approval(
            pipeline: "5f2c6f0a9d3e4b7c8a1d2e3f40516273",
            request: RequestReference(number: 7, leaf: digest),
            issue: 1,
            decision: decision,
            reviewer: "alice",
            environment: "production",
            tenant: "shared",
            agent: "triage",
            version: version,
            package: FileDigest(name: "triage-1.5.0.tar.gz", digest: digest),
            manifest: digest,
            report: digest,
            size: 12,
            capabilities: [],
            submitter: "dave",
            replaces: nil,
            rollback: .allowed,
            policy: PolicyReference(environment: "production", version: 1, block: digest),
            expires: expires
        )
        return try approval.text()
    }

    private func status(_ body: () throws -> Void) -> SallyportCLI.ExitStatus? {
        do { try body() } catch let failure as Failure { return failure.status } catch { return nil }
        return nil
    }

    @Test("a reason replaces the dash and nothing else")
    func reason() throws {
        let before = try text(.approve)
        let decision = try ReviewDecision(.approve, reason: "read it", findings: [], remedies: [])
        let after = try decision.fill(before, place: "t")
        let expected = String(decoding: before, as: UTF8.self).replacing("reason: -", with: "reason: read it")
        #expect(String(decoding: after, as: UTF8.self) == expected)
    }

    @Test("a reason that an editor has written stays")
    func keepsReason() throws {
        let edited = String(decoding: try text(.approve), as: UTF8.self).replacing("reason: -", with: "reason: mine")
        let decision = try ReviewDecision(.approve, reason: nil, findings: [], remedies: [])
        #expect(try decision.fill(Array(edited.utf8), place: "t") == Array(edited.utf8))
    }

    @Test("findings and remedies replace the placeholder, in their order")
    func findings() throws {
        let decision = try ReviewDecision(
            .reject,
            reason: "no",
            findings: ["error:agent.json:too many tools", "warning:prompts:vague: very"],
            remedies: ["remove one", "say more"]
        )
        let after = String(decoding: try decision.fill(try text(.reject), place: "t"), as: UTF8.self)
        #expect(
            after.contains(
                "finding: error agent.json too many tools\nremedy: remove one\nfinding: warning prompts vague: very\nremedy: say more\nreason: no\nend\n"
            )
        )
    }

    @Test("dashes that are left, the other decision and foreign bytes are refused")
    func refusals() throws {
        let silent = try ReviewDecision(.approve, reason: nil, findings: [], remedies: [])
        #expect(status { _ = try silent.fill(try text(.approve), place: "t") } == .usage)
        let bare = try ReviewDecision(.reject, reason: "no", findings: [], remedies: [])
        #expect(status { _ = try bare.fill(try text(.reject), place: "t") } == .usage)
        let yes = try ReviewDecision(.approve, reason: "yes", findings: [], remedies: [])
        #expect(status { _ = try yes.fill(try text(.reject), place: "t") } == .refused)
        #expect(status { _ = try yes.fill(Array("hello\n".utf8), place: "t") } == .refused)
        let tab = try ReviewDecision(.approve, reason: "a\tb", findings: [], remedies: [])
        #expect(status { _ = try tab.fill(try text(.approve), place: "t") } == .usage)
    }

    @Test(
        "wrong words on the command line are wrong usage",
        arguments: [["fatal:x:y"], ["error:x"], ["error::y"], ["error:a b:y"]]
    )
    func usage(_ finding: [String]) {
        #expect(status { _ = try ReviewDecision(.reject, reason: "r", findings: finding, remedies: ["do"]) } == .usage)
        #expect(
            status { _ = try ReviewDecision(.reject, reason: "r", findings: ["error:x:y"], remedies: []) } == .usage
        )
    }

    @Test("the printed commands, run by sh and sed, give the bytes that we would have signed")
    func commands() throws {
        let place = try Place()
        let before = try text(.reject)
        let decision = try ReviewDecision(
            .reject,
            reason: "it's a/b & c \\ d $(id) `id`",
            findings: ["error:x:one & two/three"],
            remedies: ["use 'this'"]
        )
        let filled = try decision.fill(before, place: "t")
        let source = place.path + "/the text"
        let file = place.path + "/r7.alice.reject"
        try place.write(String(decoding: before, as: UTF8.self), to: source)
        let lines = ReviewDecision.commands(file: file, source: source, filled: filled, scheme: .minisign, key: "k.key")
        #expect(lines.last == "minisign -S -s k.key -m \(file)")
        let ran = try place.run("sh", ["-ec", lines.dropLast().joined(separator: "\n")])
        #expect(ran.status == 0, "\(ran.err)")
        #expect(Array(try place.text(file).utf8) == filled)
    }
}
