public import SallyportBase

/// Who stands behind a text, and by which signature.
public struct Proof: Hashable, Sendable {
    /// The person that owns the key.
    public let person: String
    /// The key's id in the keyring: `alice/1`; a root key is `carol/root`.
    public let keyID: String
    /// The scheme of key and signature.
    public let scheme: KeyScheme
    /// The key's roles. The scope was judged for the slot of this text.
    public let roles: Set<Role>
    /// The signature file, byte for byte.
    public let signature: [UInt8]
    /// SHA-256 of the signature file.
    public let signatureDigest: Digest

    init(person: String, keyID: String, scheme: KeyScheme, roles: Set<Role>, signature: [UInt8]) {
        self.person = person
        self.keyID = keyID
        self.scheme = scheme
        self.roles = roles
        self.signature = signature
        signatureDigest = Digest.of(signature)
    }
}

/// A value that came out of a signed text, and the proof. There is no other way to one than the checks in this file.
public struct Verified<Payload: Sendable>: Sendable {
    /// What the text says.
    public let payload: Payload
    /// The text, byte for byte.
    public let text: [UInt8]
    /// SHA-256 of the text.
    public let textDigest: Digest
    /// One for each person that counted; never empty. Keyring and policy have several.
    public let proofs: [Proof]

    /// The person behind the first proof: of an approval, order or ticket the only one.
    public var person: String { proofs.first?.person ?? "" }
    /// The key of the first proof.
    public var keyID: String { proofs.first?.keyID ?? "" }
    /// The signature file of the first proof.
    public var signature: [UInt8] { proofs.first?.signature ?? [] }
    /// SHA-256 of ``signature``.
    public var signatureDigest: Digest { proofs.first?.signatureDigest ?? .zero }

    fileprivate init(payload: Payload, text: [UInt8], proofs: [Proof]) {
        self.payload = payload
        self.text = text
        textDigest = Digest.of(text)
        self.proofs = proofs
    }
}

/// What a check says about a text and its signatures.
public enum DocumentCheck<Payload: Sendable>: Sendable {
    /// It holds.
    case verified(Verified<Payload>)
    /// Good so far, but no signature at all lies with it: it waits.
    case unsigned
    /// Keyring and policy: valid signatures, of fewer people than must sign: it waits.
    case waiting(have: [String], need: UInt64)
    /// It does not hold; every reason that was found.
    case refused([TextProblem])
}

/// Checks an approval as of the instant at which it arrived: grammar, then a signature by a valid key of the named
/// reviewer, in scope and with a role that a gate can ask for. Everything else about it is the gate's matter.
public func checkApproval(
    _ text: [UInt8],
    signatures: [[UInt8]],
    keyring: Verified<Keyring>,
    at arrival: Timestamp
) -> DocumentCheck<Approval> {
    checkPersonal(text, signatures, keyring, arrival) { (approval: Approval) in
        Claim(
            person: approval.reviewer,
            roles: DocumentKind.approval.signers,
            environment: approval.environment,
            tenant: approval.tenant,
            agent: .named(approval.agent)
        )
    }
}

/// Checks an order as of the instant at which it arrived: grammar, then a signature by a valid key of the named person,
/// in scope and with the role that the order takes. Its times and its nonce are the caller's matter.
public func checkOrder(
    _ text: [UInt8],
    signatures: [[UInt8]],
    keyring: Verified<Keyring>,
    at arrival: Timestamp
) -> DocumentCheck<Order> {
    checkPersonal(text, signatures, keyring, arrival) { (order: Order) in
        Claim(
            person: order.operator,
            roles: order.order.signers,
            environment: order.environment,
            tenant: order.tenant,
            agent: order.agent.map { .named($0) } ?? .all
        )
    }
}

/// Checks a ticket as of the instant at which it arrived. A ticket names no agent: whether the key's scope has the
/// manifest's agent is to be asked of ``Keyring/roles(ofKey:environment:tenant:agent:at:)`` later.
public func checkTicket(
    _ text: [UInt8],
    signatures: [[UInt8]],
    keyring: Verified<Keyring>,
    at arrival: Timestamp
) -> DocumentCheck<Ticket> {
    checkPersonal(text, signatures, keyring, arrival) { (ticket: Ticket) in
        Claim(
            person: ticket.submitter,
            roles: DocumentKind.ticket.signers,
            environment: ticket.environment,
            tenant: ticket.tenant,
            agent: .notYetKnown
        )
    }
}

private func checkPersonal<Value: TextValue>(
    _ text: [UInt8],
    _ signatures: [[UInt8]],
    _ keyring: Verified<Keyring>,
    _ arrival: Timestamp,
    claim: (Value) -> Claim
) -> DocumentCheck<Value> {
    switch Value.parse(text) {
    case .failure(let problems): return .refused(problems.problems)
    case .success(let value):
        guard !signatures.isEmpty else { return .unsigned }
        let judge = SignatureJudge(text: text, kind: Value.kind, keyring: keyring.payload, arrival: arrival)
        switch judge.proof(of: claim(value), among: signatures) {
        case .failure(let problems): return .refused(problems.problems)
        case .success(let proof): return .verified(Verified(payload: value, text: text, proofs: [proof]))
        }
    }
}

/// Checks a keyring candidate, or an installed keyring while the chain is walked from the pin.
///
/// The first version must be the pinned one and signed by its own root threshold; every later one follows the one
/// before and is signed by the root thresholds of both. `instant` is the time of the installation.
public func checkKeyring(
    _ text: [UInt8],
    signatures: [[UInt8]],
    after previous: Verified<Keyring>?,
    pin: Digest,
    at instant: Timestamp
) -> DocumentCheck<Keyring> {
    switch Keyring.parse(text) {
    case .failure(let problems): return .refused(problems.problems)
    case .success(var keyring):
        var problems = keyring.installProblems(at: instant)
        if let previous {
            problems += keyring.chainProblems(after: previous.payload, digest: previous.textDigest)
            keyring.history.merge(previous.payload.history) { _, old in old }
        } else {
            problems += firstProblems("E-KEYRING", version: keyring.version)
            let digest = Digest.of(text)
            if digest != pin {
                problems.append(TextProblem("E-KEYRING-PIN", expected: pin.tagged, found: digest.tagged))
            }
        }
        guard problems.isEmpty else { return .refused(problems) }
        let boards = ([previous?.payload, keyring] as [Keyring?]).compactMap { $0 }
        return checkByRoots(keyring, text, .keyring, signatures, boards)
    }
}

/// Checks a policy candidate, or an installed policy while its chain is walked.
///
/// Signed by the root threshold of the keyring that is in force at the installation; follows the one before.
public func checkPolicy(
    _ text: [UInt8],
    signatures: [[UInt8]],
    keyring: Verified<Keyring>,
    after previous: Verified<Policy>?,
    at instant: Timestamp
) -> DocumentCheck<Policy> {
    switch Policy.parse(text) {
    case .failure(let problems): return .refused(problems.problems)
    case .success(var policy):
        var problems: [TextProblem] = []
        if policy.pipeline != keyring.payload.pipeline {
            problems.append(
                TextProblem(
                    "E-POLICY-PIPELINE",
                    place: "pipeline",
                    expected: keyring.payload.pipeline,
                    found: policy.pipeline
                )
            )
        }
        if let previous {
            problems += policy.chainProblems(after: previous.payload, digest: previous.textDigest)
            policy.inheritChanges(from: previous.payload)
        } else {
            problems += firstProblems("E-POLICY", version: policy.version)
        }
        if keyring.payload.expires <= instant {
            problems.append(
                TextProblem(
                    "E-KEYRING-EXPIRED",
                    place: "keyring",
                    expected: "a keyring in force at \(instant)",
                    found: "expired \(keyring.payload.expires)"
                )
            )
        }
        guard problems.isEmpty else { return .refused(problems) }
        return checkByRoots(policy, text, .policy, signatures, [keyring.payload])
    }
}

private func firstProblems(_ code: String, version: UInt64) -> [TextProblem] {
    version == 1
        ? [] : [TextProblem("\(code)-VERSION", place: "version", expected: "1", found: "\(version)")]
}

private func checkByRoots<Value>(
    _ value: Value,
    _ text: [UInt8],
    _ kind: DocumentKind,
    _ signatures: [[UInt8]],
    _ boards: [Keyring]
) -> DocumentCheck<Value> {
    guard !signatures.isEmpty else { return .unsigned }
    switch rootProofs(text, kind, signatures, boards) {
    case .failure(let problems): return .refused(problems.problems)
    case .success(let proofs):
        // Every board by itself: the people of one do not fill the places of the other.
        for (board, have) in zip(boards, proofs) where UInt64(Set(have.map(\.person)).count) < board.rootThreshold {
            return .waiting(have: Set(have.map(\.person)).sorted(), need: board.rootThreshold)
        }
        let all = proofs.flatMap { $0 }.reduce(into: [Proof]()) { if !$0.contains($1) { $0.append($1) } }
        return .verified(Verified(payload: value, text: text, proofs: all))
    }
}
