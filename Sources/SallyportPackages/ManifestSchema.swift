public import SallyportBase

/// `sallyport.agent/v1` as a table: each line is a member of `docs/agent.schema.json`, and the checks run from it.
public enum ManifestSchema {
    /// Every place where the document does not conform, its place a JSON pointer.
    public static func violations(in document: JSON) -> [Finding] {
        var out: [Finding] = []
        agent.check(document, at: "", &out)
        // The one conditional of the schema.
        if document["rollout"]?["strategy"]?.string == "all-at-once", document["rollout"]?["justification"] == nil {
            out.append(
                Rule.manifestJustification.finding("/rollout/justification", "all-at-once without a justification")
            )
        }
        return out
    }

    static let risk = ["low", "medium", "high", "critical"]

    static let agent = Shape.object([
        .required("schema", .oneOf(["sallyport.agent/v1"])),
        .required("name", .matching(.agentName)),
        .required("version", .matching(.version)),
        .optional("displayName", .text(most: 128)),
        .optional("description", .text(most: 4096)),
        .optional("changeSummary", .text(most: 4096)),
        .optional("ticket", .text(most: 256)),
        .required(
            "owner",
            .object([.required("team", .text()), .required("contact", .text()), .optional("onCall", .text())])
        ),
        .required("dataClassification", .oneOf(["public", "internal", "confidential", "restricted"])),
        .optional(
            "dataCategories",
            .list(
                .oneOf(["pii", "phi", "pci", "credentials", "financial", "customer-content", "employee", "none"]),
                unique: true
            )
        ),
        .optional("complianceScope", .list(.text(), unique: true)),
        .optional("riskTier", .oneOf(risk)),
        .required("runtime", runtime),
        .optional("models", .list(model)),
        .required("tools", .list(tool)),
        .optional(
            "network",
            .object([
                .optional("egress", .list(.matching(.capability))),
                .optional("ingress", .oneOf(["none", "internal", "public"])),
            ])
        ),
        .optional("endpoint", endpoint),
        .optional("serviceAccount", .text()),
        .optional(
            "secrets",
            .list(.object([.required("name", .text()), .required("ref", .matching(.reference))]))
        ),
        .optional("resources", resources),
        .optional("smokeTests", .list(smokeTest)),
        .optional("successCriteria", .list(criterion)),
        .optional("rollout", rollout),
        .optional(
            "rollback",
            .object([
                .required("stateCompatible", .flag), .optional("minimumVersion", .text()),
                .optional("inFlight", .oneOf(["drain", "pin", "stop"])),
                .optional("drainSeconds", .integer(0...Int64.max)),
            ])
        ),
        .optional("evidence", .list(evidence)),
        .optional(
            "sbom",
            .object([.required("path", .text()), .required("format", .oneOf(["cyclonedx-json", "spdx-json"]))])
        ),
        .optional("build", build),
        .optional(
            "generation",
            .object([
                .required("method", .oneOf(["goal-prompt", "template", "code"])), .optional("promptPath", .text()),
                .optional("template", .text()), .optional("model", .text()), .optional("contextPath", .text()),
            ])
        ),
        .optional("dependsOn", .list(.object([.required("agent", .text()), .required("range", .text())]))),
        .optional(
            "telemetry",
            .object([.optional("heartbeatSeconds", .integer(10...3600)), .optional("keyId", .text())])
        ),
        .optional(
            "integrations",
            .list(
                .object([
                    .required(
                        "category",
                        .oneOf(["communication", "productivity", "development", "analytics", "storage", "security"])
                    ),
                    .required("name", .text()),
                ])
            )
        ),
        .optional("labels", .map(.text())),
        .optional("extensions", .open(.reverseDNS)),
        .optional("tenancy", .oneOf(["shared", "segmented", "account-per-tenant"])),
        .optional("authors", .list(.matching(.person), most: 64)),
    ])

    private static let runtime = Shape.object([
        .required("kind", .oneOf(["process", "container", "mcp-stdio", "a2a", "model", "config-only"])),
        .optional(
            "entrypoint",
            .object([
                .required("command", .text()), .optional("args", .list(.text())), .optional("env", .map(.text())),
            ])
        ),
        .optional("image", .matching(.pinnedImage)),
        .optional("platforms", .list(.oneOf(["linux/amd64", "linux/arm64"]))),
    ])

    private static let model = Shape.object([
        .required("role", .text()), .required("provider", .text()), .required("id", .matching(.capability)),
        .required("version", .text()), .optional("digest", .matching(.digest)), .optional("registryUri", .text()),
        .optional("fallbackFor", .text()), .optional("parameters", .open(nil)),
    ])

    private static let tool = Shape.object([
        .required("name", .matching(.capability)), .optional("contract", .text()), .optional("server", .text()),
        .optional("description", .text()), .required("access", .oneOf(["none", "read", "write", "destructive"])),
        .required("risk", .oneOf(risk)),
        .required("auth", .oneOf(["none", "workload-identity", "mtls", "oauth2", "secret-ref"])),
        .optional("humanApproval", .flag), .optional("idempotent", .flag),
    ])

    private static let endpoint = Shape.object([
        .required("protocol", .oneOf(["http", "grpc", "a2a", "mcp-http", "stdio"])),
        .optional("port", .integer(1...65_535)), .optional("path", .text()),
        .required("auth", .oneOf(["none", "mtls", "oidc", "oauth2", "iam", "jwt"])),
    ])

    private static let quantities = Shape.object([
        .required("cpu", .matching(.cpu)), .required("memory", .matching(.memory)),
        .optional("gpu", .integer(0...Int64.max)),
    ])
    private static let resources = Shape.object([
        .required("requests", quantities), .required("limits", quantities),
        .optional(
            "replicas",
            .object([.optional("min", .integer(0...Int64.max)), .optional("max", .integer(1...Int64.max))])
        ),
    ])

    private static let smokeTest = Shape.object([
        .required("name", .text()), .required("command", .list(.text(), least: 1)), .optional("input", .text()),
        .optional("syntheticInput", .yes), .required("timeoutSeconds", .integer(1...600)),
    ])

    private static let criterion = Shape.object([
        .required("metric", .text()), .required("comparator", .oneOf([">=", ">", "<=", "<"])),
        .required("threshold", .matching(.decimal)),
        .optional("relativeTo", .oneOf(["absolute", "baseline-ratio", "baseline-delta"])),
        .optional("windowSeconds", .integer(Int64.min...Int64.max)),
        .optional("minSamples", .integer(Int64.min...Int64.max)),
        .optional("failureLimit", .integer(Int64.min...Int64.max)),
        .optional("onBreach", .oneOf(["rollback", "pause", "alert"])),
    ])

    private static let rollout = Shape.object([
        .optional("strategy", .oneOf(["canary", "blue-green", "all-at-once"])), .optional("justification", .text()),
        .optional(
            "steps",
            .list(
                .object([
                    .required("weight", .integer(0...100)), .required("holdSeconds", .integer(0...Int64.max)),
                    .optional("minSamples", .integer(0...Int64.max)), .optional("manual", .flag),
                ])
            )
        ),
    ])

    private static let evidence = Shape.object([
        .required(
            "type",
            .oneOf([
                "schema-validation", "policy-check", "simulation", "eval", "test", "scan", "sbom", "provenance",
                "model-card", "pen-test", "runbook-drill", "preflight", "other",
            ])
        ),
        .required("path", .text()), .optional("format", .text()), .optional("subjectVersion", .text()),
    ])

    private static let build = Shape.object([
        .optional("repository", .text()), .required("gitSha", .matching(.commit)), .optional("dirty", .flag),
        .required("buildNumber", .text()), .optional("modelVersion", .text()), .optional("builder", .text()),
        .optional("builtAt", .matching(.dateTime)),
    ])
}
