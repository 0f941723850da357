internal import Glibc
internal import SallyportBase
internal import SallyportDisk
internal import SallyportTrust

/// Every verb. `sallyport VERB --help` and the manual page are made from it.
public let allVerbs: [any Verb.Type] =
    setupVerbs + [Run.self, Status.self, Show.self, History.self, Verify.self] + packageVerbs + ledgerVerbs

/// Reads the command line, runs the verb, prints what it throws, and returns the exit status.
public func dispatch(_ words: [String], environment: [String: String]) -> Int32 {
    var globals = Globals()
    do {
        let rest = try globals.take(from: words)
        if globals.version {
            standardOutput("sallyport \(toolVersion)\n")
            return 0
        }
        guard let verb = find(rest) else {
            // Alone it prints what waits for whom, where there is a spool.
            if words.isEmpty, let context = try? globals.context(environment: environment),
                let nothing = try? Arguments([], options: [], verb: "status"),
                (try? Status.run(nothing, in: context)) != nil
            {
                return 0
            }
            if rest.isEmpty || globals.help || rest.first == "help" {
                standardOutput(overview(of: rest.filter { $0 != "help" }))
                return 0
            }
            throw unknownVerb(rest)
        }
        if globals.help {
            standardOutput(help(for: verb))
            return 0
        }
        let name = verb.words.joined(separator: " ")
        let arguments = try Arguments(Array(rest.dropFirst(verb.words.count)), options: verb.options, verb: name)
        // Nothing is believed with a library that gives wrong answers (formats.md §1).
        if let problem = selfTest() {
            throw Failure(
                .unavailable,
                "libsodium",
                "expected \(problem.expected), found \(problem.found)",
                hint: "install the fixed library: apt-get install libsodium23",
                code: problem.code
            )
        }
        let context = try globals.context(environment: environment)
        if verb.usesSpool, !context.isDefaultPlace, !context.quiet, !context.json {
            standardError("sallyport: using \(shown(context.spool))\n")
        }
        return try verb.run(arguments, in: context).rawValue
    } catch {
        return report(error, json: globals.json)
    }
}

/// The version of the tool, as `--version` prints it and the ledger records it.
public let toolVersion = "0.1.0"

func find(_ words: [String]) -> (any Verb.Type)? {
    allVerbs.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
}

private func unknownVerb(_ words: [String]) -> Failure {
    let given = words.prefix(2).joined(separator: " ")
    let names = allVerbs.map { $0.words.joined(separator: " ") }
    let nearest = names.min { distance($0, given) < distance($1, given) }
    if let group = words.first, names.contains(where: { $0.hasPrefix(group + " ") }) {
        let verbs = names.filter { $0.hasPrefix(group + " ") }.joined(separator: ", ")
        return Failure(.usage, shown(given), "no such verb", hint: "there are: \(verbs)")
    }
    return Failure(.usage, shown(given), "no such verb", hint: nearest.map { "did you mean: sallyport \($0)" })
}

/// Levenshtein's distance, to suggest the nearest verb.
func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8)
    let b = Array(b.utf8)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
            diagonal = row[j + 1]
            row[j + 1] = cost
        }
    }
    return row[b.count]
}

func standardOutput(_ text: String) { writeAll(1, text) }
func standardError(_ text: String) { writeAll(2, text) }

private func writeAll(_ descriptor: Int32, _ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            return
        }
        bytes = bytes.dropFirst(count)
    }
}

private func report(_ error: any Error, json: Bool) -> Int32 {
    let failure: Failure
    switch error {
    case let known as Failure: failure = known
    case let disk as DiskError:
        let transient = disk.isFull || [EMFILE, ENFILE, EIO, ENOMEM, EAGAIN, EBUSY].contains(disk.code)
        let status: ExitStatus =
            transient ? .transient : (disk.isMissing ? .missing : disk.isForbidden ? .forbidden : .transient)
        failure = Failure(status, disk.path, "\(disk.call): \(unsafe String(cString: strerror(disk.code)))")
    default: failure = Failure(.contradiction, "internal", "\(error)", hint: "this is a bug in sallyport")
    }
    if json {
        let problems = failure.problems.map { problem -> JSON in
            [
                "code": problem.code.map { .string($0) } ?? .null, "place": .string(problem.place),
                "text": .string(problem.what), "hint": problem.hint.map { .string($0) } ?? .null,
            ]
        }
        standardOutput((["status": .int(Int64(failure.status.rawValue)), "errors": .array(problems)] as JSON).pretty)
    } else {
        for problem in failure.problems {
            let code = problem.code.map { " [\($0)]" } ?? ""
            standardError("sallyport: error: \(shown(problem.place)): \(shown(problem.what))\(code)\n")
            if let hint = problem.hint { standardError("sallyport: hint: \(shown(hint))\n") }
        }
    }
    return failure.status.rawValue
}
