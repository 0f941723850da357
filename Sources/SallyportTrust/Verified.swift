public import SallyportBase

/// Who stands behind a text, and by which signature.
public struct Proof: Hashable, Sendable {
    /// The person that owns the key.
    public let person: String
    /// The key's id in the keyring: `alice/1`; a root key is `carol/root`.
    public let keyID: String
    /// The scheme of key and signature.
    public let scheme: KeyScheme
    /// The signature file, byte for byte.
    public let signature: [UInt8]
    /// SHA-256 of the signature file.
    public let signatureDigest: Digest

    init(person: String, keyID: String, scheme: KeyScheme, signature: [UInt8]) {
        self.person = person
        self.keyID = keyID
        self.scheme = scheme
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

/// Checks an approval as of the instant at which it arrived.
public func checkApproval(
    _ text: [UInt8], signatures: [[UInt8]], keyring: Verified<Keyring>, at arrival: Timestamp
) -> DocumentCheck<Approval> { fatalError() }

/// Checks an order as of the instant at which it arrived.
public func checkOrder(
    _ text: [UInt8], signatures: [[UInt8]], keyring: Verified<Keyring>, at arrival: Timestamp
) -> DocumentCheck<Order> { fatalError() }

/// Checks a ticket as of the instant at which it arrived.
public func checkTicket(
    _ text: [UInt8], signatures: [[UInt8]], keyring: Verified<Keyring>, at arrival: Timestamp
) -> DocumentCheck<Ticket> { fatalError() }

/// Checks a keyring: the first one against the pin, every later one against the one before.
public func checkKeyring(
    _ text: [UInt8], signatures: [[UInt8]], after previous: Verified<Keyring>?, pin: Digest, at instant: Timestamp
) -> DocumentCheck<Keyring> { fatalError() }

/// Checks a policy: signed by the keyring's root threshold, following the one before.
public func checkPolicy(
    _ text: [UInt8], signatures: [[UInt8]], keyring: Verified<Keyring>, after previous: Verified<Policy>?,
    at instant: Timestamp
) -> DocumentCheck<Policy> { fatalError() }
