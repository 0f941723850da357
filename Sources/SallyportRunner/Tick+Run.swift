internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

extension Tick {
    /// The whole tick: reconcile → orders → trust → approvals → packages → gates → expiries → publish.
    ///
    /// - Parameter ordersOnly: `run --orders`: reconcile and orders, nothing else.
    /// - Throws: what makes any further step unsafe: a ledger that contradicts itself.
    public func perform(ordersOnly: Bool = false) throws {
        try reconcile()
        // Something stale means that somebody else was faster: look again, a few times at most; the next tick does the rest.
        for _ in 0..<4 {
            again = false
            try guarded("incoming/orders") { try orders() }
            if !ordersOnly {
                try guarded("incoming/trust") { try trustDrops() }
                try guarded("incoming/approvals") { try approvals() }
                try guarded("incoming/packages") { try packages() }
                try guarded("gates") { try gates() }
                try guarded("deadlines") { try deadlines() }
            }
            if !again { break }
        }
        try guarded("ledger/lines") { try enterContradictions() }
        try performPending()
        try guarded("ledger/checkpoint") { try publish() }
        try guarded(".state") { try settle() }
    }

    private func reconcile() throws {
        try loadTrust()
        try guarded(".state/staged") { try run.sweep { try self.stagedInUse() } }
        try guarded("incoming/.taken") {
            try DropRemoval.reconcile(spool.incoming) {
                try self.refold()
                return self.projection.drops
            }
        }
        try performPending()
        try guarded("spool") { try examine() }
    }

    /// Verifies the installed keyring and policy. Broken trust stops forward motion and nothing else.
    func loadTrust() throws {
        trustCount = (projection.keyrings.count, projection.policies.count)
        do {
            trust = try InstalledTrust.load(projection, ledger, pin: keys.pin)
            report.brokenTrust = trust == nil ? "no keyring is installed" : nil
            if let trust, trust.policy == nil { report.brokenTrust = "no policy is installed" }
            if let trust, trust.isExpired(at: now) {
                report.brokenTrust = "the keyring expired at \(trust.keyring.payload.expires)"
            }
        } catch let broken as InstalledTrust.Broken {
            trust = nil
            report.brokenTrust = broken.what
        }
        if let alteredTrust { report.brokenTrust = report.brokenTrust ?? alteredTrust }
    }

    private func stagedInUse() throws -> Set<String> {
        try refold()
        var out: Set<String> = []
        for entry in pending {
            if let name = entry.data?["staged"]?.string { out.insert(name) }
            if entry.type == .releaseActivated, let id = entry.subject { out.insert("release-" + id) }
        }
        return out
    }

    /// Publishes a checkpoint over everything appended so far, when there is something new.
    func publish() throws {
        guard ledger.tail.size > ledger.publishedSize else { return }
        _ = try ledger.publish(try keys.signer())
    }

    /// Makes effects durable, then remembers how far every effect is known to hold. Lost, the next run performs more again.
    ///
    /// One `syncfs` for whatever was performed or found to hold: a run that was killed, or one beside us, may have done it without
    /// waiting for the disk, and what the mark claims no power cut may take back.
    private func settle() throws {
        if hasPerformed || !touched.isEmpty {
            try spool.root.syncFileSystem()
            touched = []
            hasPerformed = false
        }
        try looks.save(spool, run.scratch)
        spool.fillReserve(run.scratch)
        let settled = pending.first?.seq ?? projection.size
        let json: JSON = ["format": 1, "settled": .int(Int64(settled))]
        let bytes = Array(json.compact.utf8)
        if try spool.state.read("open", limit: 1 << 20) != bytes {
            try spool.state.replace("open", with: bytes, mode: 0o600, scratch: run.scratch, durable: false)
        }
    }

    /// Makes the names in every touched directory durable: one `syncfs` for many, `fsync` each for few.
    func syncTouched() throws {
        guard !touched.isEmpty else { return }
        if touched.count > 24 {
            try spool.root.syncFileSystem()
        } else {
            var seen: Set<String> = []
            for directory in touched where seen.insert(directory.label).inserted { try directory.sync() }
        }
        touched = []
    }

    /// Nothing may move forward: no usable trust.
    var isStopped: Bool {
        guard let trust, trust.policy != nil, report.brokenTrust == nil else { return true }
        return trust.isExpired(at: now)
    }
}
