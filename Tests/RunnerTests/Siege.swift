import Foundation
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportLedger
import SallyportRunner
import SallyportTrust

/// A spool under attack: one request that the attacker wants live, and one of somebody else whose approvals come in the same tick.
final class Siege {
    static let policy = """
        environment: staging production=no
        gate: need=2 role=reviewer
        build: optional
        settle: 1s
        """
    let spool: TestSpool
    /// The attacked one: dave submitted it, frank is an author of it; alice, bob and erin may decide, two must.
    let target: Request
    let innocent: Request
    private(set) var last: Tick

    init() throws {
        spool = try TestSpool(policy: Self.policy)
        try spool.dropPackage("1.0.0", extra: ", \"authors\": [\"frank\"]")
        try spool.dropPackage("1.0.0", agent: "innocent")
        try spool.tick()
        spool.pass(seconds: 1)
        last = try spool.tick()
        target = try require(last.projection.openRequests.first { $0.agent == "demo-agent" })
        innocent = try require(last.projection.openRequests.first { $0.agent == "innocent" })
    }

    /// Path of a file in the target's directory.
    func file(_ name: String, stage: String = "review") -> String {
        "\(spool.path)/\(stage)/\(target.directoryName)/\(name)"
    }

    /// A pre-filled text of the target with its reason, changed as an attacker likes.
    func text(_ person: String, _ decision: String = "approve", as other: String? = nil, reason: String = "read it")
        throws -> String
    {
        let text = try spool.read("review/\(target.directoryName)/\(target.id).\(person).\(decision)")
        return text.replacingOccurrences(of: "reason: -\n", with: "reason: \(reason)\n")
            .replacingOccurrences(of: "reviewer: \(person)\n", with: "reviewer: \(other ?? person)\n")
    }

    /// Puts bytes into an area under any name.
    func put(_ bytes: [UInt8], _ name: String, in area: String = "approvals") throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(spool.path)/incoming/\(area)/\(name)"))
    }

    /// Drops a text with a signature beside it.
    func drop(_ text: String, signedBy person: String, namespace: String? = nil, name: String = "vote") throws {
        let signature = try spool.sign(text, by: person, namespace: namespace ?? DocumentKind.approval.namespace)
        try put(signature, name + ".sig")
        try put(Array(text.utf8), name)
    }

    func tick() throws { last = try spool.tick() }

    /// The code of the last refusal in the ledger.
    func refusal() throws -> String { try spool.refusals().last ?? "none" }

    /// Drops, ticks, and tells the code.
    func refused(_ text: String, by person: String, namespace: String? = nil) throws -> String {
        let before = try spool.refusals().count
        try drop(text, signedBy: person, namespace: namespace)
        try tick()
        return try spool.refusals().count > before ? refusal() : "not refused"
    }

    /// Codes of the drops that were left where they lie.
    func waiting() -> String { Set(last.report.waiting.compactMap(\.code)).sorted().joined(separator: ", ") }

    /// Paths that contradict the ledger, the request's directory left out of them.
    func contradictions() -> [String] {
        last.report.contradictions.map { $0.path.replacingOccurrences(of: target.directoryName, with: "R") }.sorted()
    }

    /// Approvals of the innocent request by two people.
    func approveInnocent() throws {
        for person in ["bob", "erin"] { try spool.decide(innocent.id, person, "approve") }
    }

    /// Approvals of the target by two people who have not voted, each under a name of their own.
    func approveTarget() throws {
        for person in ["bob", "erin"] { try drop(text(person), signedBy: person, name: "honest.\(person)") }
        try tick()
    }
}
