internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger

/// The directory of a slot: releases, `routes.json`, `current`, and what is derived from the ledger.
extension Tick {
    /// Makes a slot's directory equal to what the ledger says now: the release in place, `routes.json`, then `current`, then the
    /// directory synced; state, history and notice after it.
    ///
    /// The rename of `current` is what agents see; it is durable when the directory's `fsync` returns.
    ///
    /// - Parameter cause: the entry that asks for it; it names the notice.
    /// - Returns: false when another run holds the slot for more than ten seconds.
    func settleSlot(_ name: String, cause: Entry) throws -> Bool {
        let lockName = "slot-" + String(Digest.of(name).hex.prefix(16))
        guard
            let lock = try FileLock.acquire(lockName, in: spool.locks, waiting: .milliseconds(10_000), transient: true)
        else { return false }
        defer { withExtendedLifetime(lock) {} }
        try refold()
        let slot = projection.slot(name)
        guard slot.parts.count == 3, let live = slot.liveRelease else { return true }
        let directory = try spool.deployed.openMaking(slot.parts)
        let releases = try directory.openMaking(["releases"])
        guard try placeRelease(live, of: slot, in: releases) else { return true }
        let target = "releases/" + live.name
        try directory.ensure("routes.json", holds: routes(slot, live), scratch: run.scratch)
        let found = try directory.readLink("current")
        if found != target {
            try directory.replaceLink("current", to: target, scratch: run.scratch, durable: false)
        }
        try directory.sync()
        if found != target, cause.type == .releaseRolledBack { noteSwitch(cause, slot) }
        try writeSlotRecords(slot, live, in: directory, cause: cause)
        return true
    }

    private func placeRelease(_ live: Release, of slot: Slot, in releases: Directory) throws -> Bool {
        // Earlier ones too: another release may have become live before this one's effect was finished, and it is a way back.
        for release in slot.releases {
            let staged = "release-r\(release.request)"
            guard try spool.staged.status(of: staged) != nil else { continue }
            guard try releases.status(of: release.name) == nil else {
                // The rename leaves one of the two: what lies here already was put here by somebody else.
                contradict(
                    releases.path(release.name),
                    expected: "nothing yet",
                    found: "a directory that no entry explains"
                )
                frozenSlots.insert(slot.name)
                return false
            }
            try spool.staged.rename(staged, to: releases, as: release.name)
            try releases.sync()
            touched.append(spool.staged)
        }
        if try releases.status(of: live.name) != nil { return true }
        contradict(releases.path(live.name), expected: "the release \(live.name)", found: "nothing")
        frozenSlots.insert(slot.name)
        return false
    }

    private func routes(_ slot: Slot, _ live: Release) -> [UInt8] {
        let json: JSON = [
            "schema": "sallyport.routes/v1", "slot": .string(slot.name),
            "routes": [["release": .string(live.name), "weight": 100]],
        ]
        return Array(json.pretty.utf8)
    }

    // How long it took from the order's arrival until `current` was durable. Measured, hence not a function of the ledger.
    private func noteSwitch(_ entry: Entry, _ slot: Slot) {
        let toEntry = entry.data?["orderToEntryMs"]?.int ?? 0
        let since = max(0, clock.now().microseconds - entry.ts.microseconds) / 1000
        report.rolledBack.append((slot.name, slot.live ?? "", toEntry + since))
    }

    private func writeSlotRecords(_ slot: Slot, _ live: Release, in directory: Directory, cause: Entry) throws {
        var history: [UInt8] = []
        for seq in slot.entries {
            guard let entry = try ledger.entry(seq) else { continue }
            history += entry.line + [0x0A]
        }
        try directory.ensure("history.jsonl", holds: history, scratch: run.scratch)
        if let last = try slot.entries.last.flatMap({ try ledger.entry($0) }) {
            let json: JSON = [
                "schema": "sallyport.slot/v1", "slot": .string(slot.name), "seq": .int(Int64(last.seq)),
                "leaf": .string(last.leaf.tagged), "offset": .int(last.offset), "live": .string(live.name),
                "payload": .string(live.payload.tagged),
                "hold": slot.hold.map { .int(Int64($0)) } ?? .null,
                "bad": .array(slot.bad.sorted { $0.value < $1.value }.map { .string($0.key.tagged) }),
            ]
            try directory.ensure("state.json", holds: Array(json.pretty.utf8), scratch: run.scratch)
        }
        try writeNotice(slot, in: directory, cause: cause)
    }

    // What agents that run here should know: written once, since it holds a measured time.
    private func writeNotice(_ slot: Slot, in directory: Directory, cause: Entry) throws {
        guard cause.type == .releaseActivated || cause.type == .releaseRolledBack else { return }
        if try directory.status(of: "notices") == nil { try directory.makeDirectory("notices", mode: 0o755) }
        let notices = try directory.open("notices")
        let name = "\(cause.seq).json"
        guard try notices.status(of: name) == nil else { return }
        let measured = report.rolledBack.last { $0.slot == slot.name }
        let json: JSON = [
            "schema": "sallyport.notice/v1", "entry": .int(Int64(cause.seq)), "type": .string(cause.typeName),
            "slot": .string(slot.name), "from": cause.data?["from"] ?? .null, "to": cause.data?["to"] ?? .null,
            "at": .string(cause.ts.text), "reason": cause.reason.map { .string($0) } ?? .null,
            "orderToSwitchMs": measured.map { .int($0.orderToSwitchMs) } ?? .null,
        ]
        try notices.replace(name, with: Array(json.pretty.utf8), scratch: run.scratch, durable: false)
        touched.append(notices)
    }
}
