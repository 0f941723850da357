internal import SallyportBase
public import SallyportCore
public import SallyportPackages
public import SallyportTrust

/// What the runner writes for reviewers: one text for each eligible person and decision, README, receipt. Functions of request, package
/// and trust: the same on every machine, rewritten whenever they are missing or different.
public struct ReviewTexts {
    let request: Request
    let manifest: Manifest
    let environment: Policy.Environment
    let trust: InstalledTrust
    let projection: Projection

    /// Puts together what the texts depend on.
    public init(
        request: Request,
        manifest: Manifest,
        environment: Policy.Environment,
        trust: InstalledTrust,
        projection: Projection
    ) {
        self.request = request
        self.manifest = manifest
        self.environment = environment
        self.trust = trust
        self.projection = projection
    }

    /// The package's file name in the request's directory: from the manifest and the bytes, whatever the drop was called.
    public static func packageName(_ request: Request) -> String { "\(request.name).tar.gz" }

    /// The gate's input for this request.
    public var gateInput: GateInput {
        GateInput(
            request: request,
            environment: environment,
            keyring: trust.keyring.payload,
            manifest: manifest,
            excluded: projection.excluded(from: request, keyring: trust.keyring.payload, authors: manifest.authors),
            keyringInstalled: projection.keyrings.last?.at
        )
    }

    /// Every derived file by name.
    public func files() -> [(name: String, bytes: [UInt8])] {
        var out: [(name: String, bytes: [UInt8])] = []
        let people = Gate.eligible(gateInput)
        for person in people {
            for decision in [Approval.Decision.approve, .reject] {
                guard let approval = expected(person: person, decision: decision), let text = try? approval.text()
                else {
                    continue
                }
                out.append(("\(request.id).\(person).\(decision.rawValue)", text))
            }
        }
        out.append(("README.txt", Array(readme(people).utf8)))
        out.append(("receipt.json", Array(receipt.pretty.utf8)))
        return out
    }

    /// The text that this person is expected to sign, but for what a reviewer may change.
    public func expected(person: String, decision: Approval.Decision) -> Approval? {
        guard let version = SemanticVersion(request.version), let policy = PolicyReference(request.terms.policy) else {
            return nil
        }
        return Approval(
            pipeline: projection.pipeline,
            request: RequestReference(number: request.seq, leaf: request.leaf),
            issue: UInt64(request.issue),
            decision: decision,
            reviewer: person,
            environment: request.environment,
            tenant: request.tenant,
            agent: request.agent,
            version: version,
            package: FileDigest(name: Self.packageName(request), digest: request.package),
            manifest: request.manifest,
            report: request.report,
            size: UInt64(request.size),
            capabilities: manifest.capabilities,
            submitter: request.submitter ?? "unknown",
            replaces: ReleaseName(request.terms.replaces),
            rollback: consent,
            policy: policy,
            expires: request.expires
        )
    }

    private var consent: RollbackConsent {
        guard let rollback = manifest.rollback, !rollback.stateCompatible else { return .allowed }
        return rollback.minimumVersion.flatMap { SemanticVersion($0) }.map { .from($0) } ?? .no
    }

    private var receipt: JSON {
        let expected = projection.expectedReviewSeconds(request.environment)
        return [
            "request": .string(request.id), "agent": .string(request.agent), "version": .string(request.version),
            "environment": .string(request.environment), "tenant": .string(request.tenant),
            "package": .string(request.package.tagged), "submitter": .string(request.submitter ?? "unknown"),
            "received": .string(request.received.text), "issue": .int(Int64(request.issue)),
            "expires": .string(request.expires.text),
            "expectedReviewSeconds": expected.map { .int($0) } ?? .null,
            "expectedReview": .string(expected.map { spoken($0) } ?? "at most \(environment.reviewFor)"),
            "ledger": ["entry": .int(Int64(request.seq)), "leaf": .string(request.leaf.tagged)],
            "note": "the number is the ledger's: numbers of requests jump, and none is used twice",
        ]
    }

    private func spoken(_ seconds: Int64) -> String {
        seconds < 120
            ? "about \(max(1, seconds)) s" : seconds < 7200 ? "about \(seconds / 60) min" : "about \(seconds / 3600) h"
    }

    private func readme(_ people: [String]) -> String {
        let demo =
            trust.keyring.payload.demo ? "DEMO KEYS: throw-away keys, this proves nothing about anybody.\n\n" : ""
        let example = people.first ?? "NAME"
        let text = "\(request.id).\(example).approve"
        let names =
            people.isEmpty
            ? "nobody: the gate cannot be satisfied, see sallyport status" : people.joined(separator: ", ")
        return """
            \(demo)This directory asks for your decision on \(request.agent) \(request.version)
            for \(request.environment) (tenant \(request.tenant)), request \(request.id), issue \(request.issue).
            It is complete: carry it to the machine on which your key lies. Nothing of Sallyport is needed there.

            May decide: \(names)
            Until:      \(request.expires.text)

            The commands, for \(example); use your own name, and .reject instead of .approve to say no:

            1. Check that package, manifest and report are the ones in the text (coreutils):
                 grep ^SHA256 \(text) | sha256sum -c
            2. Read report.md, then the text itself; every line of it is what you sign:
                 cat \(text)
            3. Put your reason in the place of the dash, in any editor or with:
                 sed -i 's/^reason: -$/reason: read the prompts and the tools/' \(text)
               A rejection also says what is wrong and what to do: replace the dashes of
               "finding: error - -" (severity, place, text) and of "remedy: -".
               Change nothing else: any other difference is refused by the line that differs.
            4. Sign, with the key that the keyring knows:
                 ssh-keygen -Y sign -f ~/.ssh/id_ed25519 -n approval.v1@sallyport \(text)
               or
                 minisign -S -s ~/.minisign/minisign.key -m \(text)
            5. Bring both files back, the text and the new .sig or .minisig, into
                 incoming/approvals/
               The next run answers in outbox/.

            """
    }
}
