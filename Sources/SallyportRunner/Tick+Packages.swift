internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    /// Items that are staged together, made durable together and entered by one append.
    private static let batch = 64

    /// Judges what lies in `incoming/packages/<environment>/`.
    func packages() throws {
        guard !isStopped, let policy = try currentTrust()?.policy?.payload else { return }
        for environment in policy.environments {
            let path = ["packages", environment.name]
            guard let area = try spool.incoming.openIfPresent(path) else { continue }
            let tickets = try tickets(path)
            var batch: [PackageIntake.Judged] = []
            var basis = projection.size
            for name in try area.list() where !name.isUnfinished {
                let place = path.joined(separator: "/") + "/" + name.shown
                if tickets.files.contains(name) { continue }
                try ordersBetweenItems()
                if batch.isEmpty { basis = projection.size }
                try guarded(place) {
                    let intake = PackageIntake(
                        tick: self,
                        environment: environment,
                        area: area,
                        name: name,
                        place: place,
                        tickets: tickets.good
                    )
                    if let judged = try intake.judge(alongside: batch) { batch.append(judged) }
                }
                if batch.count >= Self.batch {
                    try enter(batch, basedOn: basis)
                    batch = []
                }
            }
            try enter(batch, basedOn: basis)
        }
    }

    // Orders are looked at between any two items: a rollback is never queued behind packages.
    private func ordersBetweenItems() throws {
        guard try !spool.incoming.open("orders").list().isEmpty else { return }
        try guarded("incoming/orders") { try orders() }
    }

    // One write for all; a line that cannot be written is one item's failure, so then each goes alone.
    private func appendEach(_ decisions: [Decision], basedOn basis: UInt64) throws -> [Entry?] {
        do { return try append(decisions, basedOn: basis) } catch LedgerError.unwritable {
            var out: [Entry?] = []
            for decision in decisions {
                var entry: Entry?
                try guarded("incoming/packages") { entry = try append([decision], basedOn: basis).first ?? nil }
                out.append(entry)
            }
            return out
        }
    }

    /// Makes everything staged durable, appends the lines in one write, performs the effects.
    private func enter(_ batch: [PackageIntake.Judged], basedOn basis: UInt64) throws {
        guard !batch.isEmpty else { return }
        try guarded(".state/staged") {
            // syncfs waits for everybody's dirty pages: only where it saves many waits of our own.
            if batch.count > 8 {
                try spool.root.syncFileSystem()
            } else {
                for judged in batch { try judged.makeDurable() }
                try spool.staged.sync()
            }
            let entries = try appendEach(batch.map(\.decision), basedOn: basis)
            for (entry, judged) in zip(entries, batch) {
                guard let entry else { continue }
                if entry.type == .packageReceived {
                    report.received.append("r\(entry.seq)")
                } else {
                    report.refused.append((judged.place, entry.data?["code"]?.string ?? ""))
                }
            }
        }
        try performPending()
        try syncTouched()
    }

    /// A ticket and the files it came in.
    struct PresentTicket {
        let ticket: Verified<Ticket>
        let files: [DropFile]
    }

    // Tickets lie beside their packages; what is signed wrongly is refused, what is not signed waits.
    private func tickets(_ path: [String]) throws -> (good: [PresentTicket], files: Set<FileName>) {
        guard let trust = try currentTrust(), let directory = try spool.incoming.openIfPresent(path) else {
            return ([], [])
        }
        let basis = projection.size
        // The name is a hint what to read; what it is the first line says. Packages are never read here.
        let candidates = try directory.list().filter {
            String(decoding: $0.nameBytes, as: UTF8.self).contains(".ticket")
        }
        guard !candidates.isEmpty, let area = try TextArea(path, in: self, only: Set(candidates)) else {
            return ([], [])
        }
        let small = area.files.filter { sniffKind($0.bytes) != nil || isSignature($0.bytes) }.map(\.name)
        var good: [PresentTicket] = []
        var refused: [Decision] = []
        for drop in area.texts([.ticket], in: self) {
            switch checkTicket(drop.bytes, signatures: drop.signatureBytes, keyring: trust.keyring, at: now) {
            case .unsigned: wait(drop.text.place, "unsigned", nil, "no signature lies beside the ticket")
            case .waiting: break
            case .refused(let problems): refused.append(try refusal(.documentRefused, drop, problems))
            case .verified(let ticket):
                let problems =
                    projection.problems(
                        of: ticket.payload,
                        digest: ticket.textDigest,
                        in: path[path.count - 1]
                    ) + ticket.payload.timeProblems(at: now)
                if problems.isEmpty {
                    good.append(PresentTicket(ticket: ticket, files: [drop.text] + drop.consumed(by: ticket.proofs)))
                } else {
                    refused.append(
                        try refusal(.documentRefused, drop, problems, actor: ticket.payload.submitter)
                    )
                }
            }
        }
        try append(refused, basedOn: basis)
        try performPending()
        return (good, Set(small))
    }
}
