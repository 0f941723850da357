import SallyportBase
import SallyportTrust
import Testing

@testable import SallyportCLI

@Suite("init")
struct InitTests {
    @Test("makes every directory with its mode, whatever the umask says", arguments: ["022", "077", "000"])
    func modes(_ umask: String) throws {
        let place = try Place()
        let made = try place.run(
            "sh",
            ["-c", "umask \(umask); exec \"$0\" init \"$1\"", builtExecutablePath, place.home]
        )
        #expect(made.status == 0, "\(made.err)")
        let expected: [(String, Int)] = [
            ("spool/incoming", 0o755), ("spool/incoming/.taken", 0o700), ("spool/incoming/packages", 0o3730),
            ("spool/incoming/approvals", 0o3730), ("spool/incoming/orders", 0o3730), ("spool/incoming/trust", 0o3730),
            ("spool/incoming/evidence", 0o3730), ("spool/incoming/telemetry", 0o3730), ("spool/review", 0o2750),
            ("spool/approved", 0o2750), ("spool/archive", 0o2750), ("spool/outbox", 0o2750), ("spool/deployed", 0o755),
            ("spool/public", 0o755), ("spool/ledger", 0o755), ("spool/.state", 0o700), ("spool/.state/locks", 0o700),
            ("keys", 0o750), ("keys/runner.key", 0o440), ("keys/runner.pub", 0o444), ("keys/keyring.draft", 0o644),
            ("keys/policy.draft", 0o644),
        ]
        for (name, mode) in expected {
            #expect(try place.mode("\(place.home)/\(name)") == mode, "\(name) under umask \(umask)")
        }
        #expect(try place.names(place.spool + "/incoming/packages") == [])
        #expect(try place.names(place.spool + "/.state/init") == [])
        #expect(try place.sallyport("ledger", "verify").status == 0)
    }

    @Test("the policy draft is a policy of twenty lines; the keyring draft becomes a keyring once keys stand in it")
    func drafts() throws {
        let place = try Place()
        #expect(try place.sallyport("init").status == 0)
        let policy = try place.text(place.keys + "/policy.draft")
        #expect(policy.split(separator: "\n").count == 20)
        guard case .success(let parsed) = Policy.unverified(Array(policy.utf8)) else {
            Issue.record("policy.draft does not parse")
            return
        }
        #expect(parsed.environments.map(\.name) == ["staging", "production"])

        let keyring = try place.text(place.keys + "/keyring.draft")
        guard case .failure = Keyring.unverified(Array(keyring.utf8)) else {
            Issue.record("placeholders are taken for keys")
            return
        }
        var filled = keyring
        for name in ["ROOT", "ALICE", "BOB", "CAROL", "DAVE"] {
            let key = try #require(SigningKey.generate())
            let line = SSHPublicKey.ed25519(key.publicKey).line
            filled = filled.replacing("sshsig ssh-ed25519 PUBLIC-KEY-OF-\(name)", with: "sshsig \(line)")
            filled = filled.replacing("minisign PUBLIC-KEY-OF-\(name)", with: "sshsig \(line)")
        }
        guard case .success(let people) = Keyring.unverified(Array(filled.utf8)) else {
            Issue.record("keyring.draft with keys does not parse")
            return
        }
        #expect(people.persons == ["alice", "bob", "carol", "dave"])
        #expect(people.demo == false)
    }

    struct Obstacle: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let path: String
    }

    @Test(
        "refuses to initialise over something and changes nothing",
        arguments: [
            Obstacle(testDescription: "a ledger, even an empty one", path: "spool/ledger"),
            Obstacle(testDescription: "an installed keyring", path: "spool/trust"),
            Obstacle(testDescription: "a pin", path: "keys/pinned"),
        ]
    )
    func refusals(_ obstacle: Obstacle) throws {
        let place = try Place()
        let path = "\(place.home)/\(obstacle.path)"
        #expect(try place.run("mkdir", ["-p", path]).status == 0)
        let again = try place.sallyport("init")
        #expect(again.status == 65)
        #expect(again.err.contains("is there: nothing is ever initialised over it"))
        #expect(!place.exists(place.keys + "/runner.key"))
    }

    @Test("a second init is refused, and the first ledger stays as it is")
    func twice() throws {
        let place = try Place()
        #expect(try place.sallyport("init").status == 0)
        let before = try place.text(place.spool + "/ledger/checkpoint")
        #expect(try place.sallyport("init").status == 65)
        #expect(try place.text(place.spool + "/ledger/checkpoint") == before)
    }

    @Test("killed before the memory of its signature is in place, it starts over with the same key")
    func killedEarly() throws {
        let place = try Place()
        #expect(try place.sallyport("init").status == 0)
        let key = try place.text(place.keys + "/runner.key")
        // What a kill between the creation of the ledger and the move of `signed` leaves.
        _ = try place.run("mkdir", [place.spool + "/.state/init/0011223344556677"])
        try place.move(place.spool + "/ledger", to: place.spool + "/.state/init/0011223344556677/ledger")
        try place.move(place.spool + "/.state/signed", to: place.spool + "/.state/init/0011223344556677/signed")
        #expect(try place.sallyport("init").status == 0)
        #expect(try place.text(place.keys + "/runner.key") == key)
        #expect(try place.names(place.spool + "/.state/init") == [])
        #expect(try place.sallyport("ledger", "verify").status == 0)
    }

    @Test("killed before the last rename, it shows the very ledger that was signed")
    func killedLate() throws {
        let place = try Place()
        #expect(try place.sallyport("init").status == 0)
        let checkpoint = try place.text(place.spool + "/ledger/checkpoint")
        _ = try place.run("mkdir", [place.spool + "/.state/init/0011223344556677"])
        try place.move(place.spool + "/ledger", to: place.spool + "/.state/init/0011223344556677/ledger")
        #expect(try place.sallyport("init").status == 0)
        #expect(try place.text(place.spool + "/ledger/checkpoint") == checkpoint)
        #expect(try place.names(place.spool + "/.state/init") == [])
        #expect(try place.sallyport("ledger", "verify").status == 0)
    }

    @Test("a ledger that was lost is no killed init: 70, and nothing is signed again")
    func lostLedger() throws {
        let place = try Place()
        #expect(try place.sallyport("init").status == 0)
        try place.remove(place.spool + "/ledger")
        let again = try place.sallyport("init")
        #expect(again.status == 70)
        #expect(again.err.contains("speaks of a ledger that is not there"))
        #expect(!place.exists(place.spool + "/ledger"))
    }

    @Test("the key of another log is neither used nor replaced")
    func foreignKey() throws {
        let place = try Place()
        #expect(try place.sallyport("init", "--origin", "example.org/one").status == 0)
        let key = try place.text(place.keys + "/runner.key")
        let other = try place.sallyport(
            "init",
            "--spool",
            place.path + "/other",
            "--keys",
            place.keys,
            "--origin",
            "example.org/two"
        )
        #expect(other.status == 65)
        #expect(try place.text(place.keys + "/runner.key") == key)
        #expect(!place.exists(place.path + "/other/ledger"))
    }
}
