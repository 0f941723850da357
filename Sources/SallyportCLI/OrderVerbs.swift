internal import SallyportBase
internal import SallyportCore
internal import SallyportTrust

/// `rollback`: signs an order, drops it, waits for the switch.
struct Rollback: Verb {
    static let words = ["rollback"]
    static let usage = "AGENT --env ENV [--tenant T] [--to VERSION|RELEASE] --reason TEXT [--incident REF] --key KEY"
    static let summary = "go back to an earlier release: sign, drop, wait for the switch"
    static let options =
        Ordering.options + [
            .value("--to", "VERSION", "a version or release; default the last good one"),
            .value("--incident", "REF", "a reference of your incident system"),
        ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        try Ordering(arguments, context, .rollback).run { slot, order in
            guard let live = slot.liveRelease else {
                throw Failure(.missing, slot.name, "nothing is live there", hint: "sallyport status")
            }
            order.from = ReleaseName(live.name)
            order.to = try target(arguments.value("--to"), in: slot)
            order.incident = arguments.value("--incident")
            return nil
        }
    }

    /// `last-good`, or the newest release of that version or name.
    ///
    /// - Throws: ``Failure`` with 66 when the slot never had it.
    static func target(_ word: String?, in slot: Slot) throws -> Order.Target {
        guard let word, word != "last-good" else { return .lastGood }
        let named = slot.releases.last { $0.name == word || $0.version == word }
        guard let named, let name = ReleaseName(named.name) else {
            throw Failure(
                .missing,
                "--to \(shown(word))",
                "was never live in \(slot.name)",
                hint: "there were: \(slot.releases.map(\.name).joined(separator: ", "))"
            )
        }
        return .release(name)
    }
}

/// `order lift-hold`: ends the hold that a rollback left, with a root cause.
struct LiftHold: Verb {
    static let words = ["order", "lift-hold"]
    static let usage = "AGENT --env ENV [--tenant T] --cause FILE --reason TEXT --key KEY"
    static let summary = "let a slot go forward again after a rollback, with a root-cause file as evidence"
    static let options =
        Ordering.options + [.value("--cause", "FILE", "the root cause, at most 1 MiB; kept as evidence")]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let path = try arguments.required("--cause", verb: "order lift-hold")
        let cause = try readNamedFile(path, limit: 1 << 20)
        return try Ordering(arguments, context, .liftHold).run { slot, order in
            guard slot.hold != nil else { throw Failure(.refused, slot.name, "is not on hold", code: "E-NOT-HELD") }
            order.cause = Digest.of(cause)
            return cause
        }
    }
}
