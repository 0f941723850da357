internal import SallyportBase
internal import SallyportDisk

/// When each drop without a ticket was first seen as it is now. Kept in `.state/looks`, shared by all runs; lost, every drop waits once
/// more (architecture.md, "Drops").
struct Looks {
    private struct Look: Equatable {
        let inode: UInt64
        let size: Int64
        let modified: Int64
        let changed: Int64
        let since: Int64
    }
    private var looks: [String: Look] = [:]
    private var seen: Set<String> = []
    private(set) var isChanged = false

    init(_ spool: Spool) {
        guard let bytes = try? spool.state.read("looks", limit: 8 << 20),
            let json = try? JSON.parse(bytes, limit: 8 << 20), let members = json.members
        else { return }
        for member in members {
            let parts = (member.value.array ?? []).compactMap { $0.string.flatMap { Int64($0) } }
            guard parts.count == 5 else { continue }
            looks[member.key] = Look(
                inode: UInt64(parts[0]),
                size: parts[1],
                modified: parts[2],
                changed: parts[3],
                since: parts[4]
            )
        }
    }

    /// Looks at a drop: true when an earlier look, at least `settle` seconds ago, saw the same inode, size, mtime and ctime.
    mutating func isSettled(_ key: String, _ status: FileStatus, now: Timestamp, settle: Int64) -> Bool {
        seen.insert(key)
        let look = Look(
            inode: status.inode,
            size: status.size,
            modified: status.modified,
            changed: status.changed,
            since: now.microseconds
        )
        if let old = looks[key], old.inode == look.inode, old.size == look.size, old.modified == look.modified,
            old.changed == look.changed, old.since <= look.since
        {
            return look.since - old.since >= settle * 1_000_000
        }
        looks[key] = look
        isChanged = true
        return false
    }

    /// Writes the looks of the drops that are still there.
    mutating func save(_ spool: Spool, _ scratch: Directory) throws(DiskError) {
        let gone = looks.keys.filter { !seen.contains($0) }
        for key in gone { looks[key] = nil }
        guard isChanged || !gone.isEmpty else { return }
        let members = looks.sorted { $0.key < $1.key }.map { key, look in
            JSON.Member(
                key,
                .array(
                    [Int64(look.inode), look.size, look.modified, look.changed, look.since].map { .string(String($0)) }
                )
            )
        }
        let bytes = Array(JSON.object(members).compact.utf8)
        try spool.state.replace("looks", with: bytes, mode: 0o600, scratch: scratch, durable: false)
    }
}
