internal import Glibc
internal import SallyportBase
internal import SallyportPackages

/// `package check`: what intake will say, before a package is dropped.
struct PackageCheck: Verb {
    static let words = ["package", "check"]
    static let usage = "FILE… [--container-only]"
    static let summary = "checks packages as the runner will, and says everything that is wrong at once"
    static let usesSpool = false
    static let options: [Arguments.Option] = [
        .flag("--container-only", "archive rules only, plain tar too, no manifest")
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard !arguments.positional.isEmpty else {
            throw Failure(.usage, "package check", "takes one file at least", hint: "sallyport package check --help")
        }
        let helper = try startedHelper()
        var text = ""
        var documents: [JSON] = []
        var status = ExitStatus.success
        var missing: [Failure.Problem] = []
        for path in arguments.positional {
            do {
                let inspection = try inspect(path, helper, containerOnly: arguments.has("--container-only"))
                if !inspection.isAccepted { status = .refused }
                text += describe(path, inspection)
                documents.append(document(path, inspection))
            } catch let failure as Failure where failure.status == .missing {
                missing += failure.problems
            }
        }
        if !documents.isEmpty { context.result(text: text, json: .array(documents)) }
        if !missing.isEmpty { throw Failure(.missing, missing) }
        return status
    }

    private static func inspect(_ path: String, _ helper: ParserHelper, containerOnly: Bool) throws -> Inspection {
        // The caller's own path, so links are followed; a FIFO must not block.
        let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.missing, path, unsafe String(cString: strerror(errno)).lowercased())
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.missing, path, "not a regular file")
        }
        return try parsing {
            try helper.inspect(package: descriptor, size: Int64(status.st_size), containerOnly: containerOnly)
        }
    }

    private static func describe(_ path: String, _ inspection: Inspection) -> String {
        var out = "\(shown(path)): \(inspection.isAccepted ? "accept" : "refuse")"
        if let manifest = inspection.manifest { out += "  \(manifest.name) \(manifest.version)" }
        out += "  \(inspection.entries.count) files, \(inspection.unpackedBytes) bytes\n"
        for finding in inspection.findings {
            let place = finding.place.isEmpty ? "/" : shown(finding.place)
            out += "  \(finding.severity.rawValue) \(finding.rule) \(place): \(shown(finding.text))\n"
            out += "    remedy: \(finding.remedy)\n"
        }
        return out
    }

    private static func document(_ path: String, _ inspection: Inspection) -> JSON {
        [
            "file": .string(path), "verdict": .string(inspection.isAccepted ? "accept" : "refuse"),
            "findings": .array(inspection.findings.map(\.json)),
            "agent": inspection.manifest.map { .string($0.name) } ?? .null,
            "version": inspection.manifest.map { .string($0.version.description) } ?? .null,
            "payload": .string(inspection.payload.tagged),
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
