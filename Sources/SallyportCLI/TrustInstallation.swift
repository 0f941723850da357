internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportRunner
internal import SallyportTrust

/// The first keyring and policy, as they lie in KEYS: checked, pinned, dropped for the runner (architecture.md, "Who may write what").
struct TrustInstallation {
    /// A draft with the signatures beside it.
    struct Draft {
        let name: String
        let text: [UInt8]
        let signatures: [(ending: String, bytes: [UInt8])]
    }
    let keyring: Draft
    let policy: Draft
    /// Verified against a pin of its own digest: the people who sign it are the ones it names.
    let verified: Verified<Keyring>
    let verifiedPolicy: Verified<Policy>

    /// Names of the drafts in KEYS.
    static let keyringName = "keyring.draft"
    static let policyName = "policy.draft"

    /// Reads both drafts and checks grammar and root signatures.
    ///
    /// - Throws: ``Failure`` with 66 for a missing draft or signature, 65 with every problem otherwise.
    init(_ keys: Directory, now: Timestamp) throws {
        keyring = try Self.draft(Self.keyringName, keys)
        policy = try Self.draft(Self.policyName, keys)
        verified = try Self.verified(
            checkKeyring(
                keyring.text,
                signatures: keyring.signatures.map(\.bytes),
                after: nil,
                pin: Digest.of(keyring.text),
                at: now
            ),
            keyring,
            .keyring,
            keys
        )
        verifiedPolicy = try Self.verified(
            checkPolicy(
                policy.text,
                signatures: policy.signatures.map(\.bytes),
                keyring: verified,
                after: nil,
                at: now
            ),
            policy,
            .policy,
            keys
        )
    }

    /// Policy lines that this release would not hold; installing is refused while there are any.
    var unheld: [TextProblem] { PolicySupport.problems(verifiedPolicy.payload) }

    /// Digest of keyring 1: what `pinned` holds.
    var pin: Digest { verified.textDigest }

    /// Writes `pinned` and drops what the ledger does not have yet.
    ///
    /// `pinned` comes first and is durable: killed after it, the same command goes on.
    ///
    /// - Parameter isInstalled: whether the ledger has this text already.
    /// - Throws: ``Failure`` with 65 when another keyring is pinned.
    func install(_ keys: Directory, root: Directory, isInstalled: (Digest) -> Bool) throws -> [String] {
        guard unheld.isEmpty else {
            throw Failure(
                .refused,
                unheld.map { .init(keys.path(Self.policyName), "\($0.place): \($0.expected)", code: $0.code) }
            )
        }
        let line = Array((pin.tagged + "\n").utf8)
        if let there = try keys.read(Keys.pinnedName, limit: 4096) {
            guard there == line else {
                throw Failure(
                    .refused,
                    keys.path(Keys.pinnedName),
                    "another keyring is pinned: the root of trust is never replaced",
                    hint: "a later keyring is dropped into incoming/trust/, signed by the roots before and after"
                )
            }
        } else {
            try keys.createWhole(Keys.pinnedName, line, mode: 0o444)
        }
        let area = try AtomicDrop(root, ["trust"])
        var dropped: [String] = []
        for (kind, draft) in [("keyring", keyring), ("policy", policy)] where !isInstalled(Digest.of(draft.text)) {
            let name = "\(kind)-1.\(Digest.of(draft.text).hex.prefix(12))"
            if try area.area.status(of: name) != nil { continue }
            // What a killed install left would be found again under the same name.
            let endings = draft.signatures.enumerated().map { index, signature in
                (ending: index == 0 ? signature.ending : ".\(index)\(signature.ending)", bytes: signature.bytes)
            }
            for signature in endings where try area.area.status(of: name + signature.ending) == nil {
                try area.drop(signature.bytes, as: name + signature.ending)
            }
            try area.drop(draft.text, as: name)
            dropped.append("\(area.place)/\(name)")
        }
        return dropped
    }

    private static func draft(_ name: String, _ keys: Directory) throws -> Draft {
        guard let text = try keys.read(name, limit: 1 << 20) else {
            throw Failure(.missing, keys.path(name), "no such file", hint: "sallyport init writes it")
        }
        let files = try keys.listText().filter { file in
            file.hasPrefix(name) && file != name && (file.hasSuffix(".sig") || file.hasSuffix(".minisig"))
        }
        let signatures = try files.compactMap { file in
            try keys.read(file, limit: 64 << 10).map {
                (ending: file.hasSuffix(".sig") ? ".sig" : ".minisig", bytes: $0)
            }
        }
        return Draft(name: name, text: text, signatures: signatures)
    }

    private static func verified<Payload>(
        _ check: DocumentCheck<Payload>,
        _ draft: Draft,
        _ kind: DocumentKind,
        _ keys: Directory
    ) throws -> Verified<Payload> {
        let place = keys.path(draft.name)
        let sign = "ssh-keygen -Y sign -f ROOT-KEY -n \(kind.namespace) \(shellQuoted(place))"
        switch check {
        case .verified(let value): return value
        case .unsigned: throw Failure(.missing, place, "has no signature beside it", hint: sign)
        case .waiting(let have, let need):
            throw Failure(
                .refused,
                place,
                "is signed by \(have.joined(separator: ", ")): \(need) root people must sign",
                hint: sign
            )
        case .refused(let problems): throw Failure(.refused, problems, in: place)
        }
    }
}
