internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

extension Tick {
    /// Judges what lies in `incoming/approvals/`. Each text becomes one line; whoever comes later sees the drop gone.
    func approvals() throws {
        guard let area = try TextArea(["approvals"], in: self), !area.files.isEmpty else { return }
        guard let trust = try currentTrust() else { return }
        let basis = projection.size
        var decisions: [Decision] = []
        var voted: Set<String> = []
        for drop in area.texts([.approval], in: self) {
            try guarded(drop.text.place) {
                if let decision = try judge(drop, trust: trust, voted: &voted) { decisions.append(decision) }
            }
        }
        let entries = try append(decisions, basedOn: basis)
        report.votes += entries.compactMap { $0 }.filter { $0.type == .approvalAccepted }.count
        try performPending()
    }

    // `nil`: it waits.
    private func judge(_ drop: TextDrop, trust: InstalledTrust, voted: inout Set<String>) throws -> Decision? {
        switch checkApproval(drop.bytes, signatures: drop.signatureBytes, keyring: trust.keyring, at: now) {
        case .unsigned:
            wait(drop.text.place, "unsigned", nil, "no signature lies beside it: drop its .sig or .minisig")
            return nil
        case .waiting:
            return nil
        case .refused(let problems):
            return try refusal(.approvalRefused, drop, problems)
        case .verified(let approval):
            let request = projection.requests[approval.payload.request.number]
            if let request, try isUnreadable(request) {
                wait(
                    drop.text.place,
                    "frozen",
                    nil,
                    "\(request.id) contradicts the disk: nothing about it is judged meanwhile"
                )
                return nil
            }
            let problems = try self.problems(of: approval)
            let person = approval.payload.reviewer
            // One word of each kind a person: a no that lies beside a yes is never lost.
            let key = "\(approval.payload.request.number) \(person) \(approval.payload.decision.rawValue)"
            if let request, problems.isEmpty, voted.insert(key).inserted {
                return try acceptance(drop, approval, request, trust: trust)
            }
            let twice = TextProblem("E-PERSON-TWICE", place: "reviewer", expected: "one word a person", found: person)
            return try refusal(
                .approvalRefused,
                drop,
                problems.isEmpty ? [twice] : problems,
                request: request,
                actor: person
            )
        }
    }

    // What a text says can only be compared with the request's own manifest.
    private func isUnreadable(_ request: Request) throws -> Bool {
        guard request.state.isOpen else { return false }
        if frozenRequests.contains(request.seq) { return true }
        guard let directory = try directory(of: request) else { return true }
        return try manifest(of: request, in: directory) == nil
    }

    private func acceptance(
        _ drop: TextDrop,
        _ approval: Verified<Approval>,
        _ request: Request,
        trust: InstalledTrust
    ) throws -> Decision {
        let proof = approval.proofs.first
        let signatures = proof.map { [$0.signature] } ?? []
        let evidence = try store(drop.bytes, signatures)
        return Decision(
            .approvalAccepted,
            actor: approval.payload.reviewer,
            subject: .request(request.seq),
            outcome: .ok,
            reason: approval.payload.reason,
            evidence: evidence,
            data: [
                "request": .string(request.id), "issue": .int(Int64(approval.payload.issue)),
                "person": .string(approval.payload.reviewer), "key": .string(proof?.keyID ?? ""),
                "decision": .string(approval.payload.decision.rawValue), "drop": drop.text.json,
                "with": .array(drop.consumed(by: approval.proofs).map(\.json)),
            ],
            touches: [
                .request(request.seq), .drop(device: drop.text.status.device, inode: drop.text.status.inode),
            ]
        )
    }

    /// Every check of formats.md §2 behind grammar and signature; all that fail, the first one first.
    private func problems(of approval: Verified<Approval>) throws -> [TextProblem] {
        let text = approval.payload
        var out: [TextProblem] = []
        if let seq = projection.texts[approval.textDigest] {
            out.append(.init("E-REPLAYED", expected: "a text that was not judged yet", found: "judged in entry \(seq)"))
        }
        if text.pipeline != projection.pipeline {
            out.append(.init("E-PIPELINE", place: "pipeline", expected: projection.pipeline, found: text.pipeline))
        }
        guard let request = projection.requests[text.request.number] else {
            out.append(
                .init(
                    "E-REQUEST-UNKNOWN",
                    place: "request",
                    expected: "an open request",
                    found: "r\(text.request.number)"
                )
            )
            return out
        }
        if !request.state.isOpen {
            out.append(
                .init("E-REQUEST-CLOSED", place: "request", expected: "an open request", found: request.state.rawValue)
            )
        }
        if text.request.leaf != request.leaf {
            out.append(
                .init(
                    "E-REQUEST-LEAF",
                    place: "request",
                    expected: request.leaf.tagged,
                    found: text.request.leaf.tagged
                )
            )
        }
        if text.issue != UInt64(request.issue) {
            out.append(
                .init(
                    "E-STALE-ISSUE",
                    place: "issue",
                    expected:
                        "issue \(request.issue): sign \(request.id).\(text.reviewer).\(text.decision.rawValue) as it is now",
                    found: "issue \(text.issue)"
                )
            )
        }
        out += try contentProblems(text, request)
        if request.expires <= now {
            out.append(
                .init("E-EXPIRED", place: "expires", expected: "arrival before \(request.expires)", found: now.text)
            )
        }
        if request.currentVotes.contains(where: { $0.person == text.reviewer && $0.decision == text.decision.rawValue })
        {
            out.append(.init("E-PERSON-TWICE", place: "reviewer", expected: "one word a person", found: text.reviewer))
        }
        return out
    }

    private func contentProblems(_ text: Approval, _ request: Request) throws -> [TextProblem] {
        guard let trust, let environment = trust.policy?.payload.environment(request.environment) else {
            return [
                .init(
                    "E-ENVIRONMENT",
                    place: "environment",
                    expected: "an environment of the policy",
                    found: text.environment
                )
            ]
        }
        guard let directory = try directory(of: request), let manifest = try manifest(of: request, in: directory) else {
            // Never believed unread: a closed request is refused above, an open one is being moved by another run.
            return [
                .init(
                    "E-REQUEST-UNREADABLE",
                    place: "request",
                    expected: "the files of \(request.id)",
                    found: "none that can be read"
                )
            ]
        }
        let texts = ReviewTexts(
            request: request,
            manifest: manifest,
            environment: environment,
            trust: trust,
            projection: projection
        )
        var out: [TextProblem] = []
        if text.issue == UInt64(request.issue) {
            if let expected = texts.expected(person: text.reviewer, decision: text.decision) {
                out += text.differences(from: expected)
            } else {
                out.append(
                    .init(
                        "E-REQUEST-UNREADABLE",
                        place: "policy",
                        expected: "terms that can be read",
                        found: request.terms.policy
                    )
                )
            }
        }
        if text.decision == .revoke {
            out.append(
                .init(
                    "E-DECISION-UNSUPPORTED",
                    place: "decision",
                    expected: "approve, reject or withdraw in this release",
                    found: "revoke"
                )
            )
        }
        let excluded = texts.gateInput.excluded
        if excluded.contains(text.reviewer) {
            out.append(
                .init(
                    "E-PERSON-EXCLUDED",
                    place: "reviewer",
                    expected: "somebody who did not bring or write the package",
                    found: text.reviewer
                )
            )
        } else if !Gate.eligible(texts.gateInput).contains(text.reviewer) {
            out.append(
                .init(
                    "E-PERSON-NOT-ELIGIBLE",
                    place: "reviewer",
                    expected: "a role that the gate asks for",
                    found: text.reviewer
                )
            )
        }
        if environment.reasonRequired { out += text.missingWords }
        return out
    }
}
