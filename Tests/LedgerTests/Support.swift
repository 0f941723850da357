import Foundation
import SallyportBase
import SallyportDisk
import SallyportTrust
import Testing

@testable import SallyportLedger

/// A spool of its own in a temporary directory, removed at the end.
final class TestSpool {
    let path: String
    let signer: NoteSigner

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/sallyport-ledger-" + Random.id()
        for name in ["ledger", "state", "outside"] {
            try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        }
        signer = try testSigner()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var ledger: Directory { get throws { try Directory.open(path: path + "/ledger") } }
    var state: Directory { get throws { try Directory.open(path: path + "/state") } }
    var outside: Directory { get throws { try Directory.open(path: path + "/outside") } }
    var verifier: NoteVerifier { signer.verifier }

    static let start = Timestamp(seconds: 1_788_220_800)

    @discardableResult
    func create() throws -> Ledger {
        try Ledger.create(
            ledger: ledger,
            state: state,
            signer: signer,
            pipeline: "5f2c",
            tool: "0.1.0",
            at: Self.start,
            run: "run-1",
            outside: outside
        )
    }

    func open(_ access: Ledger.Access = .runner) throws -> Ledger {
        try Ledger.open(ledger: ledger, state: state, verifier: verifier, access: access, outside: outside)
    }

    func verify(from older: [(name: String, note: [UInt8])] = []) throws -> LedgerVerification {
        try LedgerVerification.verify(ledger, verifier: verifier, from: older)
    }

    /// Every file and directory with its bytes, by path.
    func tree(_ below: String = "") throws -> [String: Data] {
        var found: [String: Data] = [:]
        let root = path + below
        for name in FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String }) ?? [] {
            found[name] = FileManager.default.contents(atPath: root + "/" + name) ?? Data("directory".utf8)
        }
        return found
    }

    func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: path + "/" + name).map { Array($0) } ?? []
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    func copy() throws -> TestSpool {
        let other = try TestSpool()
        try FileManager.default.removeItem(atPath: other.path)
        try FileManager.default.copyItem(atPath: path, toPath: other.path)
        return other
    }
}

/// The key of the published vectors: seed SHA-256("tlogwrite test key 1").
func testSigner(_ name: String = "ledger.example/adp1") throws -> NoteSigner {
    let key = try #require(SigningKey(seed: Digest.of("tlogwrite test key 1").bytes))
    return try #require(NoteSigner(name: name, key: key))
}

/// A decision that touches nothing of anybody's.
func heartbeat(_ number: Int = 0) -> Decision { Decision(.ledgerHeartbeat, data: ["n": .int(Int64(number))]) }

extension Ledger {
    /// Appends as one who has folded everything.
    @discardableResult
    func enter(_ decisions: [Decision], at seconds: Int64 = 1) throws -> Appended {
        try append(decisions, basedOn: tail.size, at: TestSpool.start.adding(seconds: seconds), run: "run-2")
    }
}

/// Repeatable random numbers (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
