internal import SallyportBase
internal import SallyportDisk

extension Ledger {
    /// After an `fsync` that failed the kernel may have dropped the dirty pages and call them clean: nobody knows what the disk holds.
    /// The marker tells every later process.
    func poison() {
        do throws(DiskError) {
            _ = try state.createFile(StateName.poison, mode: 0o600)
            try state.sync()
        } catch {
            // It is there already, or the disk takes nothing at all; then the caller's error is all that can be said.
        }
    }

    /// Rewrites every segment that holds unsigned lines into a new file, makes that durable, and takes the marker away. The page cache
    /// is never trusted to still be dirty. The caller holds the lock.
    ///
    /// Commit point of each segment: the rename. Killed anywhere, the marker is still there and all is done again.
    func recoverFromPoison() throws(LedgerError) {
        do throws(DiskError) {
            guard try state.status(of: StateName.poison) != nil else { return }
        } catch { throw .disk(error) }
        var segment = boundary.segment
        while let old = try ledger.openFile(below: TilePath.segment(segment)) {
            let path = TilePath.segment(segment)
            let scratch = try scratch()
            let temporary = "new-" + Random.id()
            do throws(DiskError) {
                let parent = try ledger.open(Array(path.dropLast()))
                do throws(DiskError) {
                    let copy = try scratch.createFile(temporary)
                    var offset: Int64 = 0
                    while true {
                        let bytes = try old.read(at: offset, count: 1 << 20)
                        if bytes.isEmpty { break }
                        try copy.write(bytes)
                        offset += Int64(bytes.count)
                    }
                    try copy.sync()
                    try scratch.rename(temporary, to: parent, as: path[path.count - 1], replacing: true)
                } catch {
                    _ = try? scratch.unlink(temporary)
                    throw error
                }
                try parent.sync()
            } catch { throw .disk(error) }
            segment += 1
        }
        do throws(DiskError) {
            try state.unlink(StateName.poison)
            try state.sync()
        } catch { throw .disk(error) }
    }
}
