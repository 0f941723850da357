public import SallyportDisk

/// The directories of a spool, held by descriptor (architecture.md, "The disk"). Names on the disk are constants of this file.
public struct Spool: Sendable {
    /// The whole.
    public let root: Directory
    /// The only door.
    public let incoming: Directory
    /// Checked, waiting for signatures.
    public let review: Directory
    /// Enough signatures; waiting for its turn.
    public let approved: Directory
    /// `<environment>/<tenant>/<agent>/`
    public let deployed: Directory
    /// `<yyyy>/<mm>/`: every request that is closed.
    public let archive: Directory
    /// The book, published.
    public let ledger: Directory
    /// Notifications as files.
    public let outbox: Directory
    /// 0700, the runner's own.
    public let state: Directory
    /// `flock` files.
    public let locks: Directory
    /// What is durable before an entry names it.
    public let staged: Directory
    /// Everything here may be deleted once its run is dead.
    public let scratch: Directory

    /// The areas of `incoming/` with their modes: create, not list, not touch others' files (architecture.md, "Who may write what").
    public static let areas = ["packages", "approvals", "orders", "trust", "evidence", "telemetry"]
    /// setgid, sticky, no listing for others.
    public static let dropMode: UInt32 = 0o3730
    /// A removed drop goes through here: renamed in, compared, unlinked or put back.
    public static let taken = ".taken"
    /// What `init` makes besides `ledger`, with modes.
    public static let directories: [(path: [String], mode: UInt32)] = [
        (["incoming"], 0o755), (["incoming", taken], 0o700), (["review"], 0o2750), (["approved"], 0o2750),
        (["deployed"], 0o755), (["archive"], 0o2750), (["outbox"], 0o2750), (["public"], 0o755), ([".state"], 0o700),
        ([".state", "locks"], 0o700), ([".state", "staged"], 0o700), ([".state", "scratch"], 0o700),
        ([".state", "init"], 0o700), ([".state", "private"], 0o700),
    ]

    /// Opens the spool at a path that the caller named.
    ///
    /// - Throws: ``DiskError`` naming the directory that is missing.
    public static func open(path: String) throws(DiskError) -> Spool {
        let root = try Directory.open(path: path)
        let state = try root.open(".state")
        return Spool(
            root: root,
            incoming: try root.open("incoming"),
            review: try root.open("review"),
            approved: try root.open("approved"),
            deployed: try root.open("deployed"),
            archive: try root.open("archive"),
            ledger: try root.open("ledger"),
            outbox: try root.open("outbox"),
            state: state,
            locks: try state.open("locks"),
            staged: try state.open("staged"),
            scratch: try state.open("scratch")
        )
    }

    /// The directory of a slot, or `nil` when nothing was ever deployed there.
    public func slot(_ name: String) throws(DiskError) -> Directory? {
        try deployed.openIfPresent(name.split(separator: "/").map(String.init))
    }

    /// Frees 1 MiB for an order on a full disk; false when it was spent already.
    public func spendReserve() -> Bool { (try? state.unlink("reserve")) ?? false }

    /// Refills the reserve. A disk that is too full for it is no error: the next run tries again.
    public func fillReserve(_ scratch: Directory) {
        guard (try? state.status(of: "reserve"))?.size != 1 << 20 else { return }
        try? state.replace(
            "reserve",
            with: [UInt8](repeating: 0, count: 1 << 20),
            mode: 0o600,
            scratch: scratch,
            durable: false
        )
    }
}
