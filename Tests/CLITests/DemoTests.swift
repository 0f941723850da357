import SallyportTrust
import TestSupport
import Testing

@testable import SallyportCLI

let builtExecutablePath = builtExecutable

@Suite("init --demo and the verbs behind it, with the real tools")
struct DemoTests {
    private func demo() throws -> Place {
        let place = try Place()
        let made = try place.sallyport("init", "--demo")
        try #require(made.status == 0, "\(made.err)")
        return place
    }

    @Test("keyring and policy verify with ssh-keygen, are pinned and installed")
    func installed() throws {
        let place = try demo()
        let root = try place.text(place.keys + "/demo/root.pub").split(separator: " ")
        try place.write("root \(root[0]) \(root[1])\n", to: place.path + "/signers")
        for kind in ["keyring", "policy"] {
            let draft = "\(place.keys)/\(kind).draft"
            let words = [
                "-Y", "verify", "-f", "signers", "-I", "root", "-n", "\(kind).v1@sallyport", "-s", draft + ".sig",
            ]
            #expect(try place.run("ssh-keygen", words, input: draft).status == 0, "\(kind)")
        }
        let sum = try place.run("sha256sum", [place.keys + "/keyring.draft"]).out.prefix(64)
        #expect(try place.text(place.keys + "/pinned") == "sha256:\(sum)\n")
        #expect(try place.names(place.spool + "/incoming/packages") == ["production", "staging"])
        #expect(try place.names(place.spool + "/incoming/trust") == [])
        let check = try place.sallyport("trust", "check", "--json")
        #expect(check.status == 0, "\(check.out)\(check.err)")
        #expect(check.out.contains("\"demo\": true"))
    }

    @Test("a demo that was killed before its pin goes on where it was, and nothing is handed over twice")
    func killed() throws {
        let place = try Place()
        // Everything up to the commit point, and nothing behind it.
        let maker = SpoolMaker(spoolPath: place.spool, keysPath: place.keys, origin: nil, clock: .system)
        _ = try maker.make { try Init.prepare($0, demo: true) }
        let checkpoint = try place.text(place.spool + "/ledger/checkpoints/1")
        #expect(!place.exists(place.keys + "/pinned"))
        let again = try place.sallyport("init", "--demo")
        #expect(again.status == 0, "\(again.err)")
        #expect(place.exists(place.keys + "/pinned"))
        #expect(place.exists(place.spool + "/trust/keyring"))
        let log = try place.sallyport("ledger", "log", "--jsonl").out
        #expect(log.split(separator: "\n").count == 3)
        #expect(log.contains("policy.installed"))
        #expect(try place.text(place.spool + "/ledger/checkpoints/1") == checkpoint)
    }

    @Test("trust install: again is no error, another keyring is")
    func installAgain() throws {
        let place = try demo()
        let again = try place.sallyport("trust", "install", "--json")
        #expect(again.status == 0, "\(again.err)")
        #expect(again.out.contains("\"dropped\": []"))
        try place.remove(place.keys + "/pinned")
        try place.write("sha256:\(String(repeating: "0", count: 64))\n", to: place.keys + "/pinned")
        let other = try place.sallyport("trust", "install")
        #expect(other.status == 65, "\(other.err)")
        #expect(other.err.contains("another keyring is pinned"))
        #expect(try place.names(place.spool + "/incoming/trust") == [])
    }

    @Test("an altered draft is refused with its code, an unsigned one is missing its signature")
    func badDrafts() throws {
        let place = try Place()
        #expect(try place.sallyport("init").status == 0)
        let unsigned = try place.sallyport("trust", "install")
        #expect(unsigned.status == 65)
        #expect(unsigned.err.contains("PUBLIC-KEY-OF-"))
        let demo = try demo()
        try demo.remove(demo.keys + "/pinned")
        let draft = try demo.text(demo.keys + "/policy.draft")
        try demo.write(
            draft.replacing("need=1 role=security", with: "need=2 role=security"),
            to: demo.keys + "/policy.draft"
        )
        let altered = try demo.sallyport("trust", "install")
        #expect(altered.status == 65)
        #expect(altered.err.contains("E-SIG-INVALID"), "\(altered.err)")
        #expect(!demo.exists(demo.keys + "/pinned"))
    }

    @Test("who may not give an order is told before anything is dropped")
    func notAnOperator() throws {
        let place = try demo()
        let unknown = try place.sallyport(
            "rollback",
            "triage",
            "--env",
            "production",
            "--reason",
            "x",
            "--key",
            place.keys + "/demo/carol"
        )
        #expect(unknown.status == 66)
        #expect(unknown.err.contains("nothing was ever live there"))
        #expect(try place.names(place.spool + "/incoming/orders") == [])
    }

    @Test("a key with a passphrase is refused by name, with the way out")
    func encryptedKey() throws {
        let place = try demo()
        let key = place.path + "/locked"
        #expect(try place.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", key]).status == 0)
        let refused = try place.sallyport("approve", "r9", "--key", key, "--reason", "x")
        #expect(refused.status == 65)
        #expect(refused.err.contains("[E-KEYFILE-ENCRYPTED]"))
        #expect(refused.err.contains("--print-command"))
    }
}
