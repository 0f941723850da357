public import SallyportBase

/// What an agent says about itself in `agent.json` (`sallyport.agent/v1`), after the schema was checked.
public struct Manifest: Equatable, Sendable {
    /// Who answers for the agent.
    public struct Owner: Equatable, Sendable {
        /// Team.
        public let team: String
        /// Address of the team.
        public let contact: String
        /// Where to call at night.
        public let onCall: String?
    }
    /// How sensitive the data is that the agent handles.
    public enum DataClassification: String, Sendable, CaseIterable, Comparable {
        /// Anyone may see it
        case `public`
        /// Staff may see it
        case `internal`
        /// Few may see it
        case confidential
        /// Law or contract restricts it
        case restricted

        /// The more sensitive one is the greater.
        public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }
    /// One tool that the agent may call.
    public struct Tool: Hashable, Sendable {
        /// Name; unique within the manifest.
        public let name: String
        /// `none`, `read`, `write` or `destructive`.
        public let access: String
        /// The author's estimate.
        public let risk: RiskTier
        /// How the call is authenticated.
        public let auth: String
        /// A person confirms each call.
        public let humanApproval: Bool
        /// The same call twice does no more than once.
        public let idempotent: Bool
        /// Path of the tool's schema in the package.
        public let contract: String?
        /// The MCP server that offers it.
        public let server: String?
    }
    /// One model that the agent uses.
    public struct Model: Hashable, Sendable {
        /// What for.
        public let role: String
        /// Who serves it.
        public let provider: String
        /// Its id.
        public let id: String
        /// Snapshot, revision or digest.
        public let version: String
    }
    /// Where the package was built.
    public struct Build: Equatable, Sendable {
        /// Commit.
        public let gitSha: String
        /// Number of the build.
        public let buildNumber: String
        /// The working tree differed from the commit.
        public let dirty: Bool
        /// Source repository.
        public let repository: String?
    }
    /// What a way back means for the agent's state.
    public struct Rollback: Equatable, Sendable {
        /// False: older versions must not be started again, except from ``minimumVersion`` on.
        public let stateCompatible: Bool
        /// The oldest version that understands the state.
        public let minimumVersion: String?
    }

    /// The whole document, as read.
    public let value: JSON
    /// Name of the agent.
    public let name: String
    /// Version.
    public let version: SemanticVersion
    /// Name for people.
    public let displayName: String?
    /// What it does.
    public let summary: String?
    /// What changed.
    public let changeSummary: String?
    /// Change reference.
    public let ticket: String?
    /// Who answers for it.
    public let owner: Owner
    /// Sensitivity of its data.
    public let dataClassification: DataClassification
    /// Kinds of data.
    public let dataCategories: [String]
    /// The author's claim.
    public let riskTier: RiskTier?
    /// `process`, `container`, `mcp-stdio`, …
    public let runtime: String
    /// Tools, in the order written.
    public let tools: [Tool]
    /// Network targets, in the order written.
    public let egress: [String]
    /// `none`, `internal` or `public`.
    public let ingress: String?
    /// Models.
    public let models: [Model]
    /// People who cannot approve this package.
    public let authors: [String]
    /// Where it was built.
    public let build: Build?
    /// What a way back means.
    public let rollback: Rollback?

    /// The text after `capability: ` of each line in a signed text (formats.md §2): tools, then egress, in the order written.
    public var capabilities: [String] {
        tools.map { "tool \($0.name) \($0.access) \($0.risk.rawValue)" } + egress.map { "egress \($0)" }
    }
}

extension Manifest {
    /// Takes a document that conforms to the schema apart; `nil` when it does not.
    ///
    /// The findings of a document that does not conform come from ``ManifestSchema``.
    public init?(_ value: JSON) {
        guard ManifestSchema.violations(in: value).isEmpty,
            let name = value["name"]?.string, let version = value["version"]?.string.flatMap({ SemanticVersion($0) }),
            let team = value["owner"]?["team"]?.string, let contact = value["owner"]?["contact"]?.string,
            let classification = value["dataClassification"]?.string.flatMap({ DataClassification(rawValue: $0) }),
            let runtime = value["runtime"]?["kind"]?.string, let tools = value["tools"]?.array
        else { return nil }
        self.value = value
        self.name = name
        self.version = version
        displayName = value["displayName"]?.string
        summary = value["description"]?.string
        changeSummary = value["changeSummary"]?.string
        ticket = value["ticket"]?.string
        owner = Owner(team: team, contact: contact, onCall: value["owner"]?["onCall"]?.string)
        dataClassification = classification
        dataCategories = (value["dataCategories"]?.array ?? []).compactMap(\.string)
        riskTier = value["riskTier"]?.string.flatMap { RiskTier(rawValue: $0) }
        self.runtime = runtime
        self.tools = tools.compactMap { Tool($0) }
        egress = (value["network"]?["egress"]?.array ?? []).compactMap(\.string)
        ingress = value["network"]?["ingress"]?.string
        models = (value["models"]?.array ?? []).compactMap { Model($0) }
        authors = (value["authors"]?.array ?? []).compactMap(\.string)
        build = value["build"].flatMap { Build($0) }
        rollback = value["rollback"].flatMap { Rollback($0) }
    }
}

extension Manifest.Tool {
    init?(_ value: JSON) {
        guard let name = value["name"]?.string, let access = value["access"]?.string,
            let risk = value["risk"]?.string.flatMap({ RiskTier(rawValue: $0) }), let auth = value["auth"]?.string
        else { return nil }
        self.init(
            name: name,
            access: access,
            risk: risk,
            auth: auth,
            humanApproval: value["humanApproval"]?.bool ?? false,
            idempotent: value["idempotent"]?.bool ?? false,
            contract: value["contract"]?.string,
            server: value["server"]?.string
        )
    }
}

extension Manifest.Model {
    init?(_ value: JSON) {
        guard let role = value["role"]?.string, let provider = value["provider"]?.string,
            let id = value["id"]?.string, let version = value["version"]?.string
        else { return nil }
        self.init(role: role, provider: provider, id: id, version: version)
    }
}

extension Manifest.Build {
    init?(_ value: JSON) {
        guard let sha = value["gitSha"]?.string, let number = value["buildNumber"]?.string else { return nil }
        self.init(
            gitSha: sha,
            buildNumber: number,
            dirty: value["dirty"]?.bool ?? false,
            repository: value["repository"]?.string
        )
    }
}

extension Manifest.Rollback {
    init?(_ value: JSON) {
        guard let compatible = value["stateCompatible"]?.bool else { return nil }
        self.init(stateCompatible: compatible, minimumVersion: value["minimumVersion"]?.string)
    }
}
