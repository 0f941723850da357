import Foundation
import SallyportBase
import SallyportDisk
import Testing

/// A directory of its own for one test.
final class Scratch {
    let path: String
    let directory: Directory

    init() throws {
        path = NSTemporaryDirectory() + "sallyport-disk-" + Random.id()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        directory = try Directory.open(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func code(_ body: () throws(DiskError) -> Void) -> Int32? {
        do throws(DiskError) {
            try body()
            return nil
        } catch { return error.code }
    }
}

@Suite("directory")
struct DirectoryTests {
    @Test(
        "a name is one component and nothing else",
        arguments: ["", ".", "..", "a/b", "/etc/passwd", "a\0b"]
    )
    func oneComponent(_ name: String) throws {
        let scratch = try Scratch()
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.openFile(name) } == EINVAL)
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.createFile(name) } == EINVAL)
        #expect(scratch.code { () throws(DiskError) in try scratch.directory.unlink(name) } == EINVAL)
        #expect(
            scratch.code { () throws(DiskError) in
                try scratch.directory.rename("x", to: scratch.directory, as: name)
            } == EINVAL
        )
    }

    @Test("links are never followed, a FIFO never blocks, a directory is no file")
    func kinds() throws {
        let scratch = try Scratch()
        try scratch.directory.makeLink("file-link", to: "/etc/passwd")
        try scratch.directory.makeLink("directory-link", to: "/etc")
        try scratch.directory.makeDirectory("directory")
        let made = unsafe mkfifo(scratch.path + "/fifo", 0o600)
        #expect(made == 0)
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.openFile("file-link") } == ELOOP)
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.open("directory-link") } == ENOTDIR)
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.openFile("fifo") } == EINVAL)
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.openFile("directory") } == EINVAL)
        #expect(try scratch.directory.status(of: "file-link")?.kind == .link)
        #expect(try scratch.directory.status(of: "fifo")?.kind == .other)
        #expect(try scratch.directory.status(of: "nothing") == nil)
    }

    @Test("replace leaves the new bytes, the mode asked for, and nothing in scratch")
    func replaces() throws {
        let scratch = try Scratch()
        try scratch.directory.makeDirectory("scratch", mode: 0o700)
        let temporary = try scratch.directory.open("scratch")
        for bytes in [Array("one".utf8), Array("two, and longer".utf8), []] {
            try scratch.directory.replace("file", with: bytes, mode: 0o666, scratch: temporary)
            #expect(try scratch.directory.read("file", limit: 100) == bytes)
        }
        // Whatever the umask of this process takes away.
        #expect(try scratch.directory.status(of: "file")?.mode == 0o666)
        #expect(try temporary.list() == [])
        try scratch.directory.replaceLink("current", to: "a", scratch: temporary)
        try scratch.directory.replaceLink("current", to: "b", scratch: temporary)
        #expect(try scratch.directory.readLink("current") == "b")
        #expect(try temporary.list() == [])
    }

    @Test("ensure writes what is missing or different, and nothing else")
    func ensures() throws {
        let scratch = try Scratch()
        try scratch.directory.makeDirectory("scratch")
        let temporary = try scratch.directory.open("scratch")
        #expect(try scratch.directory.ensure("file", holds: [1, 2], scratch: temporary))
        let first = try scratch.directory.status(of: "file")
        #expect(try !scratch.directory.ensure("file", holds: [1, 2], scratch: temporary))
        #expect(try scratch.directory.status(of: "file") == first)
        #expect(try scratch.directory.ensure("file", holds: [1, 3], scratch: temporary))
        #expect(try scratch.directory.ensure("file", holds: [1, 3], mode: 0o600, scratch: temporary))
        try scratch.directory.unlink("file")
        try scratch.directory.makeLink("file", to: "elsewhere")
        #expect(try scratch.directory.ensure("file", holds: [1, 3], scratch: temporary))
        #expect(try scratch.directory.status(of: "file")?.kind == .file)
    }

    @Test("rename refuses to replace unless it is told to")
    func renames() throws {
        let scratch = try Scratch()
        try scratch.directory.createFile("a").write([1])
        try scratch.directory.createFile("b").write([2])
        #expect(
            scratch.code { () throws(DiskError) in
                try scratch.directory.rename("a", to: scratch.directory, as: "b")
            } == EEXIST
        )
        try scratch.directory.rename("a", to: scratch.directory, as: "b", replacing: true)
        #expect(try scratch.directory.read("b", limit: 10) == [1])
    }

    @Test("removeTree takes links away without following them, and read-only directories too")
    func removesTree() throws {
        let scratch = try Scratch()
        let other = try Scratch()
        try other.directory.createFile("precious").write([1])
        let deep = try scratch.directory.openMaking(["tree", "a", "b"])
        try deep.createFile("file", mode: 0o444).write([1])
        try deep.makeLink("link", to: other.path)
        try scratch.directory.open(["tree", "a"]).setMode(of: "b", 0o500)
        try scratch.directory.removeTree("tree")
        #expect(try scratch.directory.status(of: "tree") == nil)
        #expect(try other.directory.read("precious", limit: 10) == [1])
        try scratch.directory.removeTree("tree")
    }

    @Test("a file longer than its limit is an error, not a part of it")
    func limits() throws {
        let scratch = try Scratch()
        try scratch.directory.createFile("file").write([1, 2, 3])
        #expect(try scratch.directory.read("file", limit: 3) == [1, 2, 3])
        #expect(scratch.code { () throws(DiskError) in _ = try scratch.directory.read("file", limit: 2) } == EFBIG)
        #expect(try scratch.directory.read("nothing", limit: 2) == nil)
    }

    @Test("names that are no UTF-8 are listed, shown encoded and removed like others")
    func bytesNames() throws {
        let scratch = try Scratch()
        let name = FileName(bytes: [0x61, 0xFF, 0x0A])
        try scratch.directory.createFile(name).write([1])
        #expect(try scratch.directory.list() == [name])
        #expect(name.shown == "a%FF%0A")
        #expect(name.text == nil)
        #expect(try scratch.directory.listText() == [])
        try scratch.directory.unlink(name)
        #expect(try scratch.directory.list() == [])
    }
}

@Suite("lock")
struct FileLockTests {
    @Test("one holder at a time, within one process too; the file of a transient lock goes with it")
    func exclusive() throws {
        let scratch = try Scratch()
        var first = try FileLock.acquire("a", in: scratch.directory, transient: true)
        #expect(first != nil)
        let second = try FileLock.acquire("a", in: scratch.directory)
        #expect(second == nil)
        let patient = try FileLock.acquire("a", in: scratch.directory, waiting: .milliseconds(20))
        #expect(patient == nil)
        first = nil
        #expect(try scratch.directory.list() == [])
        let third = try FileLock.acquire("a", in: scratch.directory)
        #expect(third != nil)
    }

    @Test("eight threads that lock, unlink and lock again never hold it together")
    func unlinkedLocks() async throws {
        let scratch = try Scratch()
        let directory = scratch.directory
        try directory.createFile("counter").write(Array("0".utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        guard
                            let lock = try FileLock.acquire(
                                "lock",
                                in: directory,
                                waiting: .milliseconds(20_000),
                                transient: true
                            )
                        else { continue }
                        let text = String(decoding: try directory.read("counter", limit: 20) ?? [], as: UTF8.self)
                        let next = (Int(text) ?? -1_000_000) + 1
                        try directory.openFileForWriting("counter").write(Array(String(next).utf8))
                        withExtendedLifetime(lock) {}
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try directory.read("counter", limit: 20) == Array("400".utf8))
    }
}
