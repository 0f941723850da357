internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportRunner
internal import SallyportTrust

/// `trust install`: the first keyring and policy become the root of trust.
struct TrustInstall: Verb {
    static let words = ["trust", "install"]
    static let usage = ""
    static let summary = "check the signed drafts in KEYS, pin the keyring, hand both to the runner"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        try refusePositional(arguments, verb: "trust install")
        let reader = try SpoolReader.open(context)
        let installation = try TrustInstallation(reader.keys.directory, now: Clock.system.now())
        guard installation.verified.payload.pipeline == reader.projection.pipeline else {
            let foreign = TextProblem(
                "E-PIPELINE",
                place: "pipeline",
                expected: reader.projection.pipeline,
                found: installation.verified.payload.pipeline
            )
            throw Failure(.refused, [foreign], in: reader.keys.directory.path(TrustInstallation.keyringName))
        }
        let known = reader.installedDigests
        let dropped = try installation.install(reader.keys.directory, root: reader.root) { known.contains($0) }
        let signers = installation.verified.proofs.map(\.person)
        let next = dropped.isEmpty ? "sallyport trust check" : "sallyport run"
        context.result(
            text: "pinned   \(installation.pin.tagged)\nsigned   \(signers.joined(separator: ", "))\n"
                + dropped.map { "dropped  \($0)\n" }.joined() + "next     \(next)\n",
            json: [
                "pinned": .string(installation.pin.tagged), "signers": .array(signers.map { .string($0) }),
                "dropped": .array(dropped.map { .string($0) }), "next": .string(next),
            ]
        )
        return .success
    }
}

/// `trust show`: who may do what.
struct TrustShow: Verb {
    static let words = ["trust", "show"]
    static let usage = ""
    static let summary = "people, keys and gates in force"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        try refusePositional(arguments, verb: "trust show")
        let trust = try SpoolReader.open(context).trust()
        let overview = TrustOverview(trust.keyring.payload, trust.policy?.payload, now: Clock.system.now())
        context.result(text: overview.text, json: overview.json)
        return .success
    }
}

/// `trust check`: does it verify, and are there enough people for every gate?
struct TrustCheck: Verb {
    static let words = ["trust", "check"]
    static let usage = ""
    static let summary = "verify keyring and policy from the pin on, and say which gate cannot be satisfied"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        try refusePositional(arguments, verb: "trust check")
        let reader = try SpoolReader.open(context)
        let now = Clock.system.now()
        let overview: TrustOverview
        if let trust = try reader.installedTrust() {
            overview = TrustOverview(trust.keyring.payload, trust.policy?.payload, now: now)
        } else {
            // Nothing is installed: the drafts are what there is to check.
            let drafts = try TrustInstallation(reader.keys.directory, now: now)
            context.note("nothing is installed yet: this is about the drafts in \(reader.keys.directory.label)")
            overview = TrustOverview(drafts.verified.payload, drafts.verifiedPolicy.payload, now: now)
        }
        context.result(text: overview.text + overview.verdictText, json: overview.json)
        return overview.status
    }
}

/// Fails with 64 when a verb that takes no words got some.
func refusePositional(_ arguments: Arguments, verb: String) throws {
    if let word = arguments.positional.first {
        throw Failure(.usage, shown(word), "unexpected word", hint: "sallyport \(verb) --help")
    }
}
