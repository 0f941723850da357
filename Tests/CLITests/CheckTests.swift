import Foundation
import SallyportBase
import SallyportTrust
import TestSupport
import Testing

@Suite("package check")
struct CheckTests {
    private static let examples = PackTests.examples

    @Test("every example packs as it lies there, and is accepted")
    func examples() throws {
        let place = try Place()
        let agents = try place.names(Self.examples).filter { place.exists(Self.examples + "/\($0)/agent.json") }
        #expect(agents == ["crm-mcp", "faq-helper", "invoice-triage", "invoice-triage-1.5.0"])
        var packages: [String] = []
        for agent in agents {
            packages.append("\(place.path)/\(agent).tar.gz")
            let ran = try place.sallyport(
                "package",
                "pack",
                "\(Self.examples)/\(agent)",
                "-o",
                "\(place.path)/\(agent).tar.gz"
            )
            #expect(ran.status == 0, "\(agent): \(ran.err)")
        }
        let checked = try place.run(builtExecutablePath, ["package", "check", "--json"] + packages)
        #expect(checked.status == 0)
        let answers = try JSON.parse(Array(checked.out.utf8), limit: 1 << 20).array ?? []
        #expect(answers.map { $0["file"]?.string } == packages)
        #expect(answers.allSatisfy { $0["verdict"] == "accept" && $0["findings"] == [] })
    }

    @Test("several files: each has its answer, a refused one gives 65, a missing one 66, none 64")
    func several() throws {
        let place = try Place()
        let good = place.path + "/good.tar.gz"
        let junk = place.path + "/junk.tar.gz"
        #expect(try place.sallyport("package", "pack", Self.examples + "/faq-helper", "-o", good).status == 0)
        try place.write("no archive\n", to: junk)
        let both = try place.sallyport("package", "check", junk, good, "--json")
        #expect(both.status == 65)
        let answers = try JSON.parse(Array(both.out.utf8), limit: 1 << 20).array ?? []
        #expect(answers.map { $0["verdict"]?.string } == ["refuse", "accept"])
        let finding = answers.first?["findings"]?.array?.first
        #expect(finding?.members?.map(\.key) == ["rule", "severity", "place", "text", "remedy"])
        #expect(finding?["rule"] == "F-CONTAINER-UNKNOWN")
        let text = try place.sallyport("package", "check", junk, good)
        #expect(text.out.hasPrefix("\(junk): refuse  0 files, 0 bytes\n  error F-CONTAINER-UNKNOWN "))
        #expect(text.out.contains("\(good): accept  faq-helper 1.0.3  "))
        let missing = try place.sallyport("package", "check", good, place.path + "/none")
        #expect(missing.status == 66)
        #expect(missing.out.contains("accept") && missing.err.contains("/none"))
        #expect(try place.sallyport("package", "check").status == 64)
        #expect(try place.sallyport("package", "check", place.path).status == 66)
    }

    /// A demo with a package and its ticket, as `submit` dropped them, copied out of the spool.
    private func submitted() throws -> (place: Place, package: String, ticket: String) {
        let place = try Place()
        try #require(try place.sallyport("init", "--demo").status == 0)
        let package = place.path + "/package.tar.gz"
        try #require(try place.sallyport("package", "pack", Self.examples + "/faq-helper", "-o", package).status == 0)
        let sent = try place.sallyport("submit", package, "--env", "staging", "--key", place.keys + "/demo/dave")
        try #require(sent.status == 0, "\(sent.err)")
        let area = place.spool + "/incoming/packages/staging/"
        let name = try #require(try place.names(area).first { $0.hasSuffix(".ticket") })
        // The drop is one file; here it lies as people keep it, text and signature apart.
        let whole = try place.text(area + name)
        let end = try #require(whole.range(of: "\nend\n")).upperBound
        try place.write(String(whole[..<end]), to: place.path + "/t")
        try place.write(String(whole[end...]), to: place.path + "/t.sig")
        try place.remove(area + name)
        return (place, package, place.path + "/t")
    }

    private func ticket(_ ran: Place.Ran) throws -> JSON {
        try #require(try JSON.parse(Array(ran.out.utf8), limit: 1 << 20).array?.last)
    }

    private func rules(_ answer: JSON) -> [String] {
        (answer["findings"]?.array ?? []).compactMap { $0["rule"]?.string }
    }

    @Test("a ticket with its package: verified where there is a spool, said to be unchecked where there is none")
    func good() throws {
        let (place, package, file) = try submitted()
        let here = try place.sallyport("package", "check", package, "--ticket", file, "--json")
        #expect(here.status == 0, "\(here.out)")
        let answer = try ticket(here)
        #expect(answer["file"]?.string == file)
        #expect(answer["verdict"] == "accept" && answer["signature"] == "verified" && answer["key"] == "dave/1")
        #expect(answer["findings"] == [])
        let away = try place.sallyport(
            "package",
            "check",
            package,
            "--ticket",
            file,
            "--home",
            place.path + "/none",
            "--json"
        )
        #expect(away.status == 0)
        #expect(try ticket(away)["signature"] == "unchecked")
        let text = try place.sallyport("package", "check", package, "--ticket", file, "--home", place.path + "/none")
        #expect(
            text.out.contains(
                "\(file): accept  ticket of dave for staging, shared  signature NOT checked: no spool here\n"
            )
        )
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// A line of the ticket and what it becomes; the signature then fails too where a spool is.
        let from: String
        let to: String
        let rules: [String]
    }

    @Test(
        "each wrong line has its code, spool or not",
        arguments: [
            Wrong(testDescription: "another digest", from: ") = ", to: ") = 0", rules: ["E-TICKET-PACKAGE"]),
            Wrong(testDescription: "another size", from: "size: ", to: "size: 1", rules: ["E-TICKET-SIZE"]),
            Wrong(
                testDescription: "over",
                from: "expires: 2",
                to: "expires: 2001-01-01T00:00:00Z",
                rules: ["E-EXPIRED"]
            ),
            Wrong(testDescription: "too long", from: "expires: 2", to: "expires: 3", rules: ["E-EXPIRES-FAR"]),
        ]
    )
    func wrong(_ example: Wrong) throws {
        let (place, package, file) = try submitted()
        var lines = try place.text(file).split(separator: "\n").map(String.init)
        let index = try #require(lines.firstIndex { $0.contains(example.from) })
        lines[index] = lines[index].replacingOccurrences(of: example.from, with: example.to)
        if example.to.hasSuffix("= 0") { lines[index].removeLast() }
        if example.to.hasSuffix("Z") { lines[index] = example.to }
        try place.write(lines.joined(separator: "\n") + "\n", to: file)
        let away = try place.sallyport(
            "package",
            "check",
            package,
            "--ticket",
            file,
            "--home",
            place.path + "/none",
            "--json"
        )
        #expect(away.status == 65)
        #expect(rules(try ticket(away)) == example.rules)
        let here = try place.sallyport("package", "check", package, "--ticket", file, "--json")
        #expect(here.status == 65)
        let answer = try ticket(here)
        #expect(rules(answer).starts(with: example.rules) && rules(answer).count > example.rules.count)
        #expect(answer["signature"] == "refused")
    }

    @Test("grammar, environment, a missing signature, a stranger's key, a used ticket, a missing file")
    func others() throws {
        let (place, package, file) = try submitted()
        let whole = try place.text(file)
        try place.write(whole.replacingOccurrences(of: "size: ", with: "size:  "), to: place.path + "/bad")
        let bad = try place.sallyport("package", "check", package, "--ticket", place.path + "/bad", "--json")
        #expect(bad.status == 65)
        #expect(rules(try ticket(bad)).first?.hasPrefix("E-") == true)

        let moon = place.path + "/moon"
        try place.write(whole.replacingOccurrences(of: "environment: staging", with: "environment: moon"), to: moon)
        let unsigned = try place.sallyport("package", "check", package, "--ticket", moon, "--json")
        #expect(rules(try ticket(unsigned)) == ["E-ENVIRONMENT", "E-SIG-MISSING"])
        #expect(try ticket(unsigned)["signature"] == "missing")

        let stranger = place.path + "/s"
        try place.write(whole, to: stranger)
        _ = try place.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", place.path + "/key"])
        _ = try place.run(
            "ssh-keygen",
            ["-Y", "sign", "-n", "ticket.v1@sallyport", "-f", place.path + "/key", stranger]
        )
        let forged = try place.sallyport("package", "check", package, "--ticket", stranger, "--json")
        #expect(forged.status == 65)
        #expect(rules(try ticket(forged)) == ["E-KEY-UNKNOWN"])

        #expect(try place.sallyport("package", "check", package, "--ticket", place.path + "/none").status == 66)

        // Used: the very ticket goes its way, and is worth nothing afterwards.
        let area = place.spool + "/incoming/packages/staging/"
        for ending in ["", ".sig"] { _ = try place.run("cp", [file + ending, area + "t.ticket" + ending]) }
        #expect(try place.sallyport("run").status == 0)
        let used = try place.sallyport("package", "check", package, "--ticket", file, "--json")
        #expect(rules(try ticket(used)) == ["E-REPLAYED"])
    }
}
