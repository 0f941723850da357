internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    /// Obeys what lies in `incoming/orders/`: before everything else, and on a full disk with the reserve.
    func orders() throws {
        guard let area = try TextArea(["orders"], in: self), !area.files.isEmpty else { return }
        for drop in area.texts([.order], in: self) {
            try guarded(drop.text.place) {
                do { try obey(drop, area) } catch let error as DiskError
                    where error.isFull && spool.spendReserve()
                {
                    try obey(drop, area)
                } catch LedgerError.disk(let error) where error.isFull && spool.spendReserve() {
                    try obey(drop, area)
                }
            }
        }
    }

    private func obey(_ drop: TextDrop, _ area: TextArea) throws {
        guard projection.drops[drop.text.identity] == nil else { return try performPending() }
        guard let trust = try currentTrust() else { return }
        let basis = projection.size
        guard let decision = try judge(drop, area, trust) else { return }
        try append([decision], basedOn: basis)
        try performPending()
        // The order's effect is on the disk before anything else happens.
        try syncTouched()
    }

    private func judge(_ drop: TextDrop, _ area: TextArea, _ trust: InstalledTrust) throws -> Decision? {
        switch checkOrder(drop.bytes, signatures: drop.signatureBytes, keyring: trust.keyring, at: now) {
        case .unsigned:
            wait(drop.text.place, "unsigned", nil, "no signature lies beside it: drop its .sig or .minisig")
            return nil
        case .waiting: return nil
        case .refused(let problems): return try refusal(.orderRefused, drop, problems)
        case .verified(let order):
            var problems = commonProblems(order)
            if problems.isEmpty {
                switch order.payload.order {
                case .rollback:
                    switch try rollback(order, drop, trust) {
                    case .success(let decision): return decision
                    case .failure(let failure): problems = failure.problems
                    }
                case .liftHold:
                    switch try liftHold(order, drop, area, trust) {
                    case .success(let decision): return decision
                    case .failure(let failure): problems = failure.problems
                    }
                default:
                    problems = [
                        .init(
                            "E-ORDER-UNSUPPORTED",
                            place: "order",
                            expected: "rollback or lift-hold in this release",
                            found: order.payload.order.rawValue
                        )
                    ]
                }
            }
            return try refusal(.orderRefused, drop, problems, actor: order.payload.operator)
        }
    }

    /// Order texts that cannot be obeyed.
    struct Disobeyed: Error {
        let problems: [TextProblem]
        init(_ code: String, place: String = "-", expected: String, found: String) {
            problems = [TextProblem(code, place: place, expected: expected, found: found)]
        }
    }

    private func commonProblems(_ order: Verified<Order>) -> [TextProblem] {
        let text = order.payload
        var out: [TextProblem] = []
        if let seq = projection.texts[order.textDigest] {
            out.append(
                .init("E-REPLAYED", expected: "an order that was not judged yet", found: "judged in entry \(seq)")
            )
        }
        if text.pipeline != projection.pipeline {
            out.append(.init("E-PIPELINE", place: "pipeline", expected: projection.pipeline, found: text.pipeline))
        }
        return out + text.timeProblems(at: now)
    }

    private func slotName(_ order: Order) -> String? {
        guard let agent = order.agent else { return nil }
        return "\(order.environment)/\(order.tenant ?? "shared")/\(agent)"
    }

    private func rollback(
        _ order: Verified<Order>,
        _ drop: TextDrop,
        _ trust: InstalledTrust
    ) throws -> Result<Decision, Disobeyed> {
        let text = order.payload
        guard let name = slotName(text), let slot = projection.slots[name], let live = slot.liveRelease else {
            return .failure(
                .init(
                    "E-SLOT-UNKNOWN",
                    place: "agent",
                    expected: "something that is live",
                    found: slotName(text) ?? "-"
                )
            )
        }
        guard !frozenSlots.contains(name) else {
            return .failure(.init("E-SLOT-CONTRADICTED", expected: "a slot that agrees with the ledger", found: name))
        }
        // Safe orders are obeyed once: somebody else's rollback of the same release is this one's success.
        guard text.from?.description == live.name else {
            return .failure(
                .init(
                    "E-ALREADY-DONE",
                    place: "from",
                    expected: "\(live.name), which is live",
                    found: text.from?.description ?? "none"
                )
            )
        }
        let all = try rollbackTargets(slot, trust: trust)
        let target: Release
        switch RollbackTarget.choose(text.to ?? .lastGood, among: all) {
        case .success(let release): target = release
        case .failure(let none):
            return .failure(
                .init("E-ROLLBACK-TARGET", place: "to", expected: "a release to go back to", found: none.reason)
            )
        }
        guard try payloadOnDisk(target, slot) == target.payload else {
            contradict(
                "deployed/\(name)/releases/\(target.name)",
                expected: target.payload.tagged,
                found: "other files"
            )
            return .failure(
                .init(
                    "E-ROLLBACK-TARGET",
                    place: "to",
                    expected: target.payload.tagged,
                    found: "files that were changed"
                )
            )
        }
        let arrival = Timestamp(microseconds: drop.text.status.changed / 1000)
        // The clock is looked at again: hashing the target is part of what the operator waits for.
        let toEntry = max(0, clock.now().microseconds - arrival.microseconds) / 1000
        let evidence = try store(drop.bytes, order.proofs.map(\.signature))
        return .success(
            Decision(
                .releaseRolledBack,
                actor: text.operator,
                subject: .slot(name),
                outcome: .ok,
                reason: text.reason,
                evidence: evidence,
                data: [
                    "slot": .string(name), "from": .string(live.name), "to": .string(target.name),
                    "order": .string(order.textDigest.tagged), "condemn": .string(live.payload.tagged), "hold": true,
                    "incident": text.incident.map { .string($0) } ?? .null, "orderToEntryMs": .int(toEntry),
                    "drop": drop.text.json, "with": .array(drop.consumed(by: order.proofs).map(\.json)),
                ],
                touches: [.slot(name), .drop(device: drop.text.status.device, inode: drop.text.status.inode)]
            )
        )
    }

    private func liftHold(
        _ order: Verified<Order>,
        _ drop: TextDrop,
        _ area: TextArea,
        _ trust: InstalledTrust
    ) throws -> Result<Decision, Disobeyed> {
        let text = order.payload
        guard let name = slotName(text), let slot = projection.slots[name], slot.hold != nil else {
            return .failure(
                .init("E-NOT-HELD", place: "agent", expected: "a slot on hold", found: slotName(text) ?? "-")
            )
        }
        let causeName = FileName(bytes: drop.text.name.nameBytes + Array(".cause".utf8))
        guard let cause = area.files.first(where: { $0.name == causeName }), let digest = text.cause,
            Digest.of(cause.bytes) == digest
        else {
            return .failure(
                .init(
                    "E-CAUSE",
                    place: "cause",
                    expected: "the root-cause file beside the order, as \(causeName.shown)",
                    found: text.cause?.tagged ?? "-"
                )
            )
        }
        // Going forward again takes somebody who did not bring what was rolled back.
        // Every payload that was condemned since the last release of the slot waits behind this hold.
        let condemned = slot.bad.filter { $0.value > (slot.released ?? 0) }
        let submitters = condemned.keys.reduce(into: Set<String>()) { $0.formUnion(projection.submitters[$1] ?? []) }
        guard !submitters.contains(text.operator) else {
            return .failure(
                .init(
                    "E-PERSON-EXCLUDED",
                    place: "operator",
                    expected: "an operator who did not submit it",
                    found: text.operator
                )
            )
        }
        let evidence = try store(drop.bytes, order.proofs.map(\.signature) + [cause.bytes])
        return .success(
            Decision(
                .slotReleased,
                actor: text.operator,
                subject: .slot(name),
                outcome: .ok,
                reason: text.reason,
                evidence: evidence,
                data: [
                    "slot": .string(name), "order": .string(order.textDigest.tagged), "cause": .string(digest.tagged),
                    "drop": drop.text.json, "with": .array((drop.consumed(by: order.proofs) + [cause]).map(\.json)),
                ],
                touches: [.slot(name), .drop(device: drop.text.status.device, inode: drop.text.status.inode)]
            )
        )
    }
}
