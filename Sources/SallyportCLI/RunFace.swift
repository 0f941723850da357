internal import SallyportBase
internal import SallyportCore
internal import SallyportRunner

/// The two faces of a tick and its exit status.
struct RunFace {
    private let tick: Tick
    private let seconds: Double

    init(_ tick: Tick, seconds: Double) {
        self.tick = tick
        self.seconds = seconds
    }

    private var report: TickReport { tick.report }

    /// One line for each thing that happened; nothing happened, nothing said: cron mails every output.
    func text(quiet: Bool) -> String {
        if quiet { return "" }
        var lines: [String] = []
        for id in report.received { lines.append("received \(id) \(name(id))") }
        for (place, code) in report.refused { lines.append("refused \(place) [\(code)]") }
        if report.votes > 0 { lines.append("counted \(report.votes) signed decision\(report.votes == 1 ? "" : "s")") }
        for id in report.rejected { lines.append("rejected \(id) \(name(id))") }
        for id in report.reissued { lines.append("reissued \(id) \(name(id)): the terms changed") }
        for id in report.approved { lines.append("approved \(id) \(name(id))") }
        for release in report.activated { lines.append("live \(release)") }
        for (slot, to, ms) in report.rolledBack { lines.append("rolled back \(slot) to \(to) in \(ms) ms") }
        for id in report.expired { lines.append("expired \(id) \(name(id))") }
        return lines.map { $0 + "\n" }.joined()
    }

    private func name(_ id: String) -> String { tick.projection.request(id: id)?.name ?? "" }

    /// What belongs on standard error: contradictions, failures, trust that cannot be used.
    var warnings: [String] {
        var lines = report.contradictions.map {
            "error: \($0.path): expected \($0.expected), found \($0.found)\nsallyport: hint: it is frozen and nothing was moved; put it right or ask sallyport verify"
        }
        lines += report.failures.map {
            "error: \($0.place): \($0.what)\nsallyport: hint: nothing is lost, the next run tries again"
        }
        if let broken = report.brokenTrust {
            lines.append("error: trust: \(broken)\nsallyport: hint: nothing goes forward; sallyport trust check")
        }
        return lines
    }

    var json: JSON {
        func ids(_ all: [String]) -> JSON { .array(all.map { .string($0) }) }
        return [
            "run": .string(tick.runID), "received": ids(report.received),
            "refused": .array(report.refused.map { ["name": .string($0.name), "code": .string($0.code)] }),
            "votes": .int(Int64(report.votes)), "approved": ids(report.approved), "activated": ids(report.activated),
            "rolledBack": .array(
                report.rolledBack.map {
                    ["slot": .string($0.slot), "to": .string($0.to), "orderToSwitchMs": .int($0.orderToSwitchMs)]
                }
            ),
            "rejected": ids(report.rejected), "reissued": ids(report.reissued), "expired": ids(report.expired),
            "waiting": .array(report.waiting.map(\.json)),
            "contradictions": .array(
                report.contradictions.map {
                    ["path": .string($0.path), "expected": .string($0.expected), "found": .string($0.found)]
                }
            ),
            "failures": .array(report.failures.map { ["place": .string($0.place), "text": .string($0.what)] }),
            "trust": report.brokenTrust.map { .string($0) } ?? .null,
            "microseconds": .int(Int64(seconds * 1_000_000)),
        ]
    }

    /// 70 before 78 before 75 before 65 before 0 (cli.md).
    func status(strict: Bool) -> ExitStatus {
        if !report.contradictions.isEmpty { return .contradiction }
        if report.brokenTrust != nil { return .configuration }
        if report.failures.contains(where: \.isMissingComponent) { return .unavailable }
        if !report.failures.isEmpty { return .transient }
        return strict && !report.refused.isEmpty ? .refused : .success
    }
}

extension TickReport.Waiting {
    /// A row of `incoming` in `status --json`.
    var json: JSON {
        [
            "name": .string(name), "state": .string(state), "code": code.map { .string($0) } ?? .null,
            "text": .string(text),
        ]
    }
}
