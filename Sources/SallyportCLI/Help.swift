/// The page for `sallyport --help`, or for one group of verbs.
func overview(of group: [String]) -> String {
    let verbs = allVerbs.filter { group.isEmpty || $0.words.first == group.first }
    let width = verbs.map { $0.words.joined(separator: " ").count }.max() ?? 0
    let lines = verbs.map { verb in
        let name = verb.words.joined(separator: " ")
        return "  " + name + String(repeating: " ", count: width - name.count + 2) + verb.summary
    }
    return """
        sallyport: the guarded door through which agents go to production

        usage: sallyport [--home DIR] [--json] [-q] [-v] VERB …

        \(lines.joined(separator: "\n"))

        sallyport VERB --help says more. Exit statuses: 0 done, 64 usage, 65 refused, 66 nothing there,
        70 contradiction, 75 try again, 77 may not, 78 configuration.

        """
}

/// The page for one verb.
func help(for verb: any Verb.Type) -> String {
    let name = verb.words.joined(separator: " ")
    var text = "usage: sallyport \(name)\(verb.usage.isEmpty ? "" : " ")\(verb.usage)\n\n\(verb.summary)\n"
    if !verb.options.isEmpty {
        let left = verb.options.map { $0.name + ($0.value.map { " " + $0 } ?? "") }
        let width = left.map(\.count).max() ?? 0
        text += "\n"
        for (option, head) in zip(verb.options, left) {
            text += "  " + head + String(repeating: " ", count: width - head.count + 2) + option.help + "\n"
        }
    }
    return text
}
