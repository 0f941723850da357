/// One pass of a grammar's table over the lines of a text.
///
/// The table is read once from top to bottom. A line that does not fit is reported and skipped; a line of the table
/// that is not there is reported and passed over: so one mistake does not hide the next.
struct GrammarWalk {
    let grammar: TextGrammar
    let raw: [String]
    private(set) var lines: [TextLine] = []
    private(set) var problems: [TextProblem] = []
    private var next = 0
    // The keys that the table still has from here on: a foreign line is skipped, a later one is waited for.
    private var ahead: [String: Int] = [:]
    private var seen: Set<String> = []

    init(grammar: TextGrammar, raw: [String]) {
        self.grammar = grammar
        self.raw = raw
        for key in grammar.keys { ahead[key, default: 0] += 1 }
    }

    mutating func run() {
        for part in grammar.parts {
            if part.lines.count == 1, let rule = part.lines.first {
                take(rule, times: rule.count)
                pass([rule.key])
            } else {
                block(part)
                pass(part.lines.map(\.key))
            }
            if problems.count >= TextGrammar.limitProblems { return }
        }
        while next < raw.count, problems.count < TextGrammar.limitProblems { skip() }
    }

    private mutating func pass(_ keys: [String]) { for key in keys { ahead[key, default: 1] -= 1 } }

    private mutating func block(_ part: GrammarPart) {
        guard let first = part.lines.first else { return }
        let keys = Set(part.lines.map(\.key))
        var times = 0
        while true {
            // A line of the block that is not at its place belongs to nothing that follows either.
            while let here = key(at: next), here != first.key, keys.contains(here) || ahead[here, default: 0] == 0 {
                skip()
            }
            skipForeign(until: [first.key])
            guard key(at: next) == first.key else { break }
            times += 1
            if times == part.count.upperBound + 1 { tooMany(first.key, part.count.upperBound) }
            seen.subtract(keys)
            for rule in part.lines {
                take(rule, times: rule.count)
                // In this block it is behind us; the first line of the next block never is.
                if rule.key != first.key { ahead[rule.key, default: 1] -= 1 }
            }
            for key in keys where key != first.key { ahead[key, default: 0] += 1 }
            if problems.count >= TextGrammar.limitProblems { return }
        }
        if times < part.count.lowerBound { missing(first) }
    }

    private mutating func take(_ rule: LineRule, times: ClosedRange<Int>) {
        var taken = 0
        while taken <= times.upperBound {
            skipForeign(until: [rule.key])
            guard key(at: next) == rule.key else { break }
            if taken == times.upperBound {
                // A second line where one belongs is reported as repeated, later; a list is reported once, as too long.
                guard times.upperBound > 1 else { break }
                tooMany(rule.key, times.upperBound)
                while key(at: next) == rule.key { next += 1 }
                return
            }
            consume(rule)
            taken += 1
        }
        if taken < times.lowerBound { missing(rule, have: taken) }
    }

    private func key(at index: Int) -> String? { index < raw.count ? TextLine(raw[index])?.key : nil }

    private mutating func consume(_ rule: LineRule) {
        guard let line = TextLine(raw[next]) else { return }
        if let problem = rule.type.problem(line.value) {
            problems.append(problem.located("line \(next + 2) (\(rule.key))"))
        }
        lines.append(line)
        seen.insert(rule.key)
        next += 1
    }

    // Lines that the table does not have from here on.
    private mutating func skipForeign(until wanted: Set<String>) {
        while next < raw.count, problems.count < TextGrammar.limitProblems {
            if let key = key(at: next), wanted.contains(key) || ahead[key, default: 0] > 0 { return }
            skip()
        }
    }

    private mutating func skip() {
        let place = "line \(next + 2)"
        let text = raw[next]
        next += 1
        guard let key = TextLine(text)?.key else {
            problems.append(TextProblem("E-GRAMMAR-SEPARATOR", place: place, expected: "<key>: <value>", found: text))
            return
        }
        if seen.contains(key) {
            problems.append(
                TextProblem(
                    "E-GRAMMAR-REPEATED",
                    place: "\(place) (\(key))",
                    expected: "\(key) once, or together",
                    found: text
                )
            )
        } else if grammar.keys.contains(key) {
            problems.append(
                TextProblem(
                    "E-GRAMMAR-ORDER",
                    place: "\(place) (\(key))",
                    expected: "\(key) in its place in the fixed order",
                    found: text
                )
            )
        } else {
            problems.append(
                TextProblem(
                    "E-GRAMMAR-UNKNOWN",
                    place: place,
                    expected: "a line of \(grammar.kind.magic)",
                    found: text
                )
            )
        }
    }

    private mutating func missing(_ rule: LineRule, have: Int = 0) {
        let amount = rule.count.lowerBound == 1 ? "" : "\(rule.count.lowerBound) of "
        problems.append(
            TextProblem(
                "E-GRAMMAR-MISSING",
                place: "line \(next + 2)",
                expected: "\(amount)\(rule.key): \(rule.type.spelling)",
                found: next < raw.count ? raw[next] : "end"
            )
        )
    }

    private mutating func tooMany(_ key: String, _ limit: Int) {
        problems.append(
            TextProblem(
                "E-GRAMMAR-COUNT",
                place: "line \(next + 2) (\(key))",
                expected: "at most \(limit) of \(key)",
                found: "more"
            )
        )
    }
}

extension TextProblem {
    /// The same problem at another place.
    func located(_ place: String) -> TextProblem {
        TextProblem(code, place: place, expected: expected, found: found)
    }
}
