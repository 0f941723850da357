/// The words behind a verb, read against its declared options: `--name VALUE`, `--name=VALUE`, flags, and the rest.
public struct Arguments: Sendable {
    /// One option that a verb takes.
    public struct Option: Sendable {
        let name: String
        let value: String?
        let help: String
        let repeats: Bool

        /// An option with a value; `value` is its placeholder in the help.
        public static func value(_ name: String, _ value: String, _ help: String, repeats: Bool = false) -> Option {
            Option(name: name, value: value, help: help, repeats: repeats)
        }
        /// A switch.
        public static func flag(_ name: String, _ help: String) -> Option {
            Option(name: name, value: nil, help: help, repeats: false)
        }
    }

    /// The words that are no options, in order.
    public private(set) var positional: [String] = []
    private var values: [String: [String]] = [:]

    /// Reads the words; everything after `--` is positional.
    ///
    /// - Throws: ``Failure`` with status 64 that names every wrong word.
    public init(_ words: [String], options: [Option], verb: String) throws {
        var problems: [Failure.Problem] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positional += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                positional.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts[0]
            guard let option = options.first(where: { $0.name == name }) else {
                problems.append(.init(word, "unknown option", hint: "sallyport \(verb) --help"))
                continue
            }
            if option.value == nil {
                if parts.count > 1 { problems.append(.init(name, "takes no value")) }
                values[name, default: []].append("")
                continue
            }
            let given = parts.count > 1 ? parts[1] : rest.popFirst()
            guard let given else {
                problems.append(.init(name, "needs a value"))
                continue
            }
            if values[name] != nil, !option.repeats { problems.append(.init(name, "given twice")) }
            values[name, default: []].append(given)
        }
        if !problems.isEmpty { throw Failure(.usage, problems) }
    }

    /// The value of an option, when it was given.
    public func value(_ name: String) -> String? { values[name]?.last }
    /// Every value of an option that repeats.
    public func all(_ name: String) -> [String] { values[name] ?? [] }
    /// True when a switch was given.
    public func has(_ name: String) -> Bool { values[name] != nil }

    /// The value of an option that must be there.
    public func required(_ name: String, verb: String) throws -> String {
        guard let value = value(name) else {
            throw Failure(.usage, name, "is needed", hint: "sallyport \(verb) --help")
        }
        return value
    }

    /// Says at once which of several options are missing.
    public func require(_ names: [String], verb: String) throws {
        let missing = names.filter { value($0) == nil }
        guard missing.isEmpty else {
            throw Failure(.usage, missing.map { .init($0, "is needed", hint: "sallyport \(verb) --help") })
        }
    }

    /// The one word that must be there.
    public func one(_ what: String, verb: String) throws -> String {
        guard positional.count == 1 else {
            throw Failure(.usage, verb, "takes exactly one \(what)", hint: "sallyport \(verb) --help")
        }
        return positional[0]
    }
}
