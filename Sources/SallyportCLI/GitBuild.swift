internal import Glibc
internal import SallyportBase

/// What git says about a directory: the `build` member of a manifest. Only `package pack` asks, on the author's machine; intake never
/// runs anything for a package.
///
/// The directory may have come from somebody else, its `.git/config` with it, and git runs programs that a configuration names. So
/// what the repository's own configuration could start is switched off (git(1), gitattributes(5)): the file system monitor, hooks, the
/// drivers of attributes, transports, and submodules' configurations. What the system and the user configured stays.
enum GitBuild {
    /// `nil` when git is not installed or the directory is in no repository with a commit.
    static func describe(_ directory: String) -> JSON? {
        guard let sha = git(["rev-parse", "--verify", "HEAD"], in: directory), !sha.isEmpty,
            let count = git(["rev-list", "--count", "HEAD"], in: directory),
            let drivers = driversOfTheRepository(directory),
            let changes = git(
                // What git ignores is packed all the same, so it counts as a change.
                [
                    "status", "--porcelain", "--ignored", "--untracked-files=normal", "--ignore-submodules=dirty", "--",
                    ".",
                ],
                settings: drivers,
                in: directory
            )
        else { return nil }
        return ["gitSha": .string(sha), "dirty": .bool(!changes.isEmpty), "buildNumber": .string(count)]
    }

    /// Never run a monitor, a hook or a summary of submodules; never take the directory itself for a bare repository.
    private static let harmless = [
        "core.fsmonitor=false", "core.hooksPath=/dev/null", "status.submoduleSummary=false",
        "safe.bareRepository=explicit",
    ]

    /// `filter.<name>.clean` and `.process` run at `git status`. Those that the repository itself names become empty: what they would
    /// have changed then counts as a change.
    private static func driversOfTheRepository(_ directory: String) -> [String]? {
        guard let list = git(["config", "--list", "--show-scope", "--name-only", "-z"], in: directory) else {
            return nil
        }
        let words = list.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        var out: [String] = []
        for index in stride(from: 0, to: words.count - 1, by: 2) where ["local", "worktree"].contains(words[index]) {
            let key = words[index + 1]
            guard key.hasPrefix("filter.") else { continue }
            // `-c` cannot set a name with `=`: such a repository gets no answer.
            if key.utf8.contains(0x3D) { return nil }
            out.append(key.hasSuffix(".required") ? key + "=false" : key + "=")
        }
        return out
    }

    // Nothing inherited points git to another repository or another program; nothing is fetched, asked or written.
    private static var environment: [String] {
        var out: [String] = []
        var entry = unsafe environ
        while let variable = unsafe entry.pointee {
            let text = unsafe String(cString: variable)
            if !text.hasPrefix("GIT_") { out.append(text) }
            unsafe entry += 1
        }
        return out + [
            "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_TERMINAL_PROMPT=0",
            "GIT_NO_REPLACE_OBJECTS=1", "LC_ALL=C",
        ]
    }

    /// The output without its last line feeds; `nil` unless git ended with 0.
    private static func git(_ words: [String], settings: [String] = [], in directory: String) -> String? {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let options = (harmless + settings).flatMap { ["-c", $0] }
        var arguments = unsafe (["git", "--no-pager"] + options + ["-C", directory] + words).map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var variables = unsafe environment.map { unsafe strdup($0) }
        unsafe variables.append(nil)
        defer { unsafe variables.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let started = unsafe posix_spawnp(&process, "git", &actions, nil, arguments, variables)
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
