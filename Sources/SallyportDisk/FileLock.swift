internal import Glibc

/// An exclusive `flock` on a file of `.state/locks/`. The kernel drops it when the process dies, so a crash leaves nothing for a
/// person to remove; it is never inherited (`O_CLOEXEC`).
public final class FileLock: Sendable {
    /// What to do while somebody else holds it.
    public enum Waiting: Sendable {
        /// Come back at once with `nil`.
        case never
        /// Wait, looking every few milliseconds, for at most so many milliseconds.
        case milliseconds(Int)
    }
    private let file: File
    private let directory: Directory
    private let name: String
    private let unlinks: Bool

    private init(_ file: File, _ directory: Directory, _ name: String, unlinks: Bool) {
        self.file = file
        self.directory = directory
        self.name = name
        self.unlinks = unlinks
    }

    deinit {
        // Unlinked while still held: whoever waits finds that its descriptor has no name any more and starts again.
        if unlinks { _ = try? directory.unlink(name) }
    }

    /// Takes the lock, or returns `nil` when somebody holds it for longer than the caller waits.
    ///
    /// - Parameter transient: the holder unlinks the file when done (drop, request and slot locks, whose names would pile up).
    public static func acquire(
        _ name: String,
        in directory: Directory,
        waiting: Waiting = .never,
        transient: Bool = false
    ) throws(DiskError) -> FileLock? {
        var spent = 0
        while true {
            let c = try name.checked(in: directory.label, for: "openat")
            let fd = clOpen(directory.descriptor, c)
            guard fd >= 0 else { throw DiskError("openat", directory.path(name)) }
            let file = File(adopting: fd, label: directory.path(name))
            if flock(fd, LOCK_EX | LOCK_NB) == 0 {
                // The file may have been unlinked between open and flock: then this lock guards nothing.
                if let there = try directory.status(of: name), there.inode == (try file.status().inode) {
                    return FileLock(file, directory, name, unlinks: transient)
                }
                continue
            }
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw DiskError("flock", directory.path(name)) }
            guard case .milliseconds(let most) = waiting, spent < most else { return nil }
            usleep(5_000)
            spent += 5
        }
    }
}

private func clOpen(_ directory: Int32, _ name: [CChar]) -> Int32 {
    unsafe openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
}
