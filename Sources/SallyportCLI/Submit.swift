internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportRunner
internal import SallyportTrust

/// `submit`: checks a package as the runner will, and drops it.
struct Submit: Verb {
    static let words = ["submit"]
    static let usage = "FILE --env ENV [--tenant T] [--key KEY [--as PERSON]] [--change REF] [--wait]"
    static let summary = "check a package as the runner will, sign a ticket, drop both"
    static let options: [Arguments.Option] = [
        .value("--env", "ENV", "the environment it is for"),
        .value("--tenant", "T", "for whom; default shared; needs --key"),
        .value("--key", "KEY", "your OpenSSH key: signs a ticket, so that the package is taken at once and as yours"),
        .value("--as", "PERSON", "who you are, when the key leaves a doubt"),
        .value("--change", "REF", "a change reference, CHG-20417; needs --key"),
        .flag("--wait", "wait until the runner has taken or refused it, at most 60 s"),
    ]

    /// Seconds that `--wait` waits: a runner by cron comes every minute.
    static let waitSeconds = 60

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let path = try arguments.one("package", verb: "submit")
        let environment = try arguments.required("--env", verb: "submit")
        let tenant = arguments.value("--tenant") ?? "shared"
        for option in ["--tenant", "--change", "--as"] where arguments.has(option) && !arguments.has("--key") {
            throw Failure(.usage, option, "needs --key: it stands in the signed ticket")
        }
        // Started before anything is opened: what it forks would keep it.
        let helper = try startedHelper()
        let reader = try SpoolReader.open(context)
        let trust = try reader.trust()
        let known = trust.policy?.payload.environments.map(\.name) ?? []
        guard known.contains(environment) else {
            throw Failure(
                .usage,
                "--env \(shown(environment))",
                "no such environment",
                hint: "there are: \(known.joined(separator: ", "))"
            )
        }
        let package = try SubmittedPackage(path, helper)
        guard let manifest = package.inspection.manifest, package.inspection.isAccepted else {
            return refuse(path, package.inspection, context)
        }
        let name = "\(manifest.name)-\(manifest.version).tar.gz"
        var ticket: (text: [UInt8], signature: [UInt8])?
        if let keyPath = arguments.value("--key") {
            let identity = try SigningIdentity(path: keyPath)
            let person = try identity.person(in: trust.keyring.payload, claimed: arguments.value("--as"))
            let text = try ticketText(
                reader.projection.pipeline,
                environment,
                tenant,
                person,
                package,
                name,
                arguments.value("--change")
            )
            ticket = (text, identity.sign(text, .ticket))
        }
        let area = try AtomicDrop(reader.root, ["packages", environment])
        let taken = try area.area.status(of: name) != nil
        if let ticket {
            let file = "\(name).\(try Self.ticketNumber(ticket.text)).ticket"
            // A killed submit may have left the ticket without its package: the package is what was missing.
            if try taken || !Self.isUsable(file, ticket.text, in: area) {
                _ = try area.drop(ticket.text, signature: ticket.signature, name: file)
            }
        }
        let dropped = taken ? "\(manifest.name)-\(manifest.version).\(Hex.encode(Random.bytes(4))).tar.gz" : name
        try area.drop(as: dropped) { try package.copy(into: $0) }
        let answer = arguments.has("--wait") ? try wait(reader, package.digest, environment) : nil
        return try tell(context, package, "\(area.place)/\(dropped)", ticketed: ticket != nil, answer, reader)
    }

    static func ticketText(
        _ pipeline: String,
        _ environment: String,
        _ tenant: String,
        _ person: String,
        _ package: SubmittedPackage,
        _ name: String,
        _ change: String?
    ) throws -> [UInt8] {
        let ticket = Ticket(
            pipeline: pipeline,
            environment: environment,
            tenant: tenant,
            submitter: person,
            package: FileDigest(name: name, digest: package.digest),
            size: UInt64(package.size),
            change: change,
            nonce: Random.id(),
            expires: Clock.system.now().wholeSecond.adding(seconds: 12 * 3600)
        )
        return try written { () throws(TextProblem) in try ticket.text() }
    }

    /// 16 hex digits that stand for everything that a ticket says, except nonce and expiry.
    private static func ticketNumber(_ text: [UInt8]) throws -> String {
        guard case .success(var ticket) = Ticket.unverified(text) else { return Hex.encode(Random.bytes(8)) }
        ticket.nonce = String(repeating: "0", count: 32)
        ticket.expires = Timestamp(microseconds: 0)
        let same = ticket
        return String(Digest.of(try written { () throws(TextProblem) in try same.text() }).hex.prefix(16))
    }

    // A ticket of this account that says the same and is good for another hour.
    private static func isUsable(_ name: String, _ text: [UInt8], in area: AtomicDrop) throws -> Bool {
        guard let status = try area.area.status(of: name), status.uid == geteuid(), status.kind == .file,
            status.size < 1 << 16, let bytes = try area.area.read(name, limit: 1 << 16),
            let there = splitCombined(bytes)?.text, try ticketNumber(there) == ticketNumber(text),
            case .success(let ticket) = Ticket.unverified(there)
        else { return false }
        return ticket.expires > Clock.system.now().adding(seconds: 3600)
    }

    private static func refuse(_ path: String, _ inspection: Inspection, _ context: Context) -> ExitStatus {
        var text = "\(shown(path)): refused; nothing was dropped\n"
        for finding in inspection.findings {
            text += "  \(finding.severity.rawValue) \(finding.rule) \(shown(finding.place)): \(shown(finding.text))\n"
            text += "    remedy: \(shown(finding.remedy))\n"
        }
        context.result(
            text: text,
            json: ["file": .string(path), "verdict": "refuse", "findings": .array(inspection.findings.map(\.json))]
        )
        return .refused
    }

    // The entry that says what became of these bytes.
    private static func wait(_ reader: SpoolReader, _ digest: Digest, _ environment: String) throws -> Entry? {
        var answer: Entry?
        for _ in 0..<(waitSeconds * 10) {
            try reader.refresh { entry in
                let isOurs =
                    entry.data?["package"]?.string == digest.tagged && entry.data?["environment"]?.string == environment
                if isOurs, entry.type == .packageReceived || entry.type == .packageRefused { answer = entry }
            }
            if answer != nil { break }
            usleep(100_000)
        }
        return answer
    }

    private static func tell(
        _ context: Context,
        _ package: SubmittedPackage,
        _ place: String,
        ticketed: Bool,
        _ answer: Entry?,
        _ reader: SpoolReader
    ) throws -> ExitStatus {
        let request = answer.flatMap { $0.type == .packageReceived ? "r\($0.seq)" : nil }
        let code = answer.flatMap { $0.type == .packageRefused ? $0.data?["code"]?.string : nil }
        let next: String
        if let request {
            next = "sallyport show \(request)"
        } else if let answer {
            next = "sallyport ledger show \(answer.seq)"
        } else {
            next =
                ticketed
                ? "the next run takes it at once: sallyport status"
                : "a run takes it once it has lain still: sallyport status"
        }
        var text = "package  \(package.digest.tagged)\ndropped  \(place)\n"
        if let request { text += "request  \(request)\n" }
        if let code { text += "refused  \(code)\n" }
        context.result(
            text: text + "next     \(next)\n",
            json: [
                "package": .string(package.digest.tagged), "dropped": .string(place), "ticket": .bool(ticketed),
                "request": request.map { .string($0) } ?? .null, "code": code.map { .string($0) } ?? .null,
                "next": .string(next),
            ]
        )
        return code == nil ? .success : .refused
    }
}
