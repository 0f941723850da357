import Foundation
import SallyportBase
import SallyportPackages
import Testing

/// Remembers what it was given.
final class MemorySink: TreeSink {
    var files: [String: [UInt8]] = [:]
    var executable: Set<String> = []
    var directories: Set<String> = []
    private var current = ""
    func directory(_ path: [String]) { directories.insert(path.joined(separator: "/")) }
    func begin(_ path: [String], executable: Bool) {
        current = path.joined(separator: "/")
        files[current] = []
        if executable { self.executable.insert(current) }
    }
    func write(_ bytes: [UInt8]) { files[current]? += bytes }
    func end() { current = "" }
}

@Suite("Good packages") struct GoodTests {
    @Test("everything that a reviewer and the runner need comes back") func whole() throws {
        let inspection = try inspect(Archive.good().gzip, keeping: ["tools/read.json"])
        #expect(inspection.findings == [])
        #expect(inspection.entries.map(\.path) == ["agent.json", "run.sh", "tools/read.json"])
        #expect(inspection.entries.map(\.mode) == ["0644", "0755", "0644"])
        #expect(inspection.entries[2].digest == Digest.of("{}"))
        #expect(inspection.manifestBytes == Array(goodManifest.utf8))
        #expect(inspection.manifestDigest == Digest.of(goodManifest))
        #expect(inspection.manifest?.name == "invoice-triage")
        #expect(inspection.manifest?.capabilities == ["tool erp.read read low", "egress erp.internal:443"])
        #expect(inspection.kept == ["tools/read.json": Array("{}".utf8)])
        let lines = inspection.entries.map { "\($0.digest.hex)  \($0.mode)  \($0.path)\n" }.joined()
        #expect(inspection.payload == Digest.of(lines))
        #expect(!inspection.isIncomplete)
    }

    @Test("a single top-level directory and a leading ./ change nothing") func prefixes() throws {
        let plain = try inspect(Archive.good().gzip)
        for prefix in ["invoice-triage-1.5.0/", "./", "./pkg/"] {
            var archive = Archive()
            if prefix != "invoice-triage-1.5.0/" { archive.directory("./") }
            archive.add(prefix + "agent.json", goodManifest)
            archive.add(prefix + "run.sh", "#!/bin/sh\n", mode: "0000755")
            archive.directory(prefix + "tools/")
            archive.add(prefix + "tools/read.json", "{}")
            let inspection = try inspect(archive.gzip)
            #expect(inspection.findings == [])
            #expect(inspection.payload == plain.payload)
            #expect(inspection.entries == plain.entries)
        }
    }

    @Test("evidence is outside the payload digest") func evidence() throws {
        var archive = Archive.good()
        archive.add("evidence/eval.json", "{}")
        let inspection = try inspect(archive.gzip)
        #expect(inspection.entries.count == 4)
        #expect(inspection.payload == (try inspect(Archive.good().gzip)).payload)
    }

    @Test("a manifest in one of two directories is not the package's") func twoTops() throws {
        var archive = Archive()
        archive.add("a/agent.json", goodManifest)
        archive.add("b/x")
        #expect(try inspect(archive.gzip).findings.map(\.rule) == ["F-MANIFEST-MISSING"])
    }

    @Test("the sink gets the tree without its prefix") func sink() throws {
        var archive = Archive()
        archive.add("top/agent.json", goodManifest)
        archive.add("top/run.sh", "#!/bin/sh\n", mode: "0000755")
        archive.directory("top/empty/")
        archive.add("top/tools/read.json", "{}")
        let first = try inspect(archive.gzip)
        #expect(first.rootPrefix == "top/")
        let sink = MemorySink()
        let second = try inspect(archive.gzip, into: sink, stripping: first.rootPrefix)
        #expect(second == first)
        #expect(Set(sink.files.keys) == ["agent.json", "run.sh", "tools/read.json"])
        #expect(sink.files["run.sh"] == Array("#!/bin/sh\n".utf8))
        #expect(sink.executable == ["run.sh"])
        #expect(sink.directories == ["empty", "tools"])
    }

    @Test("findings.json can be read again, and a changed one cannot") func json() throws {
        let inspection = try inspect(Archive.good().gzip)
        let again = try #require(Inspection(json: try JSON.parse(Array(inspection.json.pretty.utf8), limit: 1 << 20)))
        #expect(again.entries == inspection.entries)
        #expect(again.manifest == inspection.manifest)
        #expect(again.payload == inspection.payload)
        let text = inspection.json.compact.replacingOccurrences(of: #""mode":"0755""#, with: #""mode":"0644""#)
        #expect(Inspection(json: try JSON.parse(Array(text.utf8), limit: 1 << 20)) == nil)
        let refused = try inspect([])
        #expect(Inspection(json: refused.json)?.isIncomplete == true)
    }

    @Test("python's tarfile and bsdtar see the same files", arguments: ["python3", "bsdtar"])
    func oracles(_ tool: String) throws {
        var archive = Archive.good()
        archive.pax([("path", String(repeating: "long/", count: 25) + "é")])
        archive.add("short", "content")
        let path = NSTemporaryDirectory() + "/sallyport-\(UUID().uuidString).tar.gz"
        try Data(archive.gzip).write(to: URL(fileURLWithPath: path))
        defer { unsafe unlink(path) }
        let script = "import sys,tarfile\nfor m in tarfile.open(sys.argv[1]): print(m.name) if m.isfile() else None"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = tool == "python3" ? ["python3", "-c", script, path] : ["bsdtar", "-tf", path]
        process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "LC_ALL": "C.UTF-8"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let names = output.split(separator: "\n").map(String.init).sorted()
        #expect(try inspect(archive.gzip).entries.map(\.path).sorted() == names)
    }
}
