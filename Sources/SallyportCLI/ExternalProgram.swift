internal import Glibc
internal import SallyportBase

/// A program of the system, called without a shell: ssh-keygen, minisign.
struct ExternalProgram {
    /// Its name, as `PATH` finds it.
    let name: String
    /// The Debian package that brings it.
    let package: String

    static let sshKeygen = ExternalProgram(name: "ssh-keygen", package: "openssh-client")
    static let minisign = ExternalProgram(name: "minisign", package: "minisign")

    /// Whether `PATH` has it.
    var isInstalled: Bool { Self.find(name, path: unsafe getenv("PATH").map { unsafe String(cString: $0) }) != nil }

    /// Fails with 69 and the apt line for each program that is missing, all at once.
    static func require(_ programs: [ExternalProgram]) throws {
        let missing = programs.filter { !$0.isInstalled }.map {
            Failure.Problem($0.name, "is not installed", hint: "apt-get install \($0.package)")
        }
        if !missing.isEmpty { throw Failure(.unavailable, missing) }
    }

    /// The first executable of this name in a `PATH`; execvp's default where it is unset.
    static func find(_ name: String, path: String?) -> String? {
        let folders = (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: true)
        return folders.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
    }

    /// Runs it to its end with nothing on standard input.
    ///
    /// - Throws: ``Failure`` with 69 that shows what it printed, unless it ends with 0.
    func run(_ words: [String]) throws {
        var pipe: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&pipe) == 0 else { throw Failure(.transient, name, "no pipe: too many open files") }
        // The program gets it as descriptors 1 and 2 and under no other number.
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipe[0]) }
        let process: pid_t
        do {
            defer { close(pipe[1]) }
            process = try spawn(words, output: pipe[1])
        }
        let said = Self.readAll(pipe[0])
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            let text = String(decoding: said.prefix(600), as: UTF8.self).split(separator: "\n").joined(separator: "; ")
            throw Failure(.unavailable, name, "failed: \(shown(text))")
        }
    }

    private func spawn(_ words: [String], output: Int32) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        _ = unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe ([name] + words).map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawnp(&process, name, &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw Failure(.unavailable, name, "cannot be started", hint: "apt-get install \(package)")
        }
        return process
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return out }
            out += buffer[..<count]
        }
    }
}

/// A word as a POSIX shell reads it back, for the commands that we print.
func shellQuoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            || Array("._/-+=:,@%".utf8).contains($0)
    }
    if plain, !word.isEmpty { return word }
    return "'" + word.replacing("'", with: "'\\''") + "'"
}
