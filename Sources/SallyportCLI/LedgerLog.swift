internal import SallyportBase
internal import SallyportLedger

/// `ledger log`: what happened, in order.
enum LedgerLog: Verb {
    static let words = ["ledger", "log"]
    static let usage = "[--agent A] [--since T] [--jsonl]"
    static let summary = "print the ledger's lines, oldest first"
    static let options: [Arguments.Option] = [
        .value("--agent", "A", "only lines about this agent"),
        .value("--since", "T", "only lines from this instant on, YYYY-MM-DDTHH:MM:SSZ"),
        .flag("--jsonl", "the exact lines as they stand in the ledger"),
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        var since: Timestamp?
        if let text = arguments.value("--since") {
            since = Timestamp(text: text)
            if since == nil { throw Failure(.usage, "--since", "takes an instant such as 2026-09-01T00:00:00Z") }
        }
        var filter = arguments.value("--agent").map { AgentFilter(agent: $0) }
        var documents: [JSON] = []
        let exact = arguments.has("--jsonl")
        try withLedger {
            let ledger = try LedgerPlace.ofSpool(context).open()
            _ = try ledger.entries(acceptingUnknown: true) { entry in
                let concerns = filter?.concerns(entry) ?? true
                guard concerns, since.map({ entry.ts >= $0 }) ?? true else { return }
                if exact {
                    context.out(String(decoding: entry.line, as: UTF8.self) + "\n")
                } else if context.json {
                    documents.append(try JSON.parse(entry.line, limit: 60_000))
                } else {
                    context.out(summary(of: entry) + "\n")
                }
            }
        }
        if context.json, !exact { context.out((["entries": .array(documents)] as JSON).pretty) }
        return .success
    }

    /// One line for people.
    static func summary(of entry: Entry) -> String {
        var parts = [String(entry.seq), entry.ts.text, entry.typeName]
        if let subject = entry.subject { parts.append(subject) }
        if let agent = entry.data?["agent"]?.string, let version = entry.data?["version"]?.string {
            parts.append("\(agent) \(version)")
        }
        if let actor = entry.actor { parts.append("by \(actor)") }
        if let outcome = entry.outcome { parts.append(outcome.rawValue) }
        if let reason = entry.reason { parts.append("(\(reason))") }
        if entry.from != nil || entry.to != nil { parts.append("\(entry.from ?? "-") -> \(entry.to ?? "-")") }
        return shown(parts.joined(separator: "  "))
    }
}

/// Knows which lines are about an agent: by slot, by name, or by a request that once named it.
struct AgentFilter {
    let agent: String
    private var requests: Set<UInt64> = []

    init(agent: String) { self.agent = agent }

    /// Lines must be given in order.
    mutating func concerns(_ entry: Entry) -> Bool {
        var isOurs = entry.data?["agent"]?.string == agent
        for touch in entry.touches {
            switch touch {
            case .request(let number): isOurs = isOurs || requests.contains(number)
            case .slot(let slot): isOurs = isOurs || slot.hasSuffix("/" + agent)
            default: break
            }
        }
        if isOurs, entry.type == .packageReceived, let number = entry.request { requests.insert(number) }
        return isOurs
    }
}
