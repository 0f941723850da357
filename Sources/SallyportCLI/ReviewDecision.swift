internal import SallyportBase
internal import SallyportTrust

/// What a reviewer puts into a pre-filled text: the words in place of its dashes, and nothing else (formats.md §2). Pure.
struct ReviewDecision {
    let decision: Approval.Decision
    let reason: String?
    let findings: [Approval.Defect]

    /// Reads `--reason`, `--finding S:PLACE:TEXT` and `--remedy TEXT`.
    ///
    /// - Throws: ``Failure`` with 64 for a finding of another form, or a number of remedies that differs from that of findings.
    init(_ decision: Approval.Decision, reason: String?, findings: [String], remedies: [String]) throws {
        guard findings.count == remedies.count else {
            throw Failure(
                .usage,
                "--remedy",
                "expected one for each --finding: \(findings.count), found \(remedies.count)"
            )
        }
        self.decision = decision
        self.reason = reason
        self.findings = try zip(findings, remedies).map { finding, remedy in
            let parts = finding.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let severity = Finding.Severity(rawValue: parts[0]), !parts[1].isEmpty,
                !parts[2].isEmpty,
                !parts[1].contains(" "), !remedy.isEmpty
            else {
                let names = Finding.Severity.allCases.map(\.rawValue).joined(separator: "|")
                throw Failure(
                    .usage,
                    "--finding \(shown(finding))",
                    "takes SEVERITY:PLACE:TEXT, with \(names) and a place of one word"
                )
            }
            return Approval.Defect(severity: severity, place: parts[1], text: parts[2], remedy: remedy)
        }
    }

    /// The text with the words in it: the bytes that are shown, signed and written.
    ///
    /// - Throws: ``Failure`` with 65 for a text that is none or says something else, 64 for words that are missing or do not fit.
    func fill(_ text: [UInt8], place: String) throws -> [UInt8] {
        var approval = try Self.read(text, place)
        guard approval.decision == decision else {
            throw Failure(
                .refused,
                place,
                "says \(approval.decision.rawValue)",
                hint: "sallyport \(approval.decision.rawValue), or the text that ends in .\(decision.rawValue)"
            )
        }
        if let reason { approval.reason = reason }
        if !findings.isEmpty { approval.findings = findings }
        let filled = try written { () throws(TextProblem) in try approval.text() }
        let missing = approval.missingWords.map { problem in
            let option = problem.place.split(separator: " ").first.map(String.init) ?? "reason"
            return Failure.Problem("--\(option)", "is needed: the text says -", code: problem.code)
        }
        guard missing.isEmpty else { throw Failure(.usage, missing) }
        return filled
    }

    /// Reads a text without believing it.
    static func read(_ text: [UInt8], _ place: String) throws -> Approval {
        switch Approval.unverified(text) {
        case .success(let approval): return approval
        case .failure(let problems):
            throw Failure(
                .refused,
                problems.problems,
                in: place,
                hint: "take the text from review/ as the runner wrote it"
            )
        }
    }

    /// The stock commands that do the same on a machine without Sallyport.
    static func commands(file: String, source: String, filled: [UInt8], scheme: KeyScheme?, key: String?) -> [String] {
        let target = shellQuoted(file)
        var out = source == file ? [] : ["cp \(shellQuoted(source)) \(target)"]
        for line in String(decoding: filled, as: UTF8.self).split(separator: "\n") {
            for (name, old) in [("reason", "reason: -"), ("finding", "finding: error - -"), ("remedy", "remedy: -")]
            where line.hasPrefix("\(name): ") && line != old {
                out.append("sed -i \(shellQuoted("s/^\(old)$/\(sedReplacement(String(line)))/")) \(target)")
            }
        }
        let ssh =
            "ssh-keygen -Y sign -f \(key.map(shellQuoted) ?? "~/.ssh/id_ed25519") -n \(DocumentKind.approval.namespace) \(target)"
        let minisign = "minisign -S -s \(key.map(shellQuoted) ?? "~/.minisign/minisign.key") -m \(target)"
        switch scheme {
        case .minisign: out.append(minisign)
        case .sshsig, .sshsigFIDO: out.append(ssh)
        case nil: out += [ssh, "# or: " + minisign]
        }
        return out
    }

    /// Text as sed takes it on the right side of `s/…/…/`.
    static func sedReplacement(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("/", with: "\\/").replacing("&", with: "\\&")
    }
}
