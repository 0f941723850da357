import Foundation
import SallyportBase
import SallyportCore
import SallyportLedger
import SallyportRunner
import SallyportTrust

/// Approvals that are forged, bent, or used again.
extension WaysIn {
    private static func replaced(_ text: String, _ pattern: String, _ new: String) -> String {
        text.replacingOccurrences(of: pattern, with: new, options: .regularExpression)
    }

    static let approvals: [Way] = [
        Way("an approval without its reason", "E-REASON-MISSING") {
            try $0.refused($0.text("alice", reason: "-"), by: "alice")
        },
        Way("an approval of another pipeline", "E-PIPELINE") { siege in
            try siege.refused(
                replaced(siege.text("alice"), "pipeline: [0-9a-f]{32}", "pipeline: " + Random.id()),
                by: "alice"
            )
        },
        Way("an approval of a request that does not exist", "E-REQUEST-UNKNOWN") { siege in
            try siege.refused(replaced(siege.text("alice"), "request: r[0-9]+ ", "request: r999999 "), by: "alice")
        },
        Way("an approval that names another arrival (leaf hash)", "E-REQUEST-LEAF") { siege in
            let zeros = String(repeating: "0", count: 64)
            return try siege.refused(
                replaced(siege.text("alice"), "(request: r[0-9]+ sha256:)[0-9a-f]{64}", "$1" + zeros),
                by: "alice"
            )
        },
        Way("an approval of another issue", "E-STALE-ISSUE") { siege in
            try siege.refused(replaced(siege.text("alice"), "issue: 1\n", "issue: 2\n"), by: "alice")
        },
        Way("an approval with CR at the line ends", "E-GRAMMAR-CR") { siege in
            try siege.refused(siege.text("alice").replacingOccurrences(of: "\n", with: "\r\n"), by: "alice")
        },
        Way("an approval signed in another namespace", "E-SIG-NAMESPACE") { siege in
            try siege.refused(siege.text("alice"), by: "alice", namespace: "order.v1@sallyport")
        },
        Way("an approval signed by another person of the keyring", "E-PERSON-MISMATCH") {
            try $0.refused($0.text("alice"), by: "bob")
        },
        Way("an approval signed by a key that nobody has", "E-KEY-UNKNOWN") {
            try $0.refused($0.text("alice"), by: "stranger")
        },
        Way("an approval signed by a root key", "E-KEY-ROLE") { try $0.refused($0.text("alice"), by: "root") },
        Way("one flipped byte in the signed text", "E-SIG-INVALID") { siege in
            try siege.put(siege.spool.sign(siege.text("alice"), by: "alice"), "vote.sig")
            try siege.put(Array(siege.text("alice", reason: "read In").utf8), "vote")
            try siege.tick()
            return try siege.refusal()
        },
        Way("the same person twice", "E-PERSON-TWICE") { siege in
            try siege.drop(siege.text("alice", reason: "once"), signedBy: "alice", name: "one")
            try siege.drop(siege.text("alice", reason: "and again"), signedBy: "alice", name: "two")
            try siege.tick()
            guard try siege.refusal() == "E-PERSON-TWICE" else { return "twice in one tick" }
            return try siege.refused(siege.text("alice", reason: "and later"), by: "alice")
        },
        Way("an approval by the submitter", "E-PERSON-EXCLUDED", also: "or E-KEY-ROLE without the role") {
            try $0.refused($0.text("alice", as: "dave"), by: "dave")
        },
        Way("an approval by an author of the package", "E-PERSON-EXCLUDED") {
            try $0.refused($0.text("alice", as: "frank"), by: "frank")
        },
        Way("an approval by an operator", "E-PERSON-NOT-ELIGIBLE") {
            try $0.refused($0.text("alice", as: "carol"), by: "carol")
        },
        Way("an approval after the deadline", "E-EXPIRED", .over) { siege in
            try siege.tick()
            let text = try siege.text("alice")
            siege.spool.pass(seconds: 86_401)
            return try siege.refused(text, by: "alice")
        },
        Way("an approval and a rejection of one person", "rejected", .over) { siege in
            try siege.drop(siege.text("alice"), signedBy: "alice", name: "a-yes")
            try siege.drop(siege.text("bob"), signedBy: "bob", name: "b-yes")
            let no = try siege.text("alice", "reject").replacingOccurrences(
                of: "finding: error - -\nremedy: -\n",
                with: "finding: error agent.json on second thoughts\nremedy: none\n"
            )
            try siege.drop(no, signedBy: "alice", name: "z-no")
            try siege.tick()
            return siege.last.report.rejected == [siege.target.id] ? "rejected" : "not rejected"
        },
    ]

    static let replays: [Way] = [
        Way("an accepted approval dropped again", "E-REPLAYED") { siege in
            try siege.drop(siege.text("alice"), signedBy: "alice")
            try siege.tick()
            return try siege.refused(siege.text("alice"), by: "alice")
        },
        Way("an approval dropped again after its request ended", "E-REPLAYED", .over) { siege in
            let text = try siege.text("alice")
            try siege.drop(text, signedBy: "alice")
            try siege.tick()
            siege.spool.pass(seconds: 86_401)
            try siege.tick()
            return try siege.refused(text, by: "alice")
        },
        Way("an approval that was never used, after its request ended", "E-REQUEST-CLOSED", .over) { siege in
            let text = try siege.text("alice")
            try siege.tick()
            siege.spool.pass(seconds: 86_401)
            try siege.tick()
            return try siege.refused(text, by: "alice")
        },
        Way("an approval used a second time, for the next request of the same bytes", "E-REPLAYED", .over) { siege in
            let text = try siege.text("alice")
            try siege.drop(text, signedBy: "alice")
            try siege.tick()
            siege.spool.pass(seconds: 86_401)
            try siege.tick()
            _ = try siege.spool.receive("1.0.0", extra: ", \"authors\": [\"frank\"]")
            return try siege.refused(text, by: "alice")
        },
        Way("somebody's text with a stranger's signature, dropped before the owner's", "the owner's counts") { siege in
            let text = try siege.text("alice")
            guard try siege.refused(text, by: "stranger") == "E-KEY-UNKNOWN" else { return "not refused" }
            try siege.drop(text, signedBy: "alice", name: "mine")
            try siege.tick()
            return siege.last.report.votes == 1 ? "the owner's counts" : try siege.refusal()
        },
    ]
}
