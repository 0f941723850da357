internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportRunner
internal import SallyportTrust

/// `history`: every version of an agent, the current one marked, what can be rolled back to and why not.
enum History: Verb {
    static let words = ["history"]
    static let usage = "AGENT [--env ENV] [--tenant T]"
    static let summary = "every version, the current one marked, and what can be rolled back to"
    static let options: [Arguments.Option] = [
        .value("--env", "ENV", "one environment only"), .value("--tenant", "T", "one tenant only"),
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let agent = try arguments.one("agent", verb: "history")
        let reader = try SpoolReader.open(context)
        let trust = try reader.trust()
        let slots = reader.projection.slots.values.sorted { $0.name < $1.name }.filter { slot in
            slot.parts.last == agent && arguments.value("--env").map { $0 == slot.parts[0] } ?? true
                && arguments.value("--tenant").map { $0 == slot.parts[1] } ?? true
        }
        guard !slots.isEmpty else {
            throw Failure(.missing, shown(agent), "was never live here", hint: "sallyport status \(shown(agent))")
        }
        let now = max(Clock.system.now(), reader.projection.time)
        var text = ""
        var documents: [JSON] = []
        for slot in slots {
            let targets = try SlotReading.rollbackTargets(
                slot,
                in: reader.projection,
                trust: trust,
                deployed: try reader.root.open("deployed"),
                now: now
            )
            text += "\(slot.name)\(slot.hold.map { "  ON HOLD since entry \($0)" } ?? "")\n"
            for target in targets { text += line(target, slot, reader.projection) }
            documents.append(document(slot, targets, reader.projection))
        }
        context.result(text: text, json: documents.count == 1 ? documents[0] : .array(documents))
        return .success
    }

    private static func state(_ release: Release, _ slot: Slot, _ projection: Projection) -> String {
        projection.requests[release.request]?.state.rawValue ?? "unknown"
    }

    private static func approvers(_ release: Release, _ projection: Projection) -> [String] {
        (projection.requests[release.request]?.currentVotes ?? []).filter { $0.decision == "approve" }.map(\.person)
    }

    private static func line(_ target: RollbackEligibility, _ slot: Slot, _ projection: Projection) -> String {
        let release = target.release
        let mark = release.name == slot.live ? "*" : " "
        let people = approvers(release, projection).joined(separator: ", ")
        let back = target.reason.map { "no rollback: \($0)" } ?? "can be rolled back to"
        let since = release.name == slot.live ? "since" : "activated"
        return
            "\(mark) \(release.version)  \(release.name)  \(state(release, slot, projection)), \(since) \(release.activated)  approved by \(people)  \(back)\n"
    }

    private static func document(_ slot: Slot, _ targets: [RollbackEligibility], _ projection: Projection) -> JSON {
        let parts = slot.parts
        let versions = targets.map { target -> JSON in
            let release = target.release
            let request = projection.requests[release.request]
            return [
                "version": .string(release.version), "package": .string(request?.package.tagged ?? ""),
                "release": .string(release.name), "state": .string(state(release, slot, projection)),
                "current": .bool(release.name == slot.live), "activated": .string(release.activated.text),
                "submitter": request?.submitter.map { .string($0) } ?? .null,
                "approvedBy": .array(approvers(release, projection).map { .string($0) }),
                "rollback": [
                    "eligible": .bool(target.isEligible), "reason": target.reason.map { .string($0) } ?? .null,
                ],
            ]
        }
        return [
            "agent": .string(parts[2]), "tenant": .string(parts[1]), "environment": .string(parts[0]),
            "hold": slot.hold.map { .int(Int64($0)) } ?? .null, "versions": .array(versions),
        ]
    }
}
