internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportRunner

/// `run`: one tick, or ticks until the time is over. What cron calls.
enum Run: Verb {
    static let words = ["run"]
    static let usage = "[--for 55s --every 5s] [--orders] [--strict]"
    static let summary = "judge what was dropped, approve, deploy, publish: one tick, or ticks until the time is over"
    static let options: [Arguments.Option] = [
        .value("--for", "TIME", "go on with ticks for so long, e.g. 55s"),
        .value("--every", "TIME", "from one tick to the next, default 5s"),
        .flag("--orders", "obey orders and nothing else"),
        .flag("--strict", "exit 65 when something was refused"),
    ]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard arguments.positional.isEmpty else {
            throw Failure(.usage, arguments.positional[0], "unexpected word", hint: "sallyport run --help")
        }
        let total = try seconds(arguments.value("--for"), option: "--for") ?? 0
        let every = try seconds(arguments.value("--every"), option: "--every") ?? 5
        let begin = monotonic()
        var status = ExitStatus.success
        while true {
            let started = monotonic()
            let tick = try openTick(context)
            try withSpoolErrors { try tick.perform(ordersOnly: arguments.has("--orders")) }
            let face = RunFace(tick, seconds: monotonic() - started)
            context.result(text: face.text(quiet: context.quiet), json: face.json)
            for line in face.warnings { context.err("sallyport: \(line)\n") }
            status = worse(status, face.status(strict: arguments.has("--strict")))
            guard monotonic() - begin + every < total else { return status }
            usleep(UInt32(max(0, every - (monotonic() - started)) * 1_000_000))
        }
    }

    // With several reasons the gravest: 70, 78, 75, 69, 65, 0.
    private static func worse(_ a: ExitStatus, _ b: ExitStatus) -> ExitStatus {
        let order: [ExitStatus] = [.contradiction, .configuration, .transient, .unavailable, .refused, .success]
        return order.first { $0 == a || $0 == b } ?? b
    }

    private static func seconds(_ text: String?, option: String) throws -> Double? {
        guard let text else { return nil }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number >= 0 else {
            throw Failure(.usage, option, "takes a time such as 55s or 5m")
        }
        return number * unit
    }

    private static func monotonic() -> Double {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

/// Opens spool, keys and ledger for a run, with the exit status that each way of failing has.
func openTick(_ context: Context) throws -> Tick {
    try withSpoolErrors {
        try SpoolReader.requireMemory(Directory.open(spool: context.spool))
        return try Tick(spool: context.spool, keys: context.keys, clock: .system, executable: "/proc/self/exe")
    }
}
