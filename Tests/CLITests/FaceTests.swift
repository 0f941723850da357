import SallyportCLI
import TestSupport
import Testing

@Suite("what the command line says about itself")
struct FaceTests {
    @Test("exit statuses are an API: none changes its number")
    func statuses() {
        let frozen: [SallyportCLI.ExitStatus: Int32] = [
            .success: 0, .usage: 64, .refused: 65, .missing: 66, .unavailable: 69, .contradiction: 70,
            .cannotWrite: 73, .transient: 75, .forbidden: 77, .configuration: 78, .interrupted: 130,
        ]
        for status in SallyportCLI.ExitStatus.allCases { #expect(frozen[status] == status.rawValue, "\(status)") }
        #expect(frozen.count == SallyportCLI.ExitStatus.allCases.count)
    }

    @Test("help of everything")
    func help() throws {
        let transcript = Transcript(try Place(), "the overview and the help of every verb")
        try transcript.sallyport("--help")
        for verb in allVerbs {
            let name = verb.words
            switch name.count {
            case 1: try transcript.sallyport(name[0], "--help")
            default: try transcript.sallyport(name[0], name[1], "--help")
            }
        }
        try transcript.compare("help")
    }

    @Test("mistakes: unknown verbs, wrong options, nothing there; as text and as JSON, with the same status")
    func mistakes() throws {
        let transcript = Transcript(try Place(), "what people see who mistype; 64 is usage, 66 nothing there")
        try transcript.sallyport("stauts")
        try transcript.sallyport("ledger", "verfy")
        try transcript.sallyport("run", "--fast", "--for", "soon")
        try transcript.sallyport("run", "--for", "soon")
        try transcript.sallyport("submit")
        try transcript.sallyport("rollback", "triage")
        try transcript.sallyport("--color", "blue", "status")
        try transcript.sallyport("status", "--json", "--fast", "--slow")
        try transcript.sallyport("status")
        try transcript.sallyport("status", "--json")
        try transcript.sallyport("package", "check", "nothing.tar.gz")
        try transcript.sallyport("ledger", "verify")
        try transcript.sallyport("--version")
        try transcript.sallyport("status", "r1", "r2")
        try transcript.compare("mistakes")
    }
}
