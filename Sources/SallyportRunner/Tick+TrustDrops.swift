internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

extension Tick {
    /// Judges what lies in `incoming/trust/`: keyrings first, since policies are signed under them. A candidate that fails changes nothing.
    func trustDrops() throws {
        guard let area = try TextArea(["trust"], in: self), !area.files.isEmpty else { return }
        for drop in area.texts([.keyring, .policy], in: self).sorted(by: { $0.kind == .keyring && $1.kind != .keyring })
        {
            try guarded(drop.text.place) {
                _ = try currentTrust()
                let basis = projection.size
                guard let decision = try judge(drop) else { return }
                try append([decision], basedOn: basis)
                try performPending()
                try loadTrust()
            }
        }
    }

    private func judge(_ drop: TextDrop) throws -> Decision? {
        guard let pin = keys.pin else {
            wait(drop.text.place, "unpinned", nil, "KEYS/pinned is missing: sallyport trust install")
            return nil
        }
        let touches: Set<Touch> = [.trust, .drop(device: drop.text.status.device, inode: drop.text.status.inode)]
        if let seq = projection.texts[Digest.of(drop.bytes)] {
            let again = TextProblem(
                "E-REPLAYED",
                expected: "a text that was not judged yet",
                found: "judged in entry \(seq)"
            )
            return try refusal(.documentRefused, drop, [again])
        }
        if drop.kind == .keyring {
            let check = checkKeyring(
                drop.bytes,
                signatures: drop.signatureBytes,
                after: trust?.keyring,
                pin: pin,
                at: now
            )
            return try decision(drop, check, .keyringInstalled, touches) { keyring in
                (keyring.version, keyring.previous, keyring.pipeline)
            }
        }
        guard let trust else {
            wait(drop.text.place, "no-keyring", nil, "no keyring is installed")
            return nil
        }
        let check = checkPolicy(
            drop.bytes,
            signatures: drop.signatureBytes,
            keyring: trust.keyring,
            after: trust.policy,
            at: now
        )
        if case .verified(let policy) = check {
            let unheld = PolicySupport.problems(policy.payload)
            guard unheld.isEmpty else { return try refusal(.documentRefused, drop, unheld) }
        }
        return try decision(drop, check, .policyInstalled, touches) { ($0.version, $0.previous, $0.pipeline) }
    }

    private func decision<Payload>(
        _ drop: TextDrop,
        _ check: DocumentCheck<Payload>,
        _ type: EventType,
        _ touches: Set<Touch>,
        _ facts: (Payload) -> (version: UInt64, previous: Digest?, pipeline: String)
    ) throws -> Decision? {
        switch check {
        case .unsigned:
            wait(drop.text.place, "unsigned", nil, "no signature lies beside it")
            return nil
        case .waiting(let have, let need):
            wait(drop.text.place, "waiting", nil, "signed by \(have.joined(separator: ", ")): \(need) people must sign")
            return nil
        case .refused(let problems):
            return try refusal(.documentRefused, drop, problems)
        case .verified(let document):
            let (version, previous, pipeline) = facts(document.payload)
            guard pipeline == projection.pipeline else {
                let foreign = TextProblem(
                    "E-PIPELINE",
                    place: "pipeline",
                    expected: projection.pipeline,
                    found: pipeline
                )
                return try refusal(.documentRefused, drop, [foreign])
            }
            let evidence = try store(drop.bytes, document.proofs.map(\.signature))
            return Decision(
                type,
                actor: uidActor(drop.text.status.uid),
                outcome: .ok,
                evidence: evidence,
                data: [
                    "version": .int(Int64(version)), "digest": .string(document.textDigest.tagged),
                    "previous": previous.map { .string($0.tagged) } ?? .null,
                    "signers": .array(document.proofs.map { .string($0.person) }), "drop": drop.text.json,
                    "with": .array(drop.consumed(by: document.proofs).map(\.json)),
                ],
                touches: touches
            )
        }
    }
}
