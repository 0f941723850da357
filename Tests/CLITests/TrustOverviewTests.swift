import SallyportBase
import SallyportTrust
import Testing

@testable import SallyportCLI

@Suite("Are there enough people for every gate?")
struct TrustOverviewTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let roles: [String: String]
        let gates: [String]
        let status: Int32
        /// Places of each gate that nobody can fill.
        let missing: [Int]
    }

    static let cases = [
        Case(
            testDescription: "two people for two roles",
            roles: ["alice": "security", "bob": "reviewer"],
            gates: ["need=1 role=reviewer", "need=1 role=security"],
            status: 0,
            missing: [0, 0]
        ),
        Case(
            testDescription: "one person with both roles cannot be two people",
            roles: ["alice": "reviewer,security"],
            gates: ["need=1 role=reviewer", "need=1 role=security"],
            status: 65,
            missing: [0, 1]
        ),
        Case(
            testDescription: "a role that nobody has",
            roles: ["alice": "reviewer"],
            gates: ["need=1 role=reviewer", "need=1 role=risk-owner"],
            status: 65,
            missing: [0, 1, 1]
        ),
        Case(
            testDescription: "production needs security though no gate asks for it",
            roles: ["alice": "reviewer"],
            gates: ["need=1 role=reviewer"],
            status: 65,
            missing: [0, 1]
        ),
        Case(
            testDescription: "two of a role that has one",
            roles: ["alice": "security", "bob": "reviewer"],
            gates: ["need=2 role=reviewer", "need=1 role=security"],
            status: 65,
            missing: [1, 0]
        ),
    ]

    private let now = Timestamp(seconds: 1_800_000_000)

    private func overview(_ example: Case, at instant: Timestamp) throws -> TrustOverview {
        func key() throws -> String {
            "sshsig " + SSHPublicKey.ed25519(try #require(SigningKey.generate()).publicKey).line
        }
        let id = String(repeating: "0", count: 32)
        let signer = try #require(SigningKey.generate().flatMap { NoteSigner(name: "log", key: $0) })
        let people = try example.roles.sorted { $0.key < $1.key }.map { name, roles in
            Drafts.Person(name: name, key: try key(), roles: roles)
        }
        let keyring = Drafts.keyring(
            pipeline: id,
            vkey: signer.verifier.vkey,
            root: try key(),
            people: people,
            now: now,
            days: 7,
            demo: false,
            uid: nil
        )
        let lines =
            ["sallyport-policy v1", "pipeline: \(id)", "version: 1", "previous: none", "environment: production"]
            + example.gates.map { "gate: \($0)" } + ["end", ""]
        return TrustOverview(
            try Keyring.unverified(Array(keyring.utf8)).get(),
            try Policy.unverified(Array(lines.joined(separator: "\n").utf8)).get(),
            now: instant
        )
    }

    @Test("tells each gate that cannot be filled", arguments: cases)
    func gates(_ example: Case) throws {
        let result = try overview(example, at: now)
        #expect(result.status.rawValue == example.status)
        #expect(result.environments.first?.gates.map(\.unfilled) == example.missing)
    }

    @Test("an expired keyring is unusable, whoever there is")
    func expired() throws {
        let result = try overview(Self.cases[0], at: now.adding(seconds: 7 * 86_400))
        #expect(result.status == .configuration)
        #expect(result.text.contains("EXPIRED"))
    }
}
