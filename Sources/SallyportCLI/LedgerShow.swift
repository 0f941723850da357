internal import SallyportBase
internal import SallyportLedger

/// `ledger show SEQ`: one line, its hash, and whether it is signed.
enum LedgerShow: Verb {
    static let words = ["ledger", "show"]
    static let usage = "SEQ"
    static let summary = "print one line of the ledger with its hash"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let word = try arguments.one("line number", verb: "ledger show")
        guard let seq = Names.requestNumber(word) ?? UInt64(word) else {
            throw Failure(.usage, shown(word), "is no line number", hint: "1884 and r1884 are the same line")
        }
        return try withLedger {
            let ledger = try LedgerPlace.ofSpool(context).open()
            guard let entry = try ledger.entry(seq) else {
                throw Failure(.missing, "line \(seq)", "not in the ledger; it has \(ledger.tail.size) lines")
            }
            let json = try JSON.parse(entry.line, limit: 60_000)
            let isSigned = seq < ledger.publishedSize
            let text = json.pretty + "leaf \(entry.leaf)\n" + (isSigned ? "signed\n" : "not signed yet\n")
            let document: JSON = [
                "seq": .int(Int64(seq)), "leaf": .string(entry.leaf.hex), "signed": .bool(isSigned), "line": json,
            ]
            context.result(text: text, json: document)
            return .success
        }
    }
}
