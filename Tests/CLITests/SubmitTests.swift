import SallyportBase
import SallyportTrust
import Testing

@testable import SallyportCLI

@Suite("submit")
struct SubmitTests {
    private static let examples =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/examples"

    private func demo() throws -> (Place, package: String) {
        let place = try Place()
        try #require(try place.sallyport("init", "--demo").status == 0)
        let package = place.path + "/package.tar.gz"
        let packed = try place.sallyport("package", "pack", Self.examples + "/faq-helper", "-o", package)
        try #require(packed.status == 0, "\(packed.err)")
        return (place, package)
    }

    @Test("drops package and ticket whole; the ticket verifies with ssh-keygen and names the very bytes")
    func ticket() throws {
        let (place, package) = try demo()
        let submitted = try place.sallyport("submit", package, "--env", "staging", "--key", place.keys + "/demo/dave")
        #expect(submitted.status == 0, "\(submitted.err)")
        let area = place.spool + "/incoming/packages/staging"
        let names = try place.names(area)
        #expect(names.count == 2)
        let ticket = try #require(names.first { $0.hasSuffix(".ticket") })
        let dropped = try #require(names.first { $0.hasSuffix(".tar.gz") })
        #expect(try place.run("cmp", [package, area + "/" + dropped]).status == 0)
        #expect(try place.mode(area + "/" + dropped) == 0o644)

        // Text and signature are one file: whoever drops leaves both or nothing.
        let both = try #require(splitCombined(Array(place.text(area + "/" + ticket).utf8)))
        try place.write(String(decoding: both.text, as: UTF8.self), to: place.path + "/ticket")
        try place.write(String(decoding: both.signature, as: UTF8.self), to: place.path + "/ticket.sig")
        let parsed = try Ticket.unverified(both.text).get()
        #expect(parsed.submitter == "dave")
        #expect(parsed.package.digest.hex == (try place.run("sha256sum", [package]).out.prefix(64)))
        let key = try place.text(place.keys + "/demo/dave.pub").split(separator: " ")
        try place.write("dave \(key[0]) \(key[1])\n", to: place.path + "/signers")
        let words = [
            "-Y", "verify", "-f", "signers", "-I", "dave", "-n", "ticket.v1@sallyport", "-s",
            place.path + "/ticket.sig",
        ]
        #expect(try place.run("ssh-keygen", words, input: place.path + "/ticket").status == 0)
    }

    @Test("a package that would be refused is not dropped, and every finding is told")
    func refused() throws {
        let (place, _) = try demo()
        try place.write("no archive\n", to: place.path + "/junk.tar.gz")
        let refused = try place.sallyport("submit", place.path + "/junk.tar.gz", "--env", "staging", "--json")
        #expect(refused.status == 65)
        #expect(refused.out.contains("\"verdict\": \"refuse\""))
        #expect(try place.names(place.spool + "/incoming/packages/staging") == [])
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let words: [String]
        let status: Int32
    }

    @Test(
        "wrong words and wrong keys leave nothing behind",
        arguments: [
            Wrong(testDescription: "no such environment", words: ["--env", "moon"], status: 64),
            Wrong(
                testDescription: "a tenant without a ticket",
                words: ["--env", "staging", "--tenant", "emea"],
                status: 64
            ),
            Wrong(
                testDescription: "the root's key",
                words: ["--env", "staging", "--key", "home/keys/demo/root"],
                status: 77
            ),
            Wrong(
                testDescription: "somebody else's name",
                words: ["--env", "staging", "--key", "home/keys/demo/dave", "--as", "alice"],
                status: 77
            ),
            Wrong(testDescription: "no such key", words: ["--env", "staging", "--key", "nowhere"], status: 66),
        ]
    )
    func wrong(_ example: Wrong) throws {
        let (place, package) = try demo()
        let ran = try place.run(builtExecutablePath, ["submit", package] + example.words)
        #expect(ran.status == example.status, "\(ran.err)")
        #expect(try place.names(place.spool + "/incoming/packages/staging") == [])
    }
}
