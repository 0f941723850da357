internal import SallyportBase
internal import SallyportPackages

/// `package check`: what intake will say, before a package is dropped.
struct PackageCheck: Verb {
    static let words = ["package", "check"]
    static let usage = "FILE… [--container-only] [--ticket TICKET]…"
    static let summary = "checks packages as the runner will, and says everything that is wrong at once"
    static let usesSpool = false
    static let options: [Arguments.Option] = [
        .flag("--container-only", "archive rules only, plain tar too, no manifest"),
        .value("--ticket", "TICKET", "a ticket of one of the packages; the signature beside it too", repeats: true),
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard !arguments.positional.isEmpty else {
            throw Failure(.usage, "package check", "takes one file at least", hint: "sallyport package check --help")
        }
        // Started before anything is opened: what it forks would keep it.
        let helper = try startedHelper()
        let tickets = arguments.all("--ticket")
        var text = ""
        var documents: [JSON] = []
        var packages: [(path: String, package: SubmittedPackage)] = []
        var isRefused = false
        var missing: [Failure.Problem] = []
        for path in arguments.positional {
            do {
                let package = try SubmittedPackage(path, helper, containerOnly: arguments.has("--container-only"))
                if !package.inspection.isAccepted { isRefused = true }
                text += describe(path, package.inspection)
                documents.append(document(path, package))
                // An open file each: they are kept for the tickets alone.
                if !tickets.isEmpty { packages.append((path, package)) }
            } catch let failure as Failure where failure.status == .missing {
                missing += failure.problems
            }
        }
        if !tickets.isEmpty {
            let check = try TicketCheck(packages, context)
            for path in tickets {
                do {
                    let ticket = try check.judge(path)
                    if !ticket.isAccepted { isRefused = true }
                    text += ticket.text
                    documents.append(ticket.json)
                } catch let failure as Failure where failure.status == .missing {
                    missing += failure.problems
                }
            }
        }
        // One JSON document, whatever happened: what is not there is told on standard error beside it.
        if !documents.isEmpty { context.result(text: text, json: .array(documents)) }
        if !missing.isEmpty { throw Failure(.missing, missing) }
        return isRefused ? .refused : .success
    }

    private static func describe(_ path: String, _ inspection: Inspection) -> String {
        var out = "\(shown(path)): \(inspection.isAccepted ? "accept" : "refuse")"
        if let manifest = inspection.manifest { out += "  \(manifest.name) \(manifest.version)" }
        out += "  \(inspection.entries.count) files, \(inspection.unpackedBytes) bytes\n"
        return out + findingLines(inspection.findings)
    }

    /// Findings as every text face shows them.
    static func findingLines(_ findings: [Finding]) -> String {
        findings.map { finding in
            let place = finding.place.isEmpty ? "/" : shown(finding.place)
            return "  \(finding.severity.rawValue) \(finding.rule) \(place): \(shown(finding.text))\n"
                + "    remedy: \(shown(finding.remedy))\n"
        }.joined()
    }

    private static func document(_ path: String, _ package: SubmittedPackage) -> JSON {
        let inspection = package.inspection
        return [
            "file": .string(path), "verdict": .string(inspection.isAccepted ? "accept" : "refuse"),
            "findings": .array(inspection.findings.map(\.json)),
            "agent": inspection.manifest.map { .string($0.name) } ?? .null,
            "version": inspection.manifest.map { .string($0.version.description) } ?? .null,
            "package": .string(package.digest.tagged), "payload": .string(inspection.payload.tagged),
            "files": .int(Int64(inspection.entries.count)),
            "bytes": .int(inspection.unpackedBytes),
        ]
    }
}

/// The parser helper, as every verb that looks into packages starts it: before locks and secrets.
func startedHelper() throws -> ParserHelper { try parsing { try ParserHelper.start() } }

/// A failure of the parser as an exit status.
func parsing<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as ParserError {
        switch error {
        case .libraryMissing, .notConfined, .helperGone:
            throw Failure(.unavailable, "parser", error.description)
        case .unreadable: throw Failure(.transient, "parser", error.description)
        }
    }
}
