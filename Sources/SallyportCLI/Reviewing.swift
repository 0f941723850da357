internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportRunner
internal import SallyportTrust

/// What approve and reject have in common.
struct Reviewing {
    static let options: [Arguments.Option] = [
        .value("--key", "KEY", "your OpenSSH key file, without passphrase"),
        .value("--reason", "TEXT", "your reason, in place of the dash"),
        .flag("--drop", "hand text and signature to the runner at once"),
        .value("--as", "PERSON", "whose text, where it does not follow from the key"),
        .value("-o", "DIR", "where text and signature are written; default beside FILE, else here"),
        .flag("--print-command", "print the stock commands and sign nothing"),
    ]

    private let arguments: Arguments
    private let context: Context
    private let decision: ReviewDecision
    private let verb: String

    init(_ arguments: Arguments, _ context: Context, _ decision: ReviewDecision) {
        self.arguments = arguments
        self.context = context
        self.decision = decision
        verb = decision.decision.rawValue
    }

    /// A text to be signed: where it came from, and the key schemes of the person where a spool says so.
    private struct Source {
        let bytes: [UInt8]
        let path: String
        let directory: String
        let keyring: Keyring?
        let reader: SpoolReader?
    }

    func run() throws -> ExitStatus {
        let word = try arguments.one("request or file", verb: verb)
        let identity = try keyPath.map { try SigningIdentity(path: $0) }
        let source = try source(word, identity)
        let text = try decision.fill(source.bytes, place: source.path)
        let approval = try ReviewDecision.read(text, source.path)
        if arguments.has("--print-command") {
            let scheme = try source.keyring?.keys(of: approval.reviewer).first?.material.scheme ?? schemeOfKeyFile()
            let file = target(source) + "/" + approval.fileName
            let lines = ReviewDecision.commands(
                file: file,
                source: source.path,
                filled: text,
                scheme: scheme,
                key: arguments.value("--key")
            )
            context.result(
                text: lines.map { $0 + "\n" }.joined(),
                json: ["commands": .array(lines.map { .string($0) })]
            )
            return .success
        }
        guard let identity else {
            throw Failure(
                .usage,
                "--key",
                "is needed",
                hint: "--print-command prints the line for ssh-keygen or minisign"
            )
        }
        if let keyring = source.keyring {
            let person = try identity.person(in: keyring, claimed: arguments.value("--as"))
            guard person == approval.reviewer else {
                throw Failure(
                    .forbidden,
                    source.path,
                    "is the text of \(approval.reviewer), the key is that of \(person)",
                    code: "E-KEY-OTHER"
                )
            }
        }
        show(text)
        // The same buffer that was shown.
        let signature = identity.sign(text, .approval)
        return try handOver(text, signature, approval, source)
    }

    // Without a keyring the first line of the key file tells the tool; the secret behind it is nobody's business here.
    private func schemeOfKeyFile() throws -> KeyScheme? {
        guard let path = arguments.value("--key") else { return nil }
        return try readNamedFile(path, limit: 64 << 10).starts(with: Array("untrusted comment:".utf8))
            ? .minisign : .sshsig
    }

    // --print-command signs nothing.
    private var keyPath: String? { arguments.has("--print-command") ? nil : arguments.value("--key") }

    private func source(_ word: String, _ identity: SigningIdentity?) throws -> Source {
        guard let number = Names.requestNumber(word) else { return try file(word) }
        let reader = try SpoolReader.open(context)
        let keyring = try reader.trust().keyring.payload
        guard let request = reader.projection.requests[number] else {
            throw Failure(.missing, word, "no such request", hint: "sallyport status")
        }
        guard request.state.isOpen else {
            throw Failure(.refused, word, "is \(request.state.rawValue)", code: "E-REQUEST-CLOSED")
        }
        let person = try identity?.person(in: keyring, claimed: arguments.value("--as")) ?? arguments.value("--as")
        guard let person else {
            throw Failure(.usage, "--as", "or --key is needed: whose text?", hint: "sallyport status \(word)")
        }
        let stage = request.state == .inReview ? "review" : "approved"
        let name = "\(request.id).\(person).\(verb)"
        let directory = try reader.root.openIfPresent([stage, request.directoryName])
        guard let directory, let bytes = try directory.read(name, limit: 64 << 10) else {
            throw Failure(
                .forbidden,
                "\(stage)/\(request.directoryName)/\(name)",
                "is not there: \(person) is not asked about this request",
                hint: "sallyport status \(word)"
            )
        }
        return Source(
            bytes: bytes,
            path: directory.label + "/" + name,
            directory: ".",
            keyring: keyring,
            reader: reader
        )
    }

    // A copied text: it may lie on a machine that has never seen a spool.
    private func file(_ path: String) throws -> Source {
        let bytes = try readNamedFile(path, limit: 64 << 10)
        let cut = path.lastIndex(of: "/")
        let directory = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let reader = arguments.has("--drop") ? try SpoolReader.open(context) : nil
        return Source(
            bytes: bytes,
            path: path,
            directory: directory,
            keyring: try reader?.trust().keyring.payload,
            reader: reader
        )
    }

    private func target(_ source: Source) -> String { arguments.value("-o") ?? source.directory }

    private func show(_ text: [UInt8]) {
        let shown = String(decoding: text, as: UTF8.self)
        if !context.json, isatty(1) == 1 { context.out(shown) } else if !context.quiet { context.err(shown) }
    }

    private func handOver(
        _ text: [UInt8],
        _ signature: [UInt8],
        _ approval: Approval,
        _ source: Source
    ) throws -> ExitStatus {
        var places: [String] = []
        if !arguments.has("--drop") || arguments.has("-o") {
            let directory = target(source)
            try write(text, signature, approval.fileName, into: directory)
            places = ["\(directory)/\(approval.fileName)", "\(directory)/\(approval.fileName).sig"]
        }
        var dropped: String?
        if arguments.has("--drop"), let reader = source.reader {
            let area = try AtomicDrop(reader.root, ["approvals"])
            let name = try area.drop(text, signature: signature, name: approval.fileName)
            dropped = "\(area.place)/\(name)"
        }
        let next =
            dropped == nil
            ? "bring both files into incoming/approvals/" : "sallyport status r\(approval.request.number)"
        context.result(
            text: places.map { "written  \($0)\n" }.joined() + (dropped.map { "dropped  \($0)\n" } ?? "")
                + "next     \(next)\n",
            json: [
                "request": .string("r\(approval.request.number)"), "decision": .string(verb),
                "reviewer": .string(approval.reviewer), "written": .array(places.map { .string($0) }),
                "dropped": dropped.map { .string($0) } ?? .null, "next": .string(next),
            ]
        )
        return .success
    }

    private func write(_ text: [UInt8], _ signature: [UInt8], _ name: String, into path: String) throws {
        do throws(DiskError) {
            let directory = try Directory.open(path: path)
            try directory.replace(name + ".sig", with: signature, scratch: directory)
            try directory.replace(name, with: text, scratch: directory)
        } catch {
            throw Failure(
                .cannotWrite,
                "\(path)/\(name)",
                "\(error.call): \(unsafe String(cString: strerror(error.code)))"
            )
        }
    }
}
