internal import SallyportBase
internal import SallyportDisk
internal import SallyportLedger

/// `ledger verify`: the published ledger, against one pinned key.
enum LedgerVerify: Verb {
    static let words = ["ledger", "verify"]
    static let usage = "[--dir DIR --vkey FILE] [--from CHECKPOINT]…"
    static let summary = "check every line, hash, signature and evidence file of the ledger"
    static let options: [Arguments.Option] = [
        .value("--dir", "DIR", "a copy of a ledger directory; needs --vkey, no spool"),
        .value("--vkey", "FILE", "the log's key, from somebody you trust, not from DIR"),
        .value("--from", "CHECKPOINT", "a checkpoint that you kept: nothing before it may have changed", repeats: true),
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard arguments.positional.isEmpty else {
            throw Failure(.usage, arguments.positional[0], "unexpected word", hint: "sallyport ledger verify --help")
        }
        let place: LedgerPlace
        switch (arguments.value("--dir"), arguments.value("--vkey")) {
        case (let directory?, let vkey?): place = try .copy(directory, vkey: vkey)
        case (nil, nil): place = try .ofSpool(context)
        default: throw Failure(.usage, "--dir", "and --vkey belong together: a key out of DIR proves nothing")
        }
        let older = try arguments.all("--from").map { path in (path, try readNamedFile(path, limit: 64 << 10)) }
        return try withLedger {
            let result = try LedgerVerification.verify(place.directory, verifier: place.verifier, from: older)
            let state = stateProblem(place)
            context.result(text: text(of: result, state), json: json(of: result, state))
            return status(of: result, state)
        }
    }

    // In a spool, what was signed last must be there too: a ledger that was cut or emptied verifies by itself.
    private static func stateProblem(_ place: LedgerPlace) -> LedgerError? {
        guard let state = place.state else { return nil }
        do throws(LedgerError) {
            _ = try Ledger.open(ledger: place.directory, state: state, verifier: place.verifier, access: .reader)
            return nil
        } catch {
            if case .missing = error { return nil }
            return error
        }
    }

    private static func status(of result: LedgerVerification, _ state: LedgerError?) -> ExitStatus {
        if case .contradiction? = state { return .contradiction }
        if result.problems.contains(where: { !$0.isForeign }) { return .contradiction }
        if !result.problems.isEmpty { return .refused }
        if result.verdict == .nothing { return .missing }
        return state.map { Failure($0).status } ?? .success
    }

    private static func text(of result: LedgerVerification, _ state: LedgerError?) -> String {
        var out = ""
        for problem in result.problems {
            let line = problem.entry.map { " entry \($0)" } ?? ""
            out += "problem: \(problem.file)\(line): expected \(problem.expected), found \(problem.found)\n"
        }
        if result.omitted > 0 { out += "problem: and \(result.omitted) more\n" }
        if let state { out += "problem: \(state.description)\n" }
        for range in result.ranges {
            out += "lines \(range.from) to \(range.to - 1): \(range.isSigned ? "signed" : "not signed yet")\n"
        }
        if result.tornBytes > 0 {
            out += "\(result.tornBytes) bytes behind the last line are no line (a write that was killed, or goes on)\n"
        }
        switch result.verdict {
        case .nothing: out += "nothing to verify\n"
        case .contradicted: out += "the ledger contradicts itself\n"
        case .holds:
            out +=
                state == nil
                ? "holds: \(result.size) lines, root \(result.root)\n"
                : "the directory holds, the spool around it does not\n"
        }
        return out
    }

    private static func json(of result: LedgerVerification, _ state: LedgerError?) -> JSON {
        var problems = result.problems.map { problem -> JSON in
            [
                "file": .string(problem.file), "entry": problem.entry.map { .int(Int64($0)) } ?? .null,
                "expected": .string(problem.expected), "found": .string(problem.found),
            ]
        }
        var verdict = result.verdict.rawValue
        if let state {
            if case .contradiction(let path, let expected, let found) = state {
                problems.append([
                    "file": .string(path), "entry": .null, "expected": .string(expected), "found": .string(found),
                ])
                verdict = LedgerVerification.Verdict.contradicted.rawValue
            } else {
                problems.append([
                    "file": ".state", "entry": .null, "expected": "to be readable", "found": .string(state.description),
                ])
            }
        }
        let ranges = result.ranges.map { range -> JSON in
            [
                "from": .int(Int64(range.from)), "to": .int(Int64(range.to)),
                "state": range.isSigned ? "signed" : "unsigned",
            ]
        }
        return [
            "size": .int(Int64(result.size)), "root": .string(result.root.hex), "verdict": .string(verdict),
            "ranges": .array(ranges), "tornBytes": .int(result.tornBytes), "problems": .array(problems),
            "omitted": .int(Int64(result.omitted)),
        ]
    }
}
