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
        parts.append(deltas(manifest, inspection))
        parts.append(about(manifest))
        parts.append(risk(manifest))
        parts.append(capabilities(manifest))
        parts.append(findings(inspection))
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
        out += "- owner: \(owner)\n- runs as: \(Markdown.code(manifest.runtime))"
        let entrypoint = manifest.value["runtime"]?["entrypoint"]
        let command =
            [entrypoint?["command"]?.string].compactMap(\.self)
            + (entrypoint?["args"]?.array ?? []).compactMap(\.string)
        if !command.isEmpty { out += ", command \(Markdown.code(command.joined(separator: " ")))" }
        if let image = manifest.value["runtime"]?["image"]?.string { out += ", image \(Markdown.code(image))" }
        out += "\n"
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

    private func tools(_ manifest: Manifest) -> [Difference.Line] {
        func words(_ tool: Manifest.Tool) -> String {
            var text = "\(tool.access), risk \(tool.risk.rawValue), auth \(tool.auth)"
            if tool.humanApproval { text += ", a person confirms each call" }
            if tool.idempotent { text += ", idempotent" }
            if let server = tool.server { text += ", server \(Markdown.code(server))" }
            if let contract = tool.contract { text += ", contract \(Markdown.code(contract))" }
            return text
        }
        return Difference.lines(now: manifest.tools, before: live?.manifest.tools, key: \.name) { tool, was in
            "\(Markdown.code(tool.name)) \(words(tool))" + (was.map { "; was \(words($0))" } ?? "")
        }
    }

    private func egress(_ manifest: Manifest) -> [Difference.Line] {
        Difference.lines(now: manifest.egress, before: live?.manifest.egress, key: { $0 }) { target, _ in
            Markdown.code(target) + (RiskFloor.isInside(target) ? "" : ", outside the organisation")
        }
    }

    private func models(_ manifest: Manifest) -> [Difference.Line] {
        func words(_ model: Manifest.Model) -> String {
            [model.provider, model.id, model.version].map { Markdown.code($0) }.joined(separator: " ")
        }
        // By what it is for: another model in the same place is a change, not one removed and one new.
        let isUnique = [manifest.models, live?.manifest.models ?? []].allSatisfy {
            Set($0.map(\.role)).count == $0.count
        }
        let key: (Manifest.Model) -> String = { isUnique ? $0.role : $0.role + " " + $0.id }
        return Difference.lines(now: manifest.models, before: live?.manifest.models, key: key) { model, was in
            "\(Markdown.code(model.role)): \(words(model))" + (was.map { "; was \(words($0))" } ?? "")
        }
    }

    /// Everything else that the manifest says and that differs: nothing in it changes unseen.
    private func statements(_ manifest: Manifest) -> [Difference.Line] {
        guard let before = live?.manifest else { return [] }
        func known(_ fact: ManifestFact) -> Bool {
            let parts = fact.parts
            switch parts.first {
            case "version", "changeSummary", "build": return true
            case "network": return parts.last == "egress"
            case "tools":
                guard parts.count > 2 else { return false }
                let shown = ["name", "access", "risk", "auth", "humanApproval", "idempotent", "server", "contract"]
                let isInBoth = [manifest, before].allSatisfy { $0.tools.contains { $0.name == parts[1] } }
                return !isInBoth || shown.contains(parts[parts.count - 1])
            case "models": return parts.count == 3 && ["role", "provider", "id", "version"].contains(parts[2])
            default: return false
            }
        }
        return Difference.lines(
            now: ManifestFact.all(of: manifest.value).filter { !known($0) },
            before: ManifestFact.all(of: before.value).filter { !known($0) },
            key: \.place
        ) { fact, was in
            "\(Markdown.code(fact.place)) \(Markdown.code(fact.value, most: 300))"
                + (was.map { "; was \(Markdown.code($0.value, most: 300))" } ?? "")
        }
    }

    /// What a reviewer looks for first: everything that differs from what is live.
    private func deltas(_ manifest: Manifest, _ inspection: Inspection) -> String {
        guard let live else {
            return "## What changes\n\nEverything: nothing is live in this slot. All of what follows is new.\n"
        }
        var out = "## What changes\n\nAgainst \(Markdown.code(live.release)), which is live.\n\n"
        let groups = [
            ("Tools", tools(manifest)), ("Network", egress(manifest)), ("Models", models(manifest)),
            ("Other statements of agent.json", statements(manifest)),
        ]
        for (title, lines) in groups {
            let marked = lines.filter { !$0.mark.isEmpty }
            out += "### \(title)\n\n" + Markdown.list(marked, none: "as before", most: Self.files) + "\n"
        }
        return out + "### Files\n\n" + Markdown.list(fileChanges(inspection, live), none: "as before", most: Self.files)
    }

    private func fileChanges(_ inspection: Inspection, _ live: LiveRelease) -> [Difference.Line] {
        Difference.lines(now: inspection.entries, before: live.entries, key: \.path) { entry, was in
            guard let was else { return "\(Markdown.code(entry.path)) \(entry.mode) \(entry.size) bytes" }
            var text = Markdown.code(entry.path)
            if entry.mode != was.mode { text += " mode \(was.mode) → \(entry.mode)," }
            if entry.digest == was.digest { return text + " the same content" }
            return text
                + (entry.size == was.size ? " other content of the same size" : " \(was.size) → \(entry.size) bytes")
        }.filter { !$0.mark.isEmpty }
    }

    private func capabilities(_ manifest: Manifest) -> String {
        """
        ## What it may do

        ### Tools

        \(Markdown.list(tools(manifest), none: "none", most: Self.files))
        ### Network

        \(Markdown.list(egress(manifest), none: "no egress", most: Self.files))
        ### Models

        \(Markdown.list(models(manifest), none: "none named", most: Self.files))
        ### Secrets and identity

        \(identities(manifest))
        """
    }

    private func identities(_ manifest: Manifest) -> String {
        let value = manifest.value
        var out = "- calls from outside: \(manifest.ingress ?? "the manifest does not say")\n"
        if let endpoint = value["endpoint"], let name = endpoint["protocol"]?.string,
            let auth = endpoint["auth"]?.string
        {
            out += "- offers: \(name), auth \(auth)\n"
        }
        if let account = value["serviceAccount"]?.string { out += "- service account: \(Markdown.code(account))\n" }
        for secret in value["secrets"]?.array ?? [] {
            let (name, reference) = (secret["name"]?.string ?? "", secret["ref"]?.string ?? "")
            out += "- secret \(Markdown.code(name)) from \(Markdown.code(reference))\n"
        }
        return out
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

    /// The biggest first: where something hides.
    private func contents(_ inspection: Inspection) -> String {
        let sorted = inspection.entries.sorted { ($1.size, $0.path) < ($0.size, $1.path) }
        var out = "## Contents\n\n| SHA-256 | mode | bytes | path |\n|---|---|---|---|\n"
        for entry in sorted.prefix(Self.files) {
            out += "| `\(entry.digest.hex)` | \(entry.mode) | \(entry.size) | \(Markdown.cell(entry.path)) |\n"
        }
        if sorted.count > Self.files {
            out += "\n\(sorted.count - Self.files) smaller files more: see findings.json\n"
        }
        return out
    }
}
