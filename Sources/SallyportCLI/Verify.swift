internal import SallyportBase
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportRunner

/// `verify`: the ledger, and the disk against it.
enum Verify: Verb {
    static let words = ["verify"]
    static let usage = ""
    static let summary = "the ledger, the trust it installed, and every directory against it"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard arguments.positional.isEmpty else {
            throw Failure(.usage, arguments.positional[0], "unexpected word", hint: "sallyport verify --help")
        }
        let reader = try SpoolReader.open(context)
        let result = try withSpoolErrors {
            try LedgerVerification.verify(try reader.root.open("ledger"), verifier: reader.keys.verifier, from: [])
        }
        var problems = result.problems.map { problem -> JSON in
            [
                "file": .string("ledger/" + problem.file), "entry": problem.entry.map { .int(Int64($0)) } ?? .null,
                "expected": .string(problem.expected), "found": .string(problem.found),
            ]
        }
        do { _ = try reader.installedTrust() } catch let failure as Failure {
            problems += failure.problems.map {
                [
                    "file": .string($0.place), "entry": .null, "expected": "trust that verifies",
                    "found": .string($0.what),
                ]
            }
        }
        let disk = try DiskCheck.run(try Spool.open(path: context.spool), reader.projection)
        problems += disk.problems.map {
            ["file": .string($0.path), "entry": .null, "expected": .string($0.expected), "found": .string($0.found)]
        }
        let lines = problems.map { problem in
            let entry = problem["entry"]?.int.map { " entry \($0)" } ?? ""
            return
                "problem: \(problem["file"]?.string ?? "")\(entry): expected \(problem["expected"]?.string ?? ""), found \(problem["found"]?.string ?? "")\n"
        }
        let good = "holds: \(result.size) entries, \(disk.checked) requests and releases hashed\n"
        context.result(
            text: lines.joined() + (problems.isEmpty ? good : "the disk or the ledger contradicts itself\n"),
            json: [
                "size": .int(Int64(result.size)), "root": .string(result.root.hex),
                "verdict": .string(problems.isEmpty ? "holds" : "contradicted"), "checked": .int(Int64(disk.checked)),
                "problems": .array(problems),
            ]
        )
        return problems.isEmpty ? .success : .contradiction
    }
}
