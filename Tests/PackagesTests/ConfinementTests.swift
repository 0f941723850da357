import Foundation
import TestSupport
import Testing

/// What a parser child may not do, each with the call that Linux offers for it (x86-64 and aarch64 numbers differ).
struct Forbidden: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let number: Int
    var arguments: [Int] = []

    #if arch(x86_64)
        static let all: [Forbidden] = [
            .init(testDescription: "open", number: 2), .init(testDescription: "openat", number: 257),
            .init(testDescription: "newfstatat", number: 262), .init(testDescription: "truncate", number: 76),
            .init(testDescription: "chmod", number: 90), .init(testDescription: "unlink", number: 87),
            .init(testDescription: "rename", number: 82), .init(testDescription: "symlink", number: 88),
            .init(testDescription: "kill", number: 62), .init(testDescription: "socket", number: 41),
            .init(testDescription: "connect", number: 42), .init(testDescription: "clone", number: 56),
            .init(testDescription: "fork", number: 57), .init(testDescription: "vfork", number: 58),
            .init(testDescription: "clone3", number: 435), .init(testDescription: "execve", number: 59),
            .init(testDescription: "execveat", number: 322), .init(testDescription: "ptrace", number: 101),
            .init(testDescription: "process_vm_writev", number: 311), .init(testDescription: "flock", number: 73),
            .init(testDescription: "ioctl", number: 16), .init(testDescription: "io_uring_setup", number: 425),
            .init(testDescription: "prctl", number: 157), .init(testDescription: "setrlimit", number: 160),
            .init(testDescription: "mprotect", number: 10), .init(testDescription: "memfd_create", number: 319),
            .init(testDescription: "sendmsg", number: 46), .init(testDescription: "dup", number: 32),
            .init(testDescription: "mmap executable", number: 9, arguments: [0, 4096, 5, 0x22]),
            .init(testDescription: "tgkill of init", number: 234, arguments: [1, 1, 0]),
            .init(testDescription: "getpid by its x32 number", number: 0x4000_0000 + 39),
        ]
        static let allowed = [(39, "getpid"), (186, "gettid"), (12, "brk")]
    #else
        static let all: [Forbidden] = [
            .init(testDescription: "openat", number: 56), .init(testDescription: "newfstatat", number: 79),
            .init(testDescription: "truncate", number: 45), .init(testDescription: "fchmodat", number: 53),
            .init(testDescription: "kill", number: 129), .init(testDescription: "socket", number: 198),
            .init(testDescription: "clone", number: 220), .init(testDescription: "execve", number: 221),
            .init(testDescription: "ptrace", number: 117), .init(testDescription: "flock", number: 32),
            .init(testDescription: "ioctl", number: 29), .init(testDescription: "mprotect", number: 226),
            .init(testDescription: "mmap executable", number: 222, arguments: [0, 4096, 5, 0x22]),
        ]
        static let allowed = [(172, "getpid"), (178, "gettid"), (214, "brk")]
    #endif
}

@Suite("The child's confinement") struct ConfinementTests {
    @Test("each is killed by SIGSYS", arguments: Forbidden.all) func forbidden(_ call: Forbidden) {
        let a = call.arguments + [0, 0, 0, 0]
        #expect(confinedCall(call.number, a[0], a[1], a[2], a[3]) == .killed(signal: SIGSYS))
    }

    @Test("what a parser needs is left") func allowed() {
        for (number, name) in Forbidden.allowed { #expect(confinedCall(number) == .succeeded, "\(name)") }
    }

    @Test("the helper and its children do not outlive a killed parent") func orphans() throws {
        // A parent in another language: it starts the helper as we do, asks for a child, and never reads its answer.
        let script = """
            import array, os, socket, struct, sys, time
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            pid = os.fork()
            if pid == 0:
                os.dup2(theirs.fileno(), 3)
                os.closerange(4, 100)
                os.execve(sys.argv[1], ['sallyport', 'parser-helper'], {'SWIFT_BACKTRACE': 'enable=no', 'LC_ALL': 'C.UTF-8'})
            theirs.close()
            package = os.open(sys.argv[2], os.O_RDONLY)
            answer, status = socket.socketpair(), socket.socketpair()
            words = struct.pack('<16q', 1, os.fstat(package).st_size, 1, 1 << 30, 1000, 200, 1 << 30, 65536, 65536, 1 << 29, 60, *[0] * 5)
            fds = array.array('i', [package, answer[1].fileno(), status[1].fileno()])
            ours.sendmsg([words], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            child = ''
            while not child:
                child = open(f'/proc/{pid}/task/{pid}/children').read().strip()
                time.sleep(0.01)
            answer[0].recv(1)
            os.write(1, f'{pid} {child}\\n'.encode())
            time.sleep(60)
            """
        var archive = Archive()
        archive.add(Array("big".utf8), [UInt8](repeating: 7, count: 8 << 20))
        let path = NSTemporaryDirectory() + "/sallyport-\(UUID().uuidString).tar"
        try Data(archive.tar).write(to: URL(fileURLWithPath: path))
        defer { unsafe unlink(path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, builtExecutable, path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let pids = line.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
        try #require(pids.count == 2)
        #expect(pids.allSatisfy { isAlive($0) })
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        for _ in 0..<1_000 where pids.contains(where: isAlive) { usleep(10_000) }
        #expect(!pids.contains(where: isAlive))
    }

    /// A zombie that nobody reaps yet runs no code and holds no lock.
    private func isAlive(_ pid: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return stat.split(separator: ")").last?.dropFirst().first != "Z"
    }
}
