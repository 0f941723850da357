internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger

extension Tick {
    /// Performs the effects of every entry that is not known to hold, in order. What fails stays pending for the next run.
    func performPending() throws {
        var left: [Entry] = []
        // A rollback is queued behind nothing, and may spend the reserve of a full disk.
        let work = pending
        // What other runs append meanwhile is folded on the way and performed by the next call.
        pending = []
        hasPerformed = hasPerformed || !work.isEmpty
        let urgent = work.filter { $0.type == .releaseRolledBack }
        for entry in urgent + work.filter({ $0.type != .releaseRolledBack }) {
            var done = false
            try guarded("entry \(entry.seq)") {
                do { done = try perform(entry) } catch let error as DiskError
                    where error.isFull && entry.type == .releaseRolledBack && spool.spendReserve()
                { done = try perform(entry) }
            }
            if !done { left.append(entry) }
        }
        pending = (left + pending).sorted { $0.seq < $1.seq }
    }

    /// Makes the disk equal to what the ledger says now about the thing that this entry is about. "Already so" is success.
    ///
    /// - Returns: false when somebody else works on the thing.
    private func perform(_ entry: Entry) throws -> Bool {
        switch entry.type {
        case .packageReceived, .requestReissued, .requestRejected, .requestExpired, .requestCancelled,
            .requestSuperseded, .releaseApproved, .approvalAccepted:
            guard try settleRequest(of: entry) else { return false }
        case .packageRefused: try settleRefusal(entry)
        case .releaseActivated:
            guard let request = projection.request(id: entry.subject ?? "") else { return true }
            guard try settleSlot(request.slot, cause: entry) else { return false }
            guard try settleRequest(of: entry) else { return false }
        case .releaseRolledBack, .slotReleased:
            if let slot = entry.data?["slot"]?.string ?? entry.subject {
                guard try settleSlot(slot, cause: entry) else { return false }
            }
        case .keyringInstalled, .policyInstalled: guard try settleTrust() else { return false }
        default: break
        }
        try removeDrops(of: entry)
        try Outbox(self).tell(entry)
        return true
    }

    private func settleRequest(of entry: Entry) throws -> Bool {
        let id = entry.data?["request"]?.string ?? entry.subject ?? ""
        guard let request = projection.request(id: id) else { return true }
        return try settleRequest(request)
    }

    /// Removes the drops that an entry names, each by its identity.
    private func removeDrops(of entry: Entry) throws {
        guard let main = entry.data?["drop"] else { return }
        for drop in [main] + (entry.data?["with"]?.array ?? []) {
            guard let identity = DropIdentity(drop), let path = drop["name"]?.string else { continue }
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count >= 2, let area = try spool.incoming.openIfPresent(Array(parts.dropLast())) else {
                continue
            }
            let taken = try spool.incoming.open(Spool.taken)
            // The name may have been taken by somebody else since; the inode decides.
            let name = FileName(bytes: percentDecoded(parts[parts.count - 1]))
            try DropRemoval.remove(
                name,
                area: area,
                areaPath: Array(parts.dropLast()),
                identity: identity,
                taken: taken
            )
        }
    }

    private func settleRefusal(_ entry: Entry) throws {
        guard let staged = entry.data?["staged"]?.string else { return }
        let (year, month) = entry.ts.yearAndMonth
        let name = "r\(entry.seq)-refused"
        let target = try spool.archive.openMaking([year, month], mode: 0o2750)
        if try target.status(of: name) != nil { return }
        guard try spool.staged.status(of: staged) != nil else {
            // Another run was faster between the two looks.
            if try target.status(of: name) != nil { return }
            contradict("archive/\(year)/\(month)/\(name)", expected: "the refused package", found: "nothing")
            return
        }
        try spool.staged.rename(staged, to: target, as: name)
        touched += [spool.staged, target]
    }

    /// Notes a disk state that no entry explains; it is entered once.
    func contradict(_ path: String, expected: String, found: String) {
        // Paths in the ledger begin at the spool: it is published.
        let prefix = spool.root.label + "/"
        let place = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
        let contradiction = TickReport.Contradiction(path: place, expected: expected, found: found)
        if !report.contradictions.contains(contradiction) { report.contradictions.append(contradiction) }
    }
}

/// Reads what `percentEncoded` wrote.
func percentDecoded(_ text: String) -> [UInt8] {
    var out: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            out.append(value)
            rest = rest.dropFirst(2)
        } else {
            out.append(byte)
        }
    }
    return out
}
