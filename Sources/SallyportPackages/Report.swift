public import SallyportBase

/// The review report: a function of package, live release and the fields given, so that anybody gets the same bytes again. It names no
/// request and no time.
public struct Report: Sendable {
    /// SHA-256 of the archive.
    public let package: Digest
    /// Bytes of the archive.
    public let size: Int64
    /// Environment asked for.
    public let environment: String
    /// Tenant.
    public let tenant: String
    /// Person who submitted it, when known.
    public let submitter: String?
    /// The release in the slot, when there is one.
    public let live: LiveRelease?
    /// The keyring is a throw-away one.
    public let demo: Bool
    /// Lines of files and of differences that are listed; the rest is in findings.json.
    static let files = 500

    /// Makes a report's frame.
    public init(
        package: Digest,
        size: Int64,
        environment: String,
        tenant: String,
        submitter: String?,
        live: LiveRelease?,
        demo: Bool
    ) {
        self.package = package
        self.size = size
        self.environment = environment
        self.tenant = tenant
        self.submitter = submitter
        self.live = live
        self.demo = demo
    }

    /// `report.md`.
    public func markdown(_ inspection: Inspection) -> String {
        var parts: [String] = []
        if demo { parts.append("**DEMO KEYS: the people who can approve this are made up.**\n") }
        guard let manifest = inspection.manifest else {
            parts.append("# A package without a manifest\n\n" + identity(inspection) + "\n" + findings(inspection))
            return parts.joined(separator: "\n")
        }
        parts.append(
            "# \(Markdown.line(manifest.name)) \(Markdown.line(manifest.version.description))\n\n"
                + identity(inspection)
        )
        parts.append(about(manifest))
        parts.append(risk(manifest))
        parts.append(capabilities(manifest))
        parts.append(findings(inspection))
        parts.append(changes(inspection))
        parts.append(contents(inspection))
        return parts.joined(separator: "\n")
    }

    private func identity(_ inspection: Inspection) -> String {
        let replaces = live.map { Markdown.code($0.release) } ?? "nothing: the first release in this slot"
        return """
            | | |
            |---|---|
            | environment, tenant | \(Markdown.code(environment)), \(Markdown.code(tenant)) |
            | submitted by | \(submitter.map { Markdown.code($0) } ?? "unknown") |
            | replaces | \(replaces) |
            | package | `\(package.hex)`, \(size) bytes |
            | payload | `\(inspection.payload.hex)`, \(inspection.entries.count) files, \(inspection.unpackedBytes) bytes |
            | agent.json | \(inspection.manifestDigest.map { "`\($0.hex)`" } ?? "none") |

            """
    }

    private func about(_ manifest: Manifest) -> String {
        var out = "## What it is\n\n"
        if let name = manifest.displayName { out += "\(Markdown.line(name))\n\n" }
        if let summary = manifest.summary { out += "The author says:\n\n\(Markdown.block(summary))\n" }
        if let change = manifest.changeSummary {
            out += "The author says about the change:\n\n\(Markdown.block(change))\n"
        }
        var owner = "\(Markdown.code(manifest.owner.team)), \(Markdown.code(manifest.owner.contact))"
        if let onCall = manifest.owner.onCall { owner += ", on call \(Markdown.code(onCall))" }
        out += "- owner: \(owner)\n- runs as: \(Markdown.code(manifest.runtime))\n"
        let was = live.map(\.manifest.dataClassification)
        let mark = was.map { $0 == manifest.dataClassification ? "" : " **CHANGED**, was \($0.rawValue)" } ?? ""
        out += "- data: \(manifest.dataClassification.rawValue)\(mark)"
        if !manifest.dataCategories.isEmpty { out += " (\(manifest.dataCategories.joined(separator: ", ")))" }
        out += "\n"
        if let ticket = manifest.ticket { out += "- change reference: \(Markdown.code(ticket))\n" }
        if !manifest.authors.isEmpty {
            out +=
                "- authors, who cannot approve it: \(manifest.authors.map { Markdown.code($0) }.joined(separator: ", "))\n"
        }
        if let build = manifest.build {
            let dirty = build.dirty ? " **with changes that are not committed**" : ""
            out +=
                "- built from commit \(Markdown.code(build.gitSha))\(dirty), build \(Markdown.code(build.buildNumber))\n"
        } else {
            out += "- built: the manifest does not say from what\n"
        }
        switch manifest.rollback {
        case nil: out += "- way back: the manifest does not say\n"
        case let rollback? where rollback.stateCompatible: out += "- way back: older versions understand its state\n"
        case let rollback?:
            let from = rollback.minimumVersion.map { "only \(Markdown.code($0)) and later understand its state" }
            out += "- way back: \(from ?? "**no older version understands its state**")\n"
        }
        return out
    }

    private func risk(_ manifest: Manifest) -> String {
        let risk = RiskFloor.derive(manifest)
        var out = "## Risk: \(risk.tier.rawValue)\n\n"
        if let before = live.map({ RiskFloor.derive($0.manifest).tier }), before != risk.tier {
            out += "**CHANGED**: what is live is \(before.rawValue).\n\n"
        }
        return out + risk.lines.prefix(Self.files).map { "- \(Markdown.line($0))" }.joined(separator: "\n") + "\n"
    }

    private func capabilities(_ manifest: Manifest) -> String {
        let before = live?.manifest
        let tools = Difference.lines(now: manifest.tools, before: before?.tools, key: \.name) { tool in
            var text = "\(Markdown.code(tool.name)) \(tool.access), risk \(tool.risk.rawValue), auth \(tool.auth)"
            if tool.humanApproval { text += ", a person confirms each call" }
            if let server = tool.server { text += ", server \(Markdown.code(server))" }
            return text
        }
        let egress = Difference.lines(now: manifest.egress, before: before?.egress, key: { $0 }) { target in
            Markdown.code(target) + (RiskFloor.isInside(target) ? "" : ", outside the organisation")
        }
        let models = Difference.lines(now: manifest.models, before: before?.models, key: { $0.role + " " + $0.id }) {
            "\(Markdown.code($0.role)): \(Markdown.code($0.provider)) \(Markdown.code($0.id)) \(Markdown.code($0.version))"
        }
        return """
            ## What it may do

            ### Tools

            \(Markdown.list(tools, none: "none", most: Self.files))
            ### Network

            \(Markdown.list(egress, none: "no egress", most: Self.files))
            ### Models

            \(Markdown.list(models, none: "none named", most: Self.files))
            """
    }

    private func findings(_ inspection: Inspection) -> String {
        var out = "## Findings\n\n"
        if inspection.findings.isEmpty { return out + "none\n" }
        for finding in inspection.findings {
            out +=
                "- \(finding.severity.rawValue) \(finding.rule) at \(Markdown.code(finding.place)): \(Markdown.line(finding.text))\n"
        }
        return out
    }

    private func changes(_ inspection: Inspection) -> String {
        guard let live else { return "## Files that change\n\nall of them: nothing is live in this slot\n" }
        let lines = Difference.lines(now: inspection.entries, before: live.entries, key: \.path) {
            "\(Markdown.code($0.path)) \($0.mode) \($0.size) bytes"
        }.filter { !$0.mark.isEmpty }
        return "## Files that change\n\n" + Markdown.list(lines, none: "none", most: Self.files)
    }

    /// The biggest first: where something hides.
    private func contents(_ inspection: Inspection) -> String {
        let sorted = inspection.entries.sorted { ($1.size, $0.path) < ($0.size, $1.path) }
        var out = "## Contents\n\n| SHA-256 | mode | bytes | path |\n|---|---|---|---|\n"
        for entry in sorted.prefix(Self.files) {
            let path = Markdown.code(entry.path).split(separator: "|", omittingEmptySubsequences: false)
            out += "| `\(entry.digest.hex)` | \(entry.mode) | \(entry.size) | \(path.joined(separator: "\\|")) |\n"
        }
        if sorted.count > Self.files {
            out += "\n\(sorted.count - Self.files) smaller files more: see findings.json\n"
        }
        return out
    }
}
