import Foundation
import SallyportBase
import TestSupport
import Testing

@Suite("package pack")
struct PackTests {
    static let examples = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/examples"

    /// A place with a copy of the smallest example in `agent`.
    private func agent() throws -> (place: Place, directory: String) {
        let place = try Place()
        let directory = place.path + "/agent"
        try FileManager.default.copyItem(atPath: Self.examples + "/faq-helper", toPath: directory)
        return (place, directory)
    }

    private func digest(_ place: Place, _ file: String) throws -> String {
        String(try place.run("sha256sum", [file]).out.prefix(64))
    }

    private func git(_ place: Place, _ directory: String, _ words: String...) throws {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false"]
        let ran = try place.run("git", identity + ["-C", directory] + words)
        try #require(ran.status == 0, "\(words): \(ran.err)")
    }

    @Test("the same bytes again; from a copy with other times, modes, umask and order; and into the directory itself")
    func reproducible() throws {
        let (place, directory) = try agent()
        let first = place.path + "/1.tar.gz"
        let packed = try place.sallyport("package", "pack", directory, "-o", first, "--json")
        #expect(packed.status == 0, "\(packed.err)")
        let digest = try digest(place, first)
        let answer = try JSON.parse(Array(packed.out.utf8), limit: 1 << 20)
        #expect(answer["sha256"]?.string == digest)
        #expect(answer["file"]?.string == first)

        let script = """
            umask 077; mkdir other; cd other; for f in $(cd ../agent && find . -type f | sort -r); do
            mkdir -p "$(dirname "$f")"; cat "../agent/$f" > "$f"; touch -d 2001-01-01 "$f"; done
            umask 000; "\(builtExecutablePath)" package pack . -o ../2.tar.gz
            """
        let copied = try place.run("sh", ["-c", script])
        #expect(copied.status == 0, "\(copied.err)")
        #expect(try self.digest(place, place.path + "/2.tar.gz") == digest)

        for _ in 0..<2 {
            #expect(try place.sallyport("package", "pack", directory, "-o", directory + "/self.tar.gz").status == 0)
            #expect(try self.digest(place, directory + "/self.tar.gz") == digest)
        }
        #expect(try place.names(place.path).filter { $0.hasSuffix(".part") } == [])
    }

    @Test("links, FIFOs and endless depth are refused, all at once, and nothing is written")
    func refuses() throws {
        let (place, directory) = try agent()
        try place.write("x", to: place.path + "/outside")
        let deep = (1...40).map { "d\($0)" }.joined(separator: "/")
        let made = try place.run("sh", ["-c", "cd agent && ln -s ../outside link && mkfifo fifo && mkdir -p \(deep)"])
        try #require(made.status == 0)
        let ran = try place.sallyport("package", "pack", directory, "-o", place.path + "/x.tar.gz", "--json")
        #expect(ran.status == 65)
        let errors = try JSON.parse(Array(ran.out.utf8), limit: 1 << 20)["errors"]?.array ?? []
        let shallow = (1...32).map { "d\($0)" }.joined(separator: "/")
        #expect(
            errors.map { "\($0["code"]?.string ?? "") \($0["place"]?.string ?? "")" } == [
                "F-PATH-DEPTH \(shallow)", "F-KIND-OTHER fifo", "F-KIND-SYMLINK link",
            ]
        )
        #expect(!place.exists(place.path + "/x.tar.gz") && !place.exists(place.path + "/x.tar.gz.part"))
    }

    @Test("what intake would refuse is not written: exit 65 with the finding's code")
    func unfit() throws {
        let (place, directory) = try agent()
        try place.write("{}", to: directory + "/agent.json")
        let ran = try place.sallyport("package", "pack", directory, "-o", place.path + "/x.tar.gz")
        #expect(ran.status == 65)
        #expect(ran.err.contains("[F-MANIFEST-REQUIRED]"))
        #expect(!place.exists(place.path + "/x.tar.gz"))
        #expect(try place.sallyport("package", "pack", place.path + "/none", "-o", "x").status == 66)
        #expect(try place.sallyport("package", "pack", directory).status == 64)
    }

    @Test("5,000 directories with 1,024 descriptors")
    func manyDirectories() throws {
        let (place, _) = try agent()
        let script = """
            cd agent && mkdir -p $(seq -f 'many/%g' 5000) && for d in many/*; do : > $d/f; done
            ulimit -n 1024; "\(builtExecutablePath)" package pack . -o ../many.tar.gz --json
            """
        let ran = try place.run("sh", ["-c", script])
        #expect(ran.status == 0, "\(ran.err)")
        let files = try JSON.parse(Array(ran.out.utf8), limit: 1 << 20)["files"]?.int
        #expect(files ?? 0 > 5_000)
    }

    @Test("build comes from git: commit, number, and whether the files are the commit's")
    func build() throws {
        let (place, directory) = try agent()
        try git(place, directory, "init", "-q")
        try git(place, directory, "add", ".")
        try git(place, directory, "commit", "-qm", "1")
        try git(place, directory, "commit", "-qm", "2", "--allow-empty")
        let sha = try place.run("git", ["-C", directory, "rev-parse", "HEAD"]).out.prefix(40)
        #expect(try build(place, directory) == ["gitSha": .string(String(sha)), "dirty": false, "buildNumber": "2"])
        // What git ignores is packed too, so the package is not the commit's.
        try place.write("ignored\n", to: directory + "/.gitignore")
        try git(place, directory, "add", ".")
        try git(place, directory, "commit", "-qm", "3")
        #expect(try build(place, directory)?["dirty"] == false)
        try place.write("x", to: directory + "/ignored")
        #expect(try build(place, directory)?["dirty"] == true)
    }

    @Test("nothing that the directory's own git configuration names is run")
    func hostileRepository() throws {
        let (place, directory) = try agent()
        let mark = place.path + "/ran"
        let attack = place.path + "/attack"
        try place.write("#!/bin/sh\necho \"$0 $*\" >> '\(mark)'\ncat\n", to: attack)
        let script = """
            chmod +x attack && cd agent && git init -q && echo '* filter=evil' > .gitattributes && git add . &&
            git -c user.name=a -c user.email=a@example.org commit -qm 1 &&
            for hook in post-index-change pre-auto-gc reference-transaction; do cp ../attack .git/hooks/$hook; done &&
            for key in core.fsmonitor core.sshCommand core.pager core.editor core.askPass diff.external core.alternateRefsCommand \
                filter.evil.clean filter.evil.smudge gpg.program credential.helper; do
                git config $key '\(attack)'; done &&
            for alias in status rev-parse rev-list config; do git config alias.$alias '!\(attack)'; done &&
            git config pager.status '\(attack)' && git config core.hooksPath .git/hooks &&
            git config filter.evil.required true && git config status.submoduleSummary true && touch src/*
            """
        let made = try place.run("sh", ["-c", script])
        try #require(made.status == 0, "\(made.err)")
        // The trap is a trap: git itself walks into it.
        _ = try place.run("git", ["-C", directory, "status", "--porcelain"])
        let plain = try place.text(mark)
        #expect(plain.contains(attack))
        try place.remove(mark)
        _ = try place.run("sh", ["-c", "sleep 0.01; touch agent/src/*"])
        #expect(try build(place, directory)?["buildNumber"] == "1")
        #expect(!place.exists(mark), "\((try? place.text(mark)) ?? "")")
    }

    private func build(_ place: Place, _ directory: String) throws -> JSON? {
        let file = place.path + "/built.tar.gz"
        let packed = try place.sallyport("package", "pack", directory, "-o", file)
        try #require(packed.status == 0, "\(packed.err)")
        let manifest = try place.run("tar", ["-xOzf", file, "agent.json"])
        return try JSON.parse(Array(manifest.out.utf8), limit: 1 << 20)["build"]
    }
}
