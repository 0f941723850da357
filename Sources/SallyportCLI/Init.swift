internal import SallyportBase
internal import SallyportDisk
internal import SallyportRunner

/// `init`: a new spool with its keys.
struct Init: Verb {
    static let words = ["init"]
    static let usage = "[DIR] [--demo] [--origin NAME]"
    static let summary = "make a spool, the runner's key and drafts of keyring and policy"
    static let options: [Arguments.Option] = [
        .flag("--demo", "throw-away people and keys, signed and installed: try everything at once"),
        .value("--origin", "NAME", "the ledger's name; default sallyport/<pipeline id>"),
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard arguments.positional.count <= 1 else {
            throw Failure(.usage, "init", "takes at most one directory", hint: "sallyport init --help")
        }
        let directory = arguments.positional.first
        let demo = arguments.has("--demo")
        let maker = SpoolMaker(
            spoolPath: directory.map { $0 + "/spool" } ?? context.spool,
            keysPath: directory.map { $0 + "/keys" } ?? context.keys,
            origin: arguments.value("--origin"),
            clock: .system
        )
        if demo { try ExternalProgram.require([.sshKeygen, .minisign]) }
        let made = try withSpoolErrors {
            if demo, let unfinished = try maker.unfinishedDemo() { return unfinished }
            return try maker.make { try prepare($0, demo: demo) }
        }
        if demo { try start(made) }
        let next = nextCommands(made, demo: demo, home: directory ?? context.home)
        context.result(text: text(made, demo: demo, next: next), json: json(made, demo: demo, next: next))
        return .success
    }

    static func prepare(_ made: SpoolMaker.Made, demo: Bool) throws {
        if demo { return try DemoTrust(made: made).prepare() }
        let keyring = Drafts.keyring(
            pipeline: made.pipeline,
            vkey: made.vkey,
            root: Drafts.rootPlaceholder,
            people: Drafts.placeholders,
            now: made.at,
            days: 365,
            demo: false,
            uid: nil
        )
        let policy = Drafts.policy(pipeline: made.pipeline, demo: false)
        for (name, text) in [(TrustInstallation.keyringName, keyring), (TrustInstallation.policyName, policy)] {
            try made.keys.replace(name, with: Array(text.utf8), mode: 0o644, scratch: made.keys)
        }
    }

    /// Installs the demo's trust and runs one tick, so that `submit` works at once.
    private static func start(_ made: SpoolMaker.Made) throws {
        let installation = try TrustInstallation(made.keys, now: Clock.system.now())
        let known = try SpoolReader.open(spool: made.spool.label, keys: made.keys.label).installedDigests
        _ = try installation.install(made.keys, root: made.spool) { known.contains($0) }
        try withSpoolErrors {
            let tick = try Tick(
                spool: made.spool.label,
                keys: made.keys.label,
                clock: .system,
                executable: "/proc/self/exe"
            )
            try tick.perform()
            // Whatever else failed the next run does.
            guard try !SpoolMaker.isTrustInstalled(made.spool) else { return }
            throw Failure(
                .transient,
                made.spool.label,
                tick.report.failures.first?.what ?? "the first run could not install trust",
                hint: "give the same command again"
            )
        }
    }

    static func nextCommands(_ made: SpoolMaker.Made, demo: Bool, home: String?) -> [String] {
        let place = home.map { "export SALLYPORT_HOME=\(shellQuoted($0))" }
        let keys = made.keys.label
        if demo {
            return [
                place ?? "cd \(shellQuoted(made.spool.label))",
                "sallyport submit FILE --env staging --key \(shellQuoted(keys + "/demo/dave"))",
                "sallyport run --for 5s --every 1s",
            ]
        }
        let drafts = [TrustInstallation.keyringName, TrustInstallation.policyName].map { shellQuoted(keys + "/" + $0) }
        return [
            "ssh-keygen -Y sign -f ROOT-KEY -n keyring.v1@sallyport \(drafts[0])",
            "ssh-keygen -Y sign -f ROOT-KEY -n policy.v1@sallyport \(drafts[1])",
            (home.map { "SALLYPORT_HOME=\(shellQuoted($0)) " } ?? "") + "sallyport trust install",
        ]
    }

    static func text(_ made: SpoolMaker.Made, demo: Bool, next: [String]) -> String {
        var out = """
            spool    \(made.spool.label)
            keys     \(made.keys.label)
            ledger   \(made.origin)
            pipeline \(made.pipeline)

            """
        if demo {
            out += """
                people   alice (reviewer, security), bob (reviewer, minisign), carol (operator), dave (submitter, you)
                         DEMO KEYS without passphrase in \(made.keys.label)/demo, good for \(DemoTrust.days) days; they protect nothing

                """
        } else {
            out += """

                In keyring.draft replace each PUBLIC-KEY-OF-… by the second column of that person's .pub file (ssh), or by the
                second line of a minisign .pub; change, add and remove people as they are. root must be a key with no other use.
                policy.draft works as it is. Then sign both and install them:

                """
        }
        return out + "\nnext:\n" + next.map { "  \($0)\n" }.joined()
    }

    static func json(_ made: SpoolMaker.Made, demo: Bool, next: [String]) -> JSON {
        [
            "spool": .string(made.spool.label), "keys": .string(made.keys.label), "origin": .string(made.origin),
            "vkey": .string(made.vkey), "pipeline": .string(made.pipeline), "demo": .bool(demo),
            "next": .array(next.map { .string($0) }),
        ]
    }
}
