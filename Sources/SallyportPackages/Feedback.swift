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
        for finding in findings { out += section("\(finding.rule) (\(finding.severity.rawValue))", finding) }
        out += "## Before you submit again\n\n"
        out += "    sallyport package pack DIR -o FILE\n    sallyport package check FILE\n\n"
        return out + "`package check` says what intake will say, with every finding at once.\n"
    }

    /// `feedback.md` of a request that people rejected: who, why, and each finding with its place and remedy, in their words.
    ///
    /// - Parameters:
    ///   - name: the request's `<agent>-<version>`.
    ///   - rejections: each reviewer who said no, with the signed reason and the signed findings.
    public static func rejection(
        _ name: String,
        by rejections: [(person: String, reason: String, findings: [Finding])]
    ) -> String {
        var out = "# \(Markdown.line(name)) was rejected\n\n"
        for (person, reason, findings) in rejections {
            out += "\(Markdown.line(person)) says: \(Markdown.line(reason, most: 2000))\n\n"
            for (number, finding) in findings.enumerated() {
                out += section("\(number + 1). \(finding.severity.rawValue)", finding)
            }
        }
        return out + "What is repaired is a new version: submit it again. This request is closed.\n"
    }

    private static func section(_ title: String, _ finding: Finding) -> String {
        "## \(title)\n\n- where: \(Markdown.code(finding.place.isEmpty ? "/" : finding.place))\n"
            + "- what: \(Markdown.line(finding.text))\n- remedy: \(Markdown.line(finding.remedy))\n\n"
    }
}
