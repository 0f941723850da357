public import SallyportBase

/// One verb of the command line; one file each.
public protocol Verb: Sendable {
    /// The words that call it: `["ledger", "verify"]`.
    static var words: [String] { get }
    /// What stands behind the verb in its usage line.
    static var usage: String { get }
    /// One line.
    static var summary: String { get }
    /// What it takes besides the global options.
    static var options: [Arguments.Option] { get }
    /// False where the verb looks at named files only: then nothing is said about the place of the spool.
    static var usesSpool: Bool { get }
    /// Does it. The result is written with ``Context/result(text:json:)``.
    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus
}

extension Verb {
    /// Most verbs do.
    public static var usesSpool: Bool { true }
}

/// What the global options and the environment say, and the two streams.
public struct Context: Sendable {
    /// `--home`, `SALLYPORT_HOME` or the default; `nil` where only `--spool` and `--keys` were given.
    public let home: String?
    /// Where the spool lies.
    public let spool: String
    /// Where the keys lie.
    public let keys: String
    /// True when the places are the system's default.
    public let isDefaultPlace: Bool
    /// `--json`
    public let json: Bool
    /// `-q`
    public let quiet: Bool
    /// `-v`
    public let verbose: Bool
    /// Colour may be written to standard output.
    public let color: Bool
    /// Writes to standard output.
    public let out: @Sendable (String) -> Void
    /// Writes to standard error.
    public let err: @Sendable (String) -> Void

    /// Prints the result in the face that the caller asked for: `text` as it is, or one JSON document.
    public func result(text: @autoclosure () -> String, json value: @autoclosure () -> JSON) {
        out(json ? value().pretty : text())
    }

    /// A remark on standard error; silent under `-q`.
    public func note(_ line: String) { if !quiet { err("sallyport: \(line)\n") } }
}
