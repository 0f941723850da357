internal import SallyportBase
internal import SallyportLedger

/// What became of an order. Pure.
struct OrderOutcome {
    let entry: Entry?
    let switchMs: Int64?
    let slot: String
    let place: String

    /// 0 obeyed, 65 refused, 75 not judged yet.
    var status: ExitStatus {
        guard let entry else { return .transient }
        return entry.type == .orderRefused ? .refused : .success
    }

    func tell(_ context: Context) throws -> ExitStatus {
        guard let entry else {
            throw Failure(
                .transient,
                place,
                "no runner has judged the order yet",
                hint: "it stays valid for an hour: sallyport run --orders as the runner's account, or wait"
            )
        }
        if entry.type == .orderRefused {
            let data = entry.data
            throw Failure(
                .refused,
                place,
                "refused: expected \(data?["expected"]?.string ?? "-"), found \(data?["found"]?.string ?? "-")",
                hint: "sallyport ledger show \(entry.seq)",
                code: data?["code"]?.string
            )
        }
        let toEntry = entry.data?["orderToEntryMs"]?.int
        var text = "\(slot)  \(entry.typeName)"
        if let from = entry.data?["from"]?.string, let to = entry.data?["to"]?.string { text += "  \(from) -> \(to)" }
        text += "  entry \(entry.seq)\n"
        if let toEntry { text += "order to entry   \(toEntry) ms\n" }
        if let switchMs { text += "order to switch  \(switchMs) ms\n" }
        context.result(
            text: text,
            json: [
                "slot": .string(slot), "entry": .int(Int64(entry.seq)), "type": .string(entry.typeName),
                "from": entry.data?["from"] ?? .null, "to": entry.data?["to"] ?? .null,
                "orderToEntryMs": toEntry.map { .int($0) } ?? .null,
                "orderToSwitchMs": switchMs.map { .int($0) } ?? .null,
            ]
        )
        return status
    }
}
