public import SallyportBase
public import SallyportCore
public import SallyportLedger
public import SallyportTrust

/// Keyring and policy in force, verified again from the ledger's evidence: the chain from the pin, each signature.
public struct InstalledTrust: Sendable {
    /// The keyring in force.
    public let keyring: Verified<Keyring>
    /// The policy in force; `nil` before the first one.
    public let policy: Verified<Policy>?
    /// Every keyring from the pin on, oldest first.
    public let keyrings: [Verified<Keyring>]

    /// Why trust cannot be used: forward motion stops, rollback goes on with what could be verified (exit 78).
    public struct Broken: Error, Equatable, Sendable {
        /// What is wrong.
        public let what: String
    }

    /// Verifies what the ledger says is installed.
    ///
    /// - Returns: `nil` when no keyring was installed yet.
    public static func load(_ projection: Projection, _ ledger: Ledger, pin: Digest?) throws -> InstalledTrust? {
        guard !projection.keyrings.isEmpty else { return nil }
        guard let pin else { throw Broken(what: "KEYS/pinned is missing") }
        var keyrings: [Verified<Keyring>] = []
        for installed in projection.keyrings {
            let (text, signatures) = try documents(installed, ledger)
            let check = checkKeyring(
                text,
                signatures: signatures,
                after: keyrings.last,
                pin: pin,
                at: installed.at
            )
            guard case .verified(let keyring) = check, keyring.textDigest == installed.digest else {
                throw Broken(what: "the keyring of entry \(installed.seq) does not verify\(words(check))")
            }
            keyrings.append(keyring)
        }
        var policy: Verified<Policy>?
        for installed in projection.policies {
            let (text, signatures) = try documents(installed, ledger)
            // Under the keyring that was in force when it was installed.
            guard let index = projection.keyrings.lastIndex(where: { $0.seq < installed.seq }) else {
                throw Broken(what: "the policy of entry \(installed.seq) came before any keyring")
            }
            let check = checkPolicy(
                text,
                signatures: signatures,
                keyring: keyrings[index],
                after: policy,
                at: installed.at
            )
            guard case .verified(let verified) = check, verified.textDigest == installed.digest else {
                throw Broken(what: "the policy of entry \(installed.seq) does not verify\(words(check))")
            }
            policy = verified
        }
        guard let keyring = keyrings.last else { return nil }
        return InstalledTrust(keyring: keyring, policy: policy, keyrings: keyrings)
    }

    private static func words<Payload>(_ check: DocumentCheck<Payload>) -> String {
        guard case .refused(let problems) = check, let first = problems.first else { return "" }
        return ": \(first)"
    }

    private static func documents(
        _ installed: Projection.Installed,
        _ ledger: Ledger
    ) throws -> ([UInt8], [[UInt8]]) {
        let all = try installed.evidence.map { digest -> [UInt8] in
            guard let bytes = try ledger.evidence(digest), Digest.of(bytes) == digest else {
                throw Broken(what: "ledger/evidence/ lacks \(digest.hex), or it was altered")
            }
            return bytes
        }
        guard let text = all.first else { throw Broken(what: "entry \(installed.seq) names no evidence") }
        return (text, Array(all.dropFirst()))
    }

    /// True when the installed keyring has expired: nothing goes forward, rollback does.
    public func isExpired(at now: Timestamp) -> Bool { keyring.payload.expires <= now }
}
