internal import SallyportTrust

/// `approve`: signs a pre-filled text.
struct Approve: Verb {
    static let words = ["approve"]
    static let usage = "REQUEST|FILE [--key KEY] [--reason TEXT] [--drop] [--as PERSON] [-o DIR] [--print-command]"
    static let summary = "show the text of your approval and sign exactly what was shown"
    static let options = Reviewing.options

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let decision = try ReviewDecision(.approve, reason: arguments.value("--reason"), findings: [], remedies: [])
        return try Reviewing(arguments, context, decision).run()
    }
}

/// `reject`: signs a rejection with what is wrong and what to do.
struct Reject: Verb {
    static let words = ["reject"]
    static let usage =
        "REQUEST|FILE --finding S:PLACE:TEXT --remedy TEXT … --reason TEXT [--key KEY] [--drop] [--as PERSON] [-o DIR]"
    static let summary = "show the text of your rejection and sign exactly what was shown"
    static let options =
        Reviewing.options + [
            .value(
                "--finding",
                "S:PLACE:TEXT",
                "what is wrong: error, warning or info, where, in words",
                repeats: true
            ),
            .value("--remedy", "TEXT", "what to do about the finding before it", repeats: true),
        ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let decision = try ReviewDecision(
            .reject,
            reason: arguments.value("--reason"),
            findings: arguments.all("--finding"),
            remedies: arguments.all("--remedy")
        )
        return try Reviewing(arguments, context, decision).run()
    }
}
