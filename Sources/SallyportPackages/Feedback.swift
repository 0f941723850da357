public import SallyportBase

/// What the author of a refused package gets.
public enum Feedback {
    /// `feedback.md`: every finding with its place and remedy, and how to check before the next submission.
    ///
    /// - Parameter file: the drop's name as the author knows it.
    public static func markdown(_ findings: [Finding], file: String) -> String {
        let errors = findings.filter { $0.severity == .error }
        var out = "# \(Markdown.line(file)) was refused\n\n"
        out += "\(errors.count) \(errors.count == 1 ? "finding refuses" : "findings refuse") it. "
        out += "Nothing was unpacked; the package is kept beside this file.\n\n"
        for finding in findings {
            out += "## \(finding.rule) (\(finding.severity.rawValue))\n\n"
            out += "- where: \(Markdown.code(finding.place.isEmpty ? "/" : finding.place))\n"
            out += "- what: \(Markdown.line(finding.text))\n- remedy: \(Markdown.line(finding.remedy))\n\n"
        }
        out += "## Before you submit again\n\n"
        out += "    sallyport package pack DIR -o FILE\n    sallyport package check FILE\n\n"
        return out + "`package check` says what intake will say, with every finding at once.\n"
    }
}
