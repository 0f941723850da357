internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportPackages
internal import SallyportRunner
internal import SallyportTrust

/// What `status` and `show` tell about one request: computed as the runner computes it, from the same files.
struct RequestView {
    let request: Request
    let verdict: GateVerdict?
    let directory: Directory?

    /// Reads a request's directory and judges its gate, when trust and files are there.
    init(_ request: Request, in reader: SpoolReader, trust: InstalledTrust?) throws {
        self.request = request
        let path: [String]
        switch request.state {
        case .inReview: path = ["review"]
        case .approved: path = ["approved"]
        default:
            let (year, month) = request.received.yearAndMonth
            path = ["archive", year, month]
        }
        directory = try reader.root.openIfPresent(path + [request.directoryName])
        guard request.state.isOpen, let trust, let directory,
            let environment = trust.policy?.payload.environment(request.environment),
            let bytes = try directory.read("agent.json", limit: 1 << 20), Digest.of(bytes) == request.manifest,
            let manifest = (try? JSON.parse(bytes, limit: 1 << 20)).flatMap({ Manifest($0) })
        else {
            verdict = nil
            return
        }
        let texts = ReviewTexts(
            request: request,
            manifest: manifest,
            environment: environment,
            trust: trust,
            projection: reader.projection
        )
        verdict = Gate.judge(texts.gateInput)
    }

    /// What comes next, in words and with the command where there is one.
    func next(_ slot: Slot) -> String {
        switch request.state {
        case .inReview:
            guard let verdict else { return "its directory or the trust cannot be read: sallyport verify" }
            if verdict.isSatisfied { return "the next run approves it" }
            let open = verdict.rules.filter { !$0.isSatisfied }
            if let impossible = open.first(where: { $0.have.count + $0.could.count < $0.need }) {
                return "nobody is left who could fill \(impossible.text): sallyport trust check"
            }
            let people = Set(open.flatMap(\.could)).sorted().joined(separator: ", ")
            return "waits for \(people): sallyport approve \(request.id) --key KEY --reason TEXT --drop"
        case .approved:
            if let hold = slot.hold {
                return
                    "the slot is on hold since entry \(hold): sallyport order lift-hold \(request.agent) --env \(request.environment) --cause FILE --reason TEXT"
            }
            return "the next run deploys it"
        case .live:
            return "live; back with: sallyport rollback \(request.agent) --env \(request.environment) --reason TEXT"
        case .rejected:
            let (year, month) = request.received.yearAndMonth
            let people = request.currentVotes.filter { $0.decision == "reject" }.map(\.person).joined(separator: ", ")
            return "closed by \(people): archive/\(year)/\(month)/\(request.directoryName)/feedback.md says why"
        default: return "closed: \(request.state.rawValue)"
        }
    }

    func json(_ slot: Slot) -> JSON {
        [
            "request": .string(request.id), "agent": .string(request.agent), "version": .string(request.version),
            "tenant": .string(request.tenant), "environment": .string(request.environment),
            "state": .string(request.state.rawValue), "since": .string(request.changedAt.text),
            "received": .string(request.received.text), "expires": .string(request.expires.text),
            "submitter": request.submitter.map { .string($0) } ?? .null, "issue": .int(Int64(request.issue)),
            "package": .string(request.package.tagged),
            "gate": .array(
                (verdict?.rules ?? []).map {
                    [
                        "rule": .string($0.text), "need": .int(Int64($0.need)),
                        "have": .array($0.have.map { .string($0) }), "could": .array($0.could.map { .string($0) }),
                    ]
                }
            ),
            "next": .string(next(slot)),
        ]
    }

    func text(_ slot: Slot) -> String {
        var out =
            "\(request.id)  \(request.name)  \(request.environment)/\(request.tenant)  \(request.state.rawValue) since \(request.changedAt)\n"
        if request.state == .inReview { out += "  until      \(request.expires)\n" }
        for rule in verdict?.rules ?? [] {
            let have = rule.have.isEmpty ? "nobody yet" : rule.have.joined(separator: ", ")
            out += "  \(rule.isSatisfied ? "[x]" : "[ ]") \(rule.text): \(have)"
            if !rule.isSatisfied, !rule.could.isEmpty { out += "; could: \(rule.could.joined(separator: ", "))" }
            out += "\n"
        }
        return out + "  next       \(next(slot))\n"
    }
}
