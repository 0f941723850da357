import Foundation
import Testing

/// Commands and what they print, as one text that is compared with a file in `Snapshots/`.
///
/// Standard error is marked with `! `, a status that is not 0 with `exit N`. What differs from run to run (digests, times, names of the
/// directory) is replaced; numbers of entries and requests are not: they are the same every time. `RECORD_SNAPSHOTS=1` rewrites the file,
/// and that run fails all the same; a missing file is a failure.
final class Transcript {
    let place: Place
    private(set) var text: String

    init(_ place: Place, _ why: String) {
        self.place = place
        text = "# \(why)\n"
    }

    /// Runs the binary, notes what it printed, and gives it back.
    @discardableResult
    func sallyport(_ words: String...) throws -> Place.Ran {
        let ran = try place.run(builtExecutablePath, words)
        text += "\n$ sallyport " + words.map(quoted).joined(separator: " ") + "\n" + ran.out
        // Every command says which spool it uses; once is enough.
        for line in ran.err.split(separator: "\n") where !line.hasPrefix("sallyport: using ") { text += "! \(line)\n" }
        if ran.status != 0 { text += "exit \(ran.status)\n" }
        return ran
    }

    /// Says what people do between two commands.
    func note(_ words: String) { text += "\n# \(words)\n" }

    private func quoted(_ word: String) -> String { word.contains(" ") ? "'\(word)'" : word }

    /// Compares with `Snapshots/<name>.txt`.
    func compare(_ name: String, _ location: SourceLocation = #_sourceLocation) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Snapshots/\(name).txt")
        let found = normalized()
        let wanted = try? String(contentsOf: file, encoding: .utf8)
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try found.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(file.lastPathComponent): read the difference", sourceLocation: location)
        }
        let left = wanted?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        let right = found.split(separator: "\n", omittingEmptySubsequences: false)
        let first = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }
        let at = first.map { "line \($0.offset + 1): wanted '\($0.element.0)', found '\($0.element.1)'" }
        #expect(wanted == found, "\(name).txt: \(at ?? "of another length")", sourceLocation: location)
    }

    private func normalized() -> String {
        text.replacing(place.home, with: "~").replacing(place.path, with: "<folder>")
            .replacing(/[0-9a-f]{64}/, with: "<sha256>").replacing(/[0-9a-f]{32}/, with: "<id>")
            .replacing(/\.[0-9a-f]{16}\.ticket/, with: ".<id>.ticket").replacing(
                /waiting: \d+ bytes/,
                with: "waiting: <n> bytes"
            )
            .replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "<time>")
            .replacing(/-[0-9a-f]{8}\.order/, with: "-<id>.order").replacing(/\d+ ms/, with: "<n> ms")
            .replacing(/archive\/\d{4}\/\d\d/, with: "archive/<year>/<month>").replacing(/uid:\d+/, with: "uid:<n>")
            .replacing(/[ ]+\n/, with: "\n")
    }
}
