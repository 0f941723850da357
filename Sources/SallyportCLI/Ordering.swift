internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportRunner
internal import SallyportTrust

/// What verbs that give an order have in common.
struct Ordering {
    static let options: [Arguments.Option] = [
        .value("--env", "ENV", "the environment"), .value("--tenant", "T", "for whom; default shared"),
        .value("--reason", "TEXT", "why, for the ledger"),
        .value("--key", "KEY", "your OpenSSH key file, without passphrase"),
        .value("--as", "PERSON", "who gives the order; needed with --print-command"),
        .flag("--print-command", "write the order here, print the stock commands, sign nothing"),
    ]
    /// How long the verb waits for a runner of another account: one by cron comes every minute, `run --for` looks every 250 ms.
    static let waitSeconds = 60
    /// How long an order is good: long enough for a runner that is down, short enough to mean today's incident.
    static let validSeconds: Int64 = 3600

    private let arguments: Arguments
    private let context: Context
    private let kind: Order.Name
    private let clock = Clock.system

    init(_ arguments: Arguments, _ context: Context, _ kind: Order.Name) {
        self.arguments = arguments
        self.context = context
        self.kind = kind
    }

    /// Builds, signs and drops the order, and waits for its entry.
    ///
    /// - Parameter complete: adds what the kind needs; gives back the bytes that are dropped as `.cause`.
    func run(_ complete: (Slot, inout Order) throws -> [UInt8]?) throws -> ExitStatus {
        let verb = kind == .rollback ? "rollback" : "order \(kind.rawValue)"
        let agent = try arguments.one("agent", verb: verb)
        try arguments.require(
            ["--env", "--reason", arguments.has("--print-command") ? "--as" : "--key"]
                + (kind == .liftHold ? ["--cause"] : []),
            verb: verb
        )
        let environment = try arguments.required("--env", verb: verb)
        let reason = try arguments.required("--reason", verb: verb)
        let tenant = arguments.value("--tenant") ?? "shared"
        let reader = try SpoolReader.open(context)
        let keyring = try reader.trust().keyring.payload
        let name = "\(environment)/\(tenant)/\(agent)"
        guard let slot = reader.projection.slots[name] else {
            throw Failure(.missing, name, "nothing was ever live there", hint: "sallyport status")
        }
        let prints = arguments.has("--print-command")
        let identity = prints ? nil : try SigningIdentity(path: try arguments.required("--key", verb: verb))
        let person =
            try identity?.person(in: keyring, claimed: arguments.value("--as"))
            ?? arguments.required("--as", verb: verb)
        try requireOperator(person, environment, tenant, agent, keyring)
        let now = clock.now().wholeSecond
        var order = Order(
            pipeline: reader.projection.pipeline,
            order: kind,
            operator: person,
            environment: environment,
            tenant: tenant,
            agent: agent,
            reason: reason,
            nonce: Random.id(),
            issued: now,
            expires: now.adding(seconds: Self.validSeconds)
        )
        let cause = try complete(slot, &order)
        let text = try written { () throws(TextProblem) in try order.text() }
        // A root cause that a killed call left is found again by the same name.
        let number = cause.map { Digest.of($0).hex } ?? order.nonce
        let file = "\(kind.rawValue)-\(agent)-\(number.prefix(8)).order"
        guard let identity else {
            return try printCommands(text, cause, file, keyring.keys(of: person).first?.material.scheme)
        }
        let area = try AtomicDrop(reader.root, ["orders"])
        let signature = identity.sign(text, .order)
        let drop = {
            try area.drop(
                text,
                signature: signature,
                attachment: cause.map { (ending: ".cause", bytes: $0) },
                name: file
            )
        }
        let dropped: String
        do { dropped = try drop() } catch let error as DiskError
            where error.isFull && reader.isRunner && spendReserve(reader.root)
        {
            // The reserve is there for orders, and the file of the order is a part of it.
            dropped = try drop()
        }
        context.note("dropped \(area.place)/\(dropped)")
        let (entry, switched) = try outcome(of: Digest.of(text), reader)
        return try OrderOutcome(entry: entry, switchMs: switched, slot: name, place: "\(area.place)/\(dropped)").tell(
            context
        )
    }

    // Told before anything is dropped: the runner would say the same.
    private func requireOperator(
        _ person: String,
        _ environment: String,
        _ tenant: String,
        _ agent: String,
        _ keyring: Keyring
    ) throws {
        let roles = keyring.roles(of: person, environment: environment, tenant: tenant, agent: agent, at: clock.now())
        guard !roles.contains(.operator) else { return }
        throw Failure(
            .forbidden,
            person,
            "is no operator for \(environment)/\(tenant)/\(agent)",
            hint: "operators are in: sallyport trust show",
            code: "E-KEY-ROLE"
        )
    }

    private func spendReserve(_ root: Directory) -> Bool {
        (try? root.openIfPresent([".state"])?.unlink("reserve")) ?? false
    }

    // The runner's own account does it at once; everybody else waits for a runner.
    private func outcome(of text: Digest, _ reader: SpoolReader) throws -> (Entry?, Int64?) {
        var switched: Int64?
        if reader.isRunner {
            try withSpoolErrors {
                let tick = try Tick(
                    spool: context.spool,
                    keys: context.keys,
                    clock: clock,
                    executable: "/proc/self/exe"
                )
                try tick.perform(ordersOnly: true)
                switched = tick.report.rolledBack.last?.orderToSwitchMs
            }
        }
        for _ in 0..<(Self.waitSeconds * 20) {
            var found: Entry?
            try reader.refresh { entry in if entry.evidence.first == text { found = entry } }
            if let found { return (found, switched) }
            usleep(50_000)
        }
        return (nil, nil)
    }

    private func printCommands(_ text: [UInt8], _ cause: [UInt8]?, _ file: String, _ scheme: KeyScheme?) throws
        -> ExitStatus
    {
        do throws(DiskError) {
            let here = try Directory.open(path: ".")
            if let cause { try here.replace(file + ".cause", with: cause, scratch: here) }
            try here.replace(file, with: text, scratch: here)
        } catch { throw Failure(.cannotWrite, file, error.description) }
        let key = arguments.value("--key")
        let ending = scheme == .minisign ? ".minisig" : ".sig"
        let sign =
            scheme == .minisign
            ? "minisign -S -s \(key.map(shellQuoted) ?? "~/.minisign/minisign.key") -m \(file)"
            : "ssh-keygen -Y sign -f \(key.map(shellQuoted) ?? "~/.ssh/id_ed25519") -n \(DocumentKind.order.namespace) \(file)"
        let area = shellQuoted(context.spool + "/incoming/orders/")
        let lines =
            [sign] + (cause == nil ? [] : ["cp \(file).cause \(area)"]) + [
                "cp \(file)\(ending) \(area)", "cp \(file) \(area)",
            ]
        context.result(text: lines.map { $0 + "\n" }.joined(), json: ["commands": .array(lines.map { .string($0) })])
        return .success
    }
}
