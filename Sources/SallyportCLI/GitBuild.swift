internal import Glibc
internal import SallyportBase

/// What git says about a directory: the `build` member of a manifest. Only `package pack` asks, on the author's machine; intake never
/// runs anything for a package.
enum GitBuild {
    /// `nil` when git is not installed or the directory is in no repository with a commit.
    static func describe(_ directory: String) -> JSON? {
        guard let sha = git(["rev-parse", "--verify", "HEAD"], in: directory), !sha.isEmpty,
            let count = git(["rev-list", "--count", "HEAD"], in: directory),
            let changes = git(["status", "--porcelain", "--", "."], in: directory)
        else { return nil }
        return ["gitSha": .string(sha), "dirty": .bool(!changes.isEmpty), "buildNumber": .string(count)]
    }

    /// The output without its last line feeds; `nil` unless git ended with 0.
    private static func git(_ words: [String], in directory: String) -> String? {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments = unsafe (["git", "-C", directory] + words).map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let started = unsafe posix_spawnp(&process, "git", &actions, nil, arguments, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard started == 0 else { return nil }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe read(ends[0], &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            output += chunk.prefix(count)
        }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { return nil }
        while output.last == 0x0A { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }
}
