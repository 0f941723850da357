import Foundation
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportLedger
import SallyportPackages
import SallyportRunner
import SallyportTrust
import Synchronization
import TestSupport

/// A spool of its own in a temporary directory, with people, keys and a clock that the test moves. Everything is real but the clock and
/// the keys' owners: signatures, child, disk.
final class TestSpool: Sendable {
    let path: String
    let keys: String
    let people: [String: SigningKey]
    let pipeline = Random.id()
    private let instant = Mutex(Timestamp(seconds: 1_800_000_000))

    static let standardPolicy = """
        environment: staging production=no
        gate: need=1 role=reviewer
        build: optional
        settle: 1s
        environment: production production=yes
        gate: need=1 role=reviewer
        gate: need=1 role=security
        build: optional
        settle: 1s
        """

    init(policy: String = standardPolicy) throws {
        path = NSTemporaryDirectory() + "sallyport-" + Random.id()
        keys = path + ".keys"
        var people: [String: SigningKey] = [:]
        for name in ["root", "alice", "bob", "carol", "dave", "erin", "frank", "stranger"] {
            people[name] = SigningKey.generate()
        }
        self.people = people
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        let root = try Directory.open(path: path)
        for (names, mode) in Spool.directories {
            let parent = try root.open(Array(names.dropLast()))
            try parent.makeDirectory(names[names.count - 1], mode: mode)
        }
        for area in Spool.areas { try root.open("incoming").makeDirectory(area, mode: Spool.dropMode) }
        let seed = try require(SigningKey.generate())
        let signer = try require(NoteSigner(name: "sallyport/" + pipeline, key: seed))
        try write(keys + "/runner.key", signer.skey + "\n")
        try write(keys + "/runner.pub", signer.verifier.vkey + "\n")
        let state = try root.open(".state")
        try state.open("init").makeDirectory("ledger")
        _ = try Ledger.create(
            ledger: state.open(["init", "ledger"]),
            state: state,
            signer: signer,
            pipeline: pipeline,
            tool: "test",
            at: now,
            run: "test"
        )
        try state.open("init").rename("ledger", to: root, as: "ledger")
        try installTrust(policy)
    }

    deinit {
        guard ProcessInfo.processInfo.environment["SALLYPORT_KEEP"] == nil else { return }
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: keys)
    }

    var now: Timestamp { instant.withLock { $0 } }
    func pass(seconds: Int64) { instant.withLock { $0 = $0.adding(seconds: seconds) } }

    func line(_ person: String) -> String {
        people[person].map { SSHPublicKey.ed25519($0.publicKey).line } ?? ""
    }

    /// Signs a text as somebody, in any namespace.
    func sign(_ text: String, by person: String, namespace: String = DocumentKind.approval.namespace) throws -> [UInt8]
    {
        SSHSignature.sign(text: Array(text.utf8), namespace: namespace, with: try require(people[person]))
    }

    /// Every line of the ledger, in order.
    func entries() throws -> [JSON] {
        try read("ledger/lines/000.jsonl").split(separator: "\n").map { try JSON.parse(Array($0.utf8), limit: 1 << 16) }
    }

    /// What `data.code` the refusals in the ledger have, in order.
    func refusals() throws -> [String] {
        try entries().filter { $0["type"]?.string?.hasSuffix(".refused") == true }.compactMap {
            $0["data"]?["code"]?.string
        }
    }

    /// The verdict of a stranger who has nothing but the ledger's directory and the runner's public key.
    func verifyLedger() throws -> LedgerVerification.Verdict {
        let verifier = try NoteVerifier(
            vkey: try String(contentsOfFile: keys + "/runner.pub", encoding: .utf8).trimmingCharacters(in: .newlines)
        )
        return try LedgerVerification.verify(try Directory.open(path: path + "/ledger"), verifier: verifier).verdict
    }

    /// The release that agents see, `nil` when there is none.
    func live(_ agent: String = "demo-agent", in environment: String = "staging") -> String? {
        try? FileManager.default.destinationOfSymbolicLink(
            atPath: "\(path)/deployed/\(environment)/shared/\(agent)/current"
        )
    }

    /// A package from the drop to review.
    func receive(_ version: String, agent: String = "demo-agent", environment: String = "staging", extra: String = "")
        throws -> Request
    {
        try dropPackage(version, agent: agent, environment: environment, extra: extra)
        try tick()
        pass(seconds: 1)
        let projection = try tick().projection
        return try require(projection.openRequests.last { $0.agent == agent && $0.version == version })
    }

    private func installTrust(_ policy: String) throws {
        let from = "from=2026-01-01T00:00:00Z until=2100-01-01T00:00:00Z"
        func key(_ person: String, _ roles: String) -> String {
            "key: \(person)/1 sshsig \(line(person)) roles=\(roles) env=* tenant=* agent=* \(from)"
        }
        let keyring = """
            sallyport-keyring v1
            pipeline: \(pipeline)
            version: 1
            previous: none
            expires: 2090-01-01T00:00:00Z
            root-threshold: 1
            root: root sshsig \(line("root"))
            person: alice
            person: bob
            person: carol
            person: dave
            person: erin
            person: frank
            \(key("alice", "reviewer,security"))
            \(key("bob", "reviewer"))
            \(key("carol", "operator"))
            \(key("dave", "submitter,reviewer"))
            \(key("erin", "reviewer"))
            \(key("frank", "reviewer"))
            submitter-uid: dave \(getuid())
            end

            """
        try write(keys + "/pinned", Digest.of(keyring).tagged + "\n")
        try drop(keyring, in: "trust", as: "keyring.1", signedBy: "root", kind: .keyring)
        try expectQuiet(tick())
        try dropPolicy(policy, version: 1, previous: "none")
        try expectQuiet(tick())
    }

    private func expectQuiet(_ tick: Tick) throws {
        let said = tick.report.refused.map(\.code) + tick.report.failures.map(\.what) + tick.report.waiting.map(\.text)
        if !said.isEmpty { throw Unexpected(what: said) }
    }

    func dropPolicy(_ body: String, version: Int, previous: String) throws {
        let text = """
            sallyport-policy v1
            pipeline: \(pipeline)
            version: \(version)
            previous: \(previous)
            \(body)
            end

            """
        try drop(text, in: "trust", as: "policy.\(version)", signedBy: "root", kind: .policy)
    }

    func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    func exists(_ name: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path + "/" + name)) != nil
    }

    func list(_ name: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + name)) ?? []).sorted()
    }

    /// Signs a text and drops it, the signature first.
    func drop(_ text: String, in area: String, as name: String, signedBy person: String, kind: DocumentKind) throws {
        let key = try require(people[person])
        let signature = SSHSignature.sign(text: Array(text.utf8), namespace: kind.namespace, with: key)
        try Data(signature).write(to: URL(fileURLWithPath: "\(path)/incoming/\(area)/\(name).sig"))
        try write("\(path)/incoming/\(area)/\(name)", text)
    }

    /// One tick with the test's clock.
    @discardableResult
    func tick() throws -> Tick {
        let tick = try Tick(spool: path, keys: keys, clock: Clock { self.now }, executable: builtExecutable)
        try tick.perform()
        return tick
    }

    /// Packs an agent with tar and drops it without a ticket: dave is its submitter, by his uid.
    func dropPackage(
        _ version: String,
        agent: String = "demo-agent",
        environment: String = "staging",
        data: String = "public",
        extra: String = "",
        name: String? = nil
    ) throws {
        let folder = path + ".package-" + Random.id()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/prompts", withIntermediateDirectories: true)
        try write(
            folder + "/agent.json",
            """
            {"schema": "sallyport.agent/v1", "name": "\(agent)", "version": "\(version)",
             "owner": {"team": "t", "contact": "c"}, "dataClassification": "\(data)",
             "runtime": {"kind": "process"}, "rollback": {"stateCompatible": true}\(extra),
             "tools": [{"name": "kb.search", "access": "read", "risk": "low", "auth": "none"}]}
            """
        )
        try write(folder + "/prompts/system.txt", "You answer questions. This is \(version).\n")
        let file = "\(path)/incoming/packages/\(environment)/\(name ?? "\(agent)-\(version).tar.gz")"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tar")
        process.arguments = ["-C", folder, "--owner=0", "--group=0", "-czf", file, "agent.json", "prompts"]
        try process.run()
        process.waitUntilExit()
    }

    /// Puts the reason into a pre-filled text, signs and drops it.
    func decide(_ request: String, _ person: String, _ decision: String = "approve", stage: String = "review") throws {
        let directory = try require(list(stage).first { $0.hasPrefix(request + "-") })
        var text = try read("\(stage)/\(directory)/\(request).\(person).\(decision)")
        text = text.replacingOccurrences(of: "reason: -\n", with: "reason: read it all\n")
        text = text.replacingOccurrences(
            of: "finding: error - -\nremedy: -\n",
            with: "finding: error prompts/system.txt too vague\nremedy: say what it may not do\n"
        )
        try drop(text, in: "approvals", as: "\(request).\(person).\(decision)", signedBy: person, kind: .approval)
    }

    func rollback(_ agent: String, from: String, to: String = "last-good", environment: String = "staging") throws {
        let text = """
            sallyport-order v1
            pipeline: \(pipeline)
            order: rollback
            operator: carol
            environment: \(environment)
            tenant: shared
            agent: \(agent)
            from: \(from)
            to: \(to)
            reason: error rate 12 % since 10:05
            incident: INC-4711
            nonce: \(Random.id())
            issued: \(now)
            expires: \(now.adding(seconds: 3600))
            end

            """
        try drop(text, in: "orders", as: "rollback-" + Random.id(), signedBy: "carol", kind: .order)
    }
}

struct Missing: Error {}
struct Unexpected: Error { let what: [String] }

func require<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}
