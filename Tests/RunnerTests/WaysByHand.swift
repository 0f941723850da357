import Foundation
import SallyportBase
import SallyportCore
import SallyportRunner

/// Files moved or edited by hand, after the runner wrote them.
extension WaysIn {
    private static func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: from, toPath: to)
    }

    private static func overwrite(_ path: String, _ edit: (String) -> String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path)
        try edit(text).write(toFile: path, atomically: false, encoding: .utf8)
    }

    static let byHand: [Way] = [
        Way("a request moved by hand from review/ to approved/", "disk.contradicted", also: "exit 70", .frozen) {
            siege in
            let there = siege.spool.path + "/approved/" + siege.target.directoryName
            // One honest vote lies there already: its effect may not carry the directory back.
            try siege.drop(siege.text("alice"), signedBy: "alice")
            try move(siege.spool.path + "/review/" + siege.target.directoryName, there)
            try siege.tick()
            guard siege.contradictions() == ["approved/R", "review/R"], siege.spool.list("review").isEmpty else {
                return "moved back"
            }
            return try siege.spool.entries().filter { $0["type"]?.string == "disk.contradicted" }.count == 2
                ? "disk.contradicted" : "not entered"
        },
        Way("a request moved by hand from review/ to deployed/", "disk.contradicted", also: "exit 70", .frozen) {
            siege in
            let slot = siege.spool.path + "/deployed/staging/shared/demo-agent/releases"
            try FileManager.default.createDirectory(atPath: slot, withIntermediateDirectories: true)
            try move(siege.spool.path + "/review/" + siege.target.directoryName, slot + "/" + siege.target.release)
            try siege.tick()
            return siege.contradictions() == ["review/R"] ? "disk.contradicted" : "\(siege.contradictions())"
        },
        Way("a directory made by hand in approved/", "disk.contradicted", also: "exit 70") { siege in
            let made = siege.spool.path + "/approved/r999999-demo-agent-9.0.0"
            try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: true)
            try siege.tick()
            let found = siege.contradictions()
            try FileManager.default.removeItem(atPath: made)
            return found == ["approved/r999999-demo-agent-9.0.0"] ? "disk.contradicted" : "\(found)"
        },
        Way("a release put into deployed/ by hand, with current", "contradicted", also: "`verify` exit 70") { siege in
            let slot = siege.spool.path + "/deployed/staging/shared/demo-agent"
            try FileManager.default.createDirectory(
                atPath: "\(slot)/releases/\(siege.target.release)/agent",
                withIntermediateDirectories: true
            )
            try FileManager.default.createSymbolicLink(
                atPath: slot + "/current",
                withDestinationPath: "releases/\(siege.target.release)"
            )
            try siege.tick()
            let check = try DiskCheck.run(try Spool.open(path: siege.spool.path), siege.last.projection)
            try FileManager.default.removeItem(atPath: slot)
            return check.problems.map(\.path) == ["deployed/staging/shared/demo-agent"]
                ? "contradicted" : "\(check.problems)"
        },
        Way("a tree put under the name of a release before it goes live", "disk.contradicted", also: "exit 70", .frozen)
        { siege in
            let releases = siege.spool.path + "/deployed/staging/shared/demo-agent/releases"
            try FileManager.default.createDirectory(
                atPath: "\(releases)/\(siege.target.release)/agent",
                withIntermediateDirectories: true
            )
            try siege.approveTarget()
            return siege.contradictions() == ["deployed/staging/shared/demo-agent/releases/\(siege.target.release)"]
                ? "disk.contradicted" : "\(siege.contradictions())"
        },
    ]

    static let edited: [Way] = [
        Way("the installed policy edited", "disk.contradicted", also: "exit 70", .stopped) { siege in
            try overwrite(siege.spool.path + "/trust/policy") { $0.replacingOccurrences(of: "need=2", with: "need=1") }
            // Junk in trust/ may not lift the stop.
            try siege.put(Array("sallyport-policy v1\nend\n".utf8), "junk", in: "trust")
            try siege.put(siege.spool.sign("junk", by: "stranger"), "junk.sig", in: "trust")
            try siege.drop(siege.text("alice"), signedBy: "alice")
            try siege.tick()
            return siege.contradictions() == ["trust/policy"] ? "disk.contradicted" : "\(siege.contradictions())"
        },
        Way("the installed keyring edited", "disk.contradicted", also: "exit 70", .stopped) { siege in
            try overwrite(siege.spool.path + "/trust/keyring") {
                $0.replacingOccurrences(of: "roles=operator", with: "roles=reviewer")
            }
            try siege.tick()
            return siege.contradictions() == ["trust/keyring"] ? "disk.contradicted" : "\(siege.contradictions())"
        },
        Way("a pre-filled text edited where it lies", "rewritten") { siege in
            let path = siege.file("\(siege.target.id).alice.approve")
            let before = try String(contentsOfFile: path, encoding: .utf8)
            try overwrite(path) { $0.replacingOccurrences(of: "tenant: shared", with: "tenant: everybody") }
            try siege.tick()
            return try String(contentsOfFile: path, encoding: .utf8) == before ? "rewritten" : "left as it was"
        },
        Way("a review text edited before it is signed", "E-LINE-DIFFERS") { siege in
            try siege.refused(
                siege.text("alice").replacingOccurrences(of: "tenant: shared", with: "tenant: everybody"),
                by: "alice"
            )
        },
        Way("a line added to the approval text", "E-GRAMMAR-UNKNOWN") { siege in
            try siege.refused(
                siege.text("alice").replacingOccurrences(of: "\nend\n", with: "\nsecurity: approved too\nend\n"),
                by: "alice"
            )
        },
        Way("the package in review/ replaced after one approval", "disk.contradicted", also: "exit 70", .frozen) {
            siege in
            try siege.drop(siege.text("alice"), signedBy: "alice")
            try siege.tick()
            let path = siege.file("demo-agent-1.0.0.tar.gz")
            try FileManager.default.removeItem(atPath: path)
            try siege.spool.dropPackage("1.0.1", name: ".other")
            try move(siege.spool.path + "/incoming/packages/staging/.other", path)
            try siege.approveTarget()
            return siege.contradictions() == ["review/R/demo-agent-1.0.0.tar.gz"]
                ? "disk.contradicted" : "\(siege.contradictions())"
        },
        Way("the report in review/ edited after one approval", "disk.contradicted", also: "exit 70", .frozen) { siege in
            try siege.drop(siege.text("alice"), signedBy: "alice")
            try siege.tick()
            try overwrite(siege.file("report.md")) { $0 + "\nNothing to see here.\n" }
            try siege.approveTarget()
            return siege.contradictions() == ["review/R/report.md"] ? "disk.contradicted" : "\(siege.contradictions())"
        },
        Way("agent.json in review/ edited after one approval", "disk.contradicted", also: "exit 70", .frozen) { siege in
            try siege.drop(siege.text("alice"), signedBy: "alice")
            try siege.tick()
            try overwrite(siege.file("agent.json")) { $0.replacingOccurrences(of: "low", with: "none") }
            // What cannot be compared is not judged: a text with other lines may not slip in meanwhile.
            let text = try siege.text("bob").replacingOccurrences(of: "tenant: shared", with: "tenant: everybody")
            try siege.drop(text, signedBy: "bob")
            try siege.tick()
            let isJudged = siege.last.report.waiting.filter { $0.state == "frozen" }.isEmpty
            return siege.contradictions() == ["review/R/agent.json"] && !isJudged
                ? "disk.contradicted" : "\(siege.contradictions())"
        },
    ]
}
