import Foundation
import TestSupport
import Testing

@Suite("the story, told by the binary")
struct StoryTests {
    private static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("examples").path

    private func key(_ place: Place, _ person: String) -> String { "\(place.keys)/demo/\(person)" }

    /// Two packages of one agent in the folder of the test.
    private func pack(_ story: Transcript) throws {
        let place = story.place
        try FileManager.default.copyItem(atPath: Self.examples + "/invoice-triage", toPath: place.path + "/source")
        try story.sallyport("package", "pack", "source", "-o", "old.tar.gz")
        let newer = Self.examples + "/invoice-triage-1.5.0/."
        try #require(try place.run("cp", ["-r", newer, place.path + "/source/"]).status == 0)
        try story.sallyport("package", "pack", "source", "-o", "new.tar.gz")
    }

    /// Bob's approval, signed by minisign itself, into the door.
    private func approveByMinisign(_ place: Place, _ request: String) throws {
        let name = "\(request).bob.approve"
        let folder = try #require(try place.names(place.spool + "/review").first { $0.hasPrefix(request + "-") })
        let text = try place.text("\(place.spool)/review/\(folder)/\(name)")
        try place.write(text.replacing("\nreason: -\n", with: "\nreason: read it\n"), to: "\(place.path)/\(name)")
        let signed = try place.run("minisign", ["-S", "-W", "-s", key(place, "bob") + ".key", "-m", name])
        try #require(signed.status == 0, "\(signed.err)")
        for ending in [".minisig", ""] {
            try place.move(place.path + "/\(name)\(ending)", to: "\(place.spool)/incoming/approvals/\(name)\(ending)")
        }
    }

    @Test("two versions go live, one is rejected first, one is rolled back, and the ledger holds")
    func story() throws {
        let place = try Place()
        let story = Transcript(place, "from an empty folder to a rollback, as people see it")
        try story.sallyport("init", "--demo")
        try story.sallyport("status")
        try pack(story)
        try story.sallyport(
            "submit",
            "old.tar.gz",
            "--env",
            "production",
            "--key",
            key(place, "dave"),
            "--change",
            "CHG-1"
        )
        try story.sallyport("status")
        try story.sallyport("run")
        try story.sallyport("status")
        story.note("bob signs with minisign and brings his text")
        try approveByMinisign(place, "r3")
        try story.sallyport("run")
        try story.sallyport("status", "r3")
        try story.sallyport("approve", "r3", "--key", key(place, "alice"), "--reason", "read it", "--drop", "-q")
        try story.sallyport("run")
        try story.sallyport("status")
        try story.sallyport("submit", "new.tar.gz", "--env", "production", "--key", key(place, "dave"))
        try story.sallyport("run")
        try story.sallyport(
            "reject",
            "r8",
            "--key",
            key(place, "alice"),
            "--reason",
            "too wide",
            "--finding",
            "error:agent.json:egress is not needed",
            "--remedy",
            "remove models.internal:443",
            "--drop",
            "-q"
        )
        try story.sallyport("run")
        try story.sallyport("status", "r8")
        story.note("the same bytes again, and this time both agree")
        try story.sallyport("submit", "new.tar.gz", "--env", "production", "--key", key(place, "dave"))
        try story.sallyport("run")
        try approveByMinisign(place, "r11")
        try story.sallyport("approve", "r11", "--key", key(place, "alice"), "--reason", "agreed", "--drop", "-q")
        try story.sallyport("run")
        try story.sallyport("history", "invoice-triage")
        try story.sallyport(
            "rollback",
            "invoice-triage",
            "--env",
            "production",
            "--reason",
            "posted twice",
            "--key",
            key(place, "carol")
        )
        try story.sallyport("history", "invoice-triage")
        try story.sallyport("status")
        story.note("what was rolled back from does not come in again while the agent is on hold")
        try story.sallyport("submit", "new.tar.gz", "--env", "production", "--key", key(place, "dave"))
        try story.sallyport("run")
        try place.write("an upstream field was read twice\n", to: place.path + "/cause.txt")
        try story.sallyport(
            "order",
            "lift-hold",
            "invoice-triage",
            "--env",
            "production",
            "--cause",
            "cause.txt",
            "--reason",
            "fixed",
            "--key",
            key(place, "carol")
        )
        try story.sallyport("status")
        try story.sallyport("ledger", "log")
        try story.sallyport("ledger", "verify")
        try story.sallyport("verify")
        try story.compare("story")

        let live = place.spool + "/deployed/production/shared/invoice-triage/current"
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: live)
        #expect(link == "releases/1.4.2-r3")
        #expect(try place.names(place.spool + "/.state/staged") == [])
        let closed = try #require(
            FileManager.default.subpaths(atPath: place.spool + "/archive")?.first { $0.hasSuffix("-1.5.0/feedback.md") }
        )
        // Without Markdown's escapes.
        let feedback = try place.text(place.spool + "/archive/" + closed).replacing("\\", with: "")
        #expect(feedback.contains("alice says: too wide"))
        #expect(feedback.contains("- what: egress is not needed\n- remedy: remove models.internal"))
        try strangersAgree(place)
    }

    /// The auditors' scripts, which share nothing with us, say the same about this ledger, and see what is wrong with another.
    private func strangersAgree(_ place: Place) throws {
        let scripts = Self.examples + "/audit"
        let ledger = place.spool + "/ledger"
        let lines = try place.run("python3", [scripts + "/verify_ledger.py", ledger, place.keys + "/runner.pub"])
        #expect(lines.status == 0, "\(lines.out)\(lines.err)")
        func approvals(pin: String) throws -> Place.Ran {
            try place.run("python3", [scripts + "/verify_approvals.py", ledger, "--pin", pin])
        }
        let good = try approvals(pin: place.keys + "/pinned")
        #expect(good.status == 0, "\(good.out)\(good.err)")
        #expect(good.out.contains("1.5.0-r11 was approved by alice, bob"))
        #expect(try approvals(pin: String(repeating: "0", count: 64)).status == 65)
        // Another word in the text that alice signed: neither its digest nor her signature holds.
        let evidence = try #require(FileManager.default.subpaths(atPath: ledger + "/evidence")).map {
            ledger + "/evidence/" + $0
        }
        let signed = try #require(evidence.first { (try? place.text($0))?.contains("\nreason: agreed\n") == true })
        let text = try place.text(signed).replacing("\nreason: agreed\n", with: "\nreason: refuse\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: signed)
        try place.write(text, to: signed)
        #expect(try approvals(pin: place.keys + "/pinned").status == 65)
    }

    @Test("one changed byte of the ledger is told by status 70, and nothing is appended behind it")
    func tampered() throws {
        let place = try Place()
        try #require(try place.sallyport("init", "--demo").status == 0)
        let lines = place.spool + "/ledger/lines/000.jsonl"
        let good = try place.text(lines)
        try place.write(good.replacing("\"signers\":[\"root\"]", with: "\"signers\":[\"ruth\"]"), to: lines)
        for words in [["ledger", "verify"], ["verify"], ["run"]] {
            let ran = try place.run(builtExecutable, words)
            #expect(ran.status == 70, "\(words): \(ran.err)")
        }
        #expect(try place.text(lines).utf8.count == good.utf8.count)
    }
}
