internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportTrust

/// `outbox/`: one JSON file for each person and message, named by its entry, so that writing it again changes nothing.
struct Outbox {
    private let tick: Tick

    init(_ tick: Tick) { self.tick = tick }

    /// Writes the messages that an entry causes.
    func tell(_ entry: Entry) throws {
        let id = entry.data?["request"]?.string ?? entry.subject ?? ""
        let request = tick.projection.request(id: id)
        switch entry.type {
        case .packageReceived:
            guard let request else { return }
            // Performed again after a new issue, this message would speak of the wrong one.
            if request.issue == 1 { try tellReviewers(entry, request) }
            try send(
                entry,
                "received",
                to: owner(request),
                "\(request.name) waits for review in \(request.environment)",
                next: "sallyport status \(request.id)",
                more: ["expires": entry.data?["expires"] ?? .null]
            )
        case .packageRefused:
            let person = entry.data?["submitter"]?.string ?? "uid:\(entry.data?["uid"]?.int ?? -1)"
            let (year, month) = entry.ts.yearAndMonth
            try send(
                entry,
                "refused",
                to: person,
                "a package was refused: \(entry.data?["code"]?.string ?? "")",
                next: "cat archive/\(year)/\(month)/r\(entry.seq)-refused/feedback.md",
                more: ["findings": entry.data?["findings"] ?? []]
            )
        case .requestReissued:
            if let request, entry.data?["issue"]?.int == Int64(request.issue) { try tellReviewers(entry, request) }
        case .requestRejected:
            guard let request else { return }
            try send(
                entry,
                "rejected",
                to: owner(request),
                "\(request.name) was rejected by \(entry.data?["person"]?.string ?? "a reviewer"): \(entry.reason ?? "")",
                next: "cat \(archived(request))/feedback.md",
                more: ["feedback": try feedback(request)]
            )
        case .requestSuperseded:
            guard let request else { return }
            try send(
                entry,
                "superseded",
                to: owner(request),
                "\(request.name) ended: \(entry.reason ?? "")",
                next: "sallyport history \(request.agent)"
            )
        case .requestExpired:
            guard let request else { return }
            try send(
                entry,
                "expired",
                to: owner(request),
                "\(request.name) expired: \(entry.reason ?? "")",
                next: "sallyport submit FILE --env \(request.environment)"
            )
        case .releaseActivated:
            guard let request else { return }
            try send(
                entry,
                "deployed",
                to: owner(request),
                "\(request.name) is live in \(request.slot)",
                next: "sallyport rollback \(request.agent) --env \(request.environment) --reason TEXT",
                more: ["where": .string("deployed/\(request.slot)/current/agent")]
            )
        case .releaseRolledBack: try tellRollback(entry)
        case .approvalRefused, .orderRefused, .documentRefused:
            try send(
                entry,
                "text-refused",
                to: entry.actor ?? "unknown",
                "\(entry.data?["drop"]?["name"]?.string ?? "a text") was refused: \(entry.data?["code"]?.string ?? "")",
                next: "sallyport ledger show \(entry.seq)",
                more: ["problem": entry.data ?? .null]
            )
        default: return
        }
    }

    private func archived(_ request: Request) -> String {
        let (year, month) = request.received.yearAndMonth
        return "archive/\(year)/\(month)/\(request.directoryName)"
    }

    private func owner(_ request: Request) -> String { request.submitter ?? "uid:\(request.uid)" }

    private func tellReviewers(_ entry: Entry, _ request: Request) throws {
        guard request.state.isOpen, let trust = tick.trust,
            let environment = trust.policy?.payload.environment(request.environment),
            let directory = try tick.directory(of: request),
            let manifest = try tick.manifest(of: request, in: directory)
        else { return }
        for person in tick.judge(request, manifest, environment, trust).eligible {
            try send(
                entry,
                "review",
                to: person,
                "\(request.name) for \(request.environment) waits for your decision",
                next: "sallyport show \(request.id)",
                more: [
                    "expires": .string(request.expires.text), "issue": .int(Int64(request.issue)),
                    "directory": .string("review/\(request.directoryName)"),
                ]
            )
        }
    }

    private func tellRollback(_ entry: Entry) throws {
        guard let name = entry.data?["slot"]?.string, let from = entry.data?["from"]?.string,
            let number = ReleaseName(from)?.request, let request = tick.projection.requests[number]
        else { return }
        let text = "\(name) went back from \(from) to \(entry.data?["to"]?.string ?? ""): \(entry.reason ?? "")"
        var people: Set<String> = [owner(request)]
        if let actor = entry.actor { people.insert(actor) }
        people.formUnion(request.currentVotes.map(\.person))
        for person in people.sorted() {
            try send(
                entry,
                "rolled-back",
                to: person,
                text,
                next:
                    "sallyport order lift-hold \(request.agent) --env \(request.environment) --cause FILE --reason TEXT"
            )
        }
    }

    // The reviewer's findings and remedies out of the signed rejection.
    private func feedback(_ request: Request) throws -> JSON {
        var out: [JSON] = []
        for approval in try tick.rejections(of: request) {
            for defect in approval.findings {
                out.append(
                    [
                        "severity": .string(defect.severity.rawValue), "place": .string(defect.place),
                        "text": .string(defect.text), "remedy": .string(defect.remedy),
                    ])
            }
        }
        return .array(out)
    }

    private func send(
        _ entry: Entry,
        _ kind: String,
        to person: String,
        _ text: String,
        next: String,
        more: JSON = [:]
    ) throws {
        let number = String(entry.seq)
        let padded = String(repeating: "0", count: max(0, 9 - number.count)) + number
        let name = "\(padded)-\(kind)-\(person.replacing(":", with: "-")).json"
        var members: [JSON.Member] = [
            .init("schema", "sallyport.message/v1"), .init("entry", .int(Int64(entry.seq))),
            .init("kind", .string(kind)), .init("to", .string(person)), .init("at", .string(entry.ts.text)),
            .init("text", .string(text)), .init("next", .string(next)),
        ]
        members += more.members ?? []
        try tick.spool.outbox.ensure(
            name,
            holds: Array(JSON.object(members).pretty.utf8),
            mode: 0o640,
            scratch: tick.run.scratch
        )
    }
}
