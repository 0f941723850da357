internal import Glibc

/// The global options, which may stand anywhere (cli.md).
struct Globals {
    var json = false
    var quiet = false
    var verbose = false
    var help = false
    var version = false
    private var color = "auto"
    private var home: String?
    private var spool: String?
    private var keys: String?

    /// Takes the global options out of the words and gives back the rest.
    mutating func take(from words: [String]) throws -> [String] {
        var rest: [String] = []
        var queue = words[...]
        while let word = queue.popFirst() {
            switch word {
            case "--": return rest + [word] + queue
            case "--json": json = true
            case "-q", "--quiet": quiet = true
            case "-v", "--verbose": verbose = true
            case "--help", "-h": help = true
            case "--version": version = true
            case "--color", "--home", "--spool", "--keys":
                guard let value = queue.popFirst() else { throw Failure(.usage, word, "needs a value") }
                set(word, value)
            default:
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2, ["--color", "--home", "--spool", "--keys"].contains(parts[0]) {
                    set(parts[0], parts[1])
                } else {
                    rest.append(word)
                }
            }
        }
        guard ["auto", "always", "never"].contains(color) else {
            throw Failure(.usage, "--color", "takes auto, always or never")
        }
        return rest
    }

    private mutating func set(_ option: String, _ value: String) {
        switch option {
        case "--color": color = value
        case "--home": home = value
        case "--spool": spool = value
        default: keys = value
        }
    }

    /// Where things lie: by option, `SALLYPORT_HOME` or the system default. Nothing comes from the working directory unless
    /// `--home .` says so.
    func context(environment: [String: String]) throws -> Context {
        let named = home ?? environment["SALLYPORT_HOME"]
        let systemHome = "/var/lib/sallyport"
        let base = named ?? systemHome
        let colored: Bool
        switch color {
        case "always": colored = true
        case "never": colored = false
        default: colored = isatty(1) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        }
        return Context(
            home: named ?? (spool == nil ? systemHome : nil),
            spool: spool ?? base + "/spool",
            keys: keys ?? (named == nil ? "/etc/sallyport" : base + "/keys"),
            isDefaultPlace: named == nil && spool == nil && keys == nil,
            json: json,
            quiet: quiet,
            verbose: verbose,
            color: colored,
            out: { standardOutput($0) },
            err: { standardError($0) }
        )
    }
}
