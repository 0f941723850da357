internal import Glibc
internal import SallyportBase
public import SallyportDisk

/// One run of the runner: its name in the ledger, its lock, its scratch. The lock says whether the run is alive: what a dead run left
/// in `.state/scratch` and `.state/staged` is swept by the next one.
public final class RunIdentity: Sendable {
    /// 16 hex digits; `run` in the ledger.
    public let id: String
    /// `.state/scratch/<id>/`
    public let scratch: Directory
    private let lock: FileLock
    private let spool: Spool
    private let counter: Counter

    /// Takes a name, its lock and a scratch directory of its own.
    public init(_ spool: Spool) throws(DiskError) {
        id = Hex.encode(Random.bytes(8))
        guard let lock = try FileLock.acquire("run-" + id, in: spool.locks, transient: true) else {
            throw DiskError("flock", spool.locks.path("run-" + id), code: 11)
        }
        self.lock = lock
        try spool.scratch.makeDirectory(id, mode: 0o700)
        scratch = try spool.scratch.open(id)
        self.spool = spool
        counter = Counter()
    }

    deinit { try? spool.scratch.removeTree(id) }

    /// A new name in `.state/staged`: `<run>.<n>`.
    public func stagedName() -> String { "\(id).\(counter.next())" }

    /// Removes what dead runs left, except the staged directories that an open effect still needs.
    ///
    /// - Parameter needed: names in `.state/staged` that entries with unfinished effects name; asked only after a run is known to be
    ///   dead or the release's lock is held, since until then it may append one more.
    public func sweep(keeping needed: () throws -> Set<String>) throws {
        for name in try spool.scratch.listText() where name != id {
            let isRun = Hex.decode(name)?.count == 8
            // What carries no run's name may be about to be renamed into place by a run that is alive.
            guard try isRun ? isDead(name) : isOld(name) else { continue }
            try spool.scratch.removeTree(name)
        }
        for name in try spool.staged.listText() where !name.hasPrefix(id + ".") {
            // release-r<seq> is guarded by the request's lock, everything else by the lock of the run that made it.
            if name.hasPrefix("release-") {
                let request = "request-" + name.dropFirst("release-r".count)
                guard let lock = try FileLock.acquire(request, in: spool.locks, transient: true) else { continue }
                if try !needed().contains(name) { try spool.staged.removeTree(name) }
                withExtendedLifetime(lock) {}
            } else if isDead(String(name.prefix { $0 != "." })), try !needed().contains(name) {
                try spool.staged.removeTree(name)
            }
        }
        try sweepInit()
        // Nobody's lock files: a holder that lives keeps its own.
        for name in try spool.locks.listText() where name != "run-" + id {
            guard ["run-", "drop-", "request-", "slot-", "trust"].contains(where: { name.hasPrefix($0) }),
                let lock = try FileLock.acquire(name, in: spool.locks, transient: true)
            else { continue }
            withExtendedLifetime(lock) {}
        }
    }

    // No file waits an hour between its first byte and its rename.
    private func isOld(_ name: String) throws(DiskError) -> Bool {
        guard let status = try spool.scratch.status(of: name) else { return false }
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
        return status.changed / 1_000_000_000 < Int64(now.tv_sec) - 3_600
    }

    // The workshop and the lock of an `init` that was killed after the ledger was in its place.
    private func sweepInit() throws(DiskError) {
        guard let workshop = try spool.state.openIfPresent(["init"]) else { return }
        let left = try workshop.listText()
        let isLocked = try spool.locks.status(of: "init") != nil
        guard isLocked || !left.isEmpty, let lock = try FileLock.acquire("init", in: spool.locks, transient: true)
        else { return }
        for name in left { try workshop.removeTree(name) }
        withExtendedLifetime(lock) {}
    }

    // A run is dead when its lock can be had: the kernel dropped it. Taking it transiently unlinks the file of a dead one.
    private func isDead(_ run: String) -> Bool {
        guard run != id else { return false }
        guard let lock = try? FileLock.acquire("run-" + run, in: spool.locks, transient: true) else { return false }
        withExtendedLifetime(lock) {}
        return true
    }
}

// A plain number behind a lock: one run may stage from two threads.
private final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
private import Synchronization
