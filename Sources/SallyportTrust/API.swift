public import SallyportBase

/// The kind that a text's first line names; `nil` when it is no signed text of ours.
public func sniffKind(_ bytes: [UInt8]) -> DocumentKind? { fatalError() }

/// Splits `cat text sig`: the text up to its `end` line, then the signature; `nil` when nothing follows `end`.
public func splitCombined(_ bytes: [UInt8]) -> (text: [UInt8], signature: [UInt8])? { fatalError() }

/// The start-up test: fatal when it fails. `nil` when all is well.
public func selfTest() -> TextProblem? { fatalError() }

extension SSHSignature {
    /// Reads a signature file.
    public init(parsing file: [UInt8]) throws(TextProblem) { fatalError() }
    /// Verifies that `key` signed `text` in `namespace`.
    public func verify(text: [UInt8], namespace: String, key: CheckedKey) throws(TextProblem) { fatalError() }
    /// The file that `ssh-keygen -Y sign -n namespace` writes, byte for byte.
    public static func sign(text: [UInt8], namespace: String, with key: SigningKey) -> [UInt8] { fatalError() }
}

extension SSHPublicKey {
    /// Reads `ssh-ed25519 AAAA… [comment]`.
    public init(line: String) throws(TextProblem) { fatalError() }
    /// `ssh-ed25519 AAAA…`, without a comment.
    public var line: String { fatalError() }
    /// `SHA256:…` as ssh-keygen prints it.
    public var fingerprint: String { fatalError() }
}

/// An unencrypted OpenSSH private key file.
public struct OpenSSHPrivateKey: Sendable {
    /// The key.
    public let key: SigningKey
    /// Its comment.
    public let comment: String
    /// Reads the file.
    public init(parsing file: [UInt8]) throws(TextProblem) { fatalError() }
}

extension MinisignPublicKey {
    /// Reads the base64 of a public key.
    public init(base64: String) throws(TextProblem) { fatalError() }
    /// Reads a public key file.
    public init(file: [UInt8]) throws(TextProblem) { fatalError() }
    /// The base64 of a public key.
    public var base64: String { fatalError() }
}

extension MinisignSignature {
    /// Reads a signature file.
    public init(parsing file: [UInt8]) throws(TextProblem) { fatalError() }
    /// Verifies both signatures.
    public func verify(text: [UInt8], key: MinisignPublicKey) throws(TextProblem) { fatalError() }
}

/// A signature file of a kind that we accept.
public enum SignatureEnvelope: Hashable, Sendable {
    /// `ssh-keygen -Y sign`.
    case ssh(SSHSignature)
    /// minisign.
    case minisign(MinisignSignature)
    /// Reads a file of any kind; kinds that are not accepted are refused by name.
    public init(parsing file: [UInt8]) throws(TextProblem) { fatalError() }
}

extension NoteSigner {
    /// `PRIVATE+KEY+name+hash+base64`: x/mod's spelling of a signer; a secret.
    public init(skey: String) throws(TextProblem) { fatalError() }
    /// The secret text of this signer, for its key file.
    public var skey: String { fatalError() }
    /// A note of `text`, signed. The text must end in LF.
    public func sign(_ text: [UInt8]) throws(TextProblem) -> SignedNote { fatalError() }
}

extension NoteVerifier {
    /// Reads `name+hash+base64`.
    public init(vkey: String) throws(TextProblem) { fatalError() }
    /// `name+hash+base64`.
    public var vkey: String { fatalError() }
    static func isKeyName(_ name: String) -> Bool { fatalError() }
}

extension SignedNote {
    /// Reads a note.
    public init(parsing bytes: [UInt8]) throws(TextProblem) { fatalError() }
    /// The note's bytes.
    public var bytes: [UInt8] { fatalError() }
    /// The verifiers that stand behind the note. A known one that fails refuses the note; so does none at all.
    public func verified(by known: [NoteVerifier]) throws(TextProblem) -> [NoteVerifier] { fatalError() }
}

extension Checkpoint {
    /// Reads the text of a checkpoint.
    public init(parsing text: [UInt8]) throws(TextProblem) { fatalError() }
}

extension Approval {
    /// The exact bytes; refused when a field does not fit the grammar.
    public func text() throws(TextProblem) -> [UInt8] { fatalError() }
    /// Reads a text without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Approval, TextProblems> { fatalError() }
    /// The lines that differ from what the runner wrote, beyond what a reviewer may change.
    public func differences(from expected: Approval) -> [TextProblem] { fatalError() }
    /// Dashes that the reviewer left in reason, finding or remedy.
    public var missingWords: [TextProblem] { fatalError() }
}

/// Several problems, as an error.
public struct TextProblems: Error, Hashable, Sendable {
    /// Never empty.
    public let problems: [TextProblem]
}

extension Order {
    /// The exact bytes; refused when a field does not fit the grammar.
    public func text() throws(TextProblem) -> [UInt8] { fatalError() }
    /// Reads a text without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Order, TextProblems> { fatalError() }
}

extension Ticket {
    /// The exact bytes; refused when a field does not fit the grammar.
    public func text() throws(TextProblem) -> [UInt8] { fatalError() }
    /// Reads a text without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Ticket, TextProblems> { fatalError() }
}

extension Keyring {
    /// Reads a draft without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Keyring, TextProblems> { fatalError() }
    /// Everybody: `person:` and `root:` lines.
    public var people: Set<String> { fatalError() }
    /// A person's keys, root keys not among them.
    public func keys(of person: String) -> [Key] { fatalError() }
    /// What the person may do there, through keys that are valid at `instant`.
    public func roles(of person: String, environment: String, tenant: String, agent: String, at instant: Timestamp)
        -> Set<Role>
    { fatalError() }
    /// The person behind an account.
    public func person(forUID uid: UInt32) -> String? { fatalError() }
    /// The end of a key, if it has come.
    public func revocation(of keyID: String) -> Revocation? { fatalError() }
    /// How a key stood when a text arrived.
    public func standing(of keyID: String, arrivedAt arrival: Timestamp) -> Standing { fatalError() }
    /// An `allowed_signers` file for `ssh-keygen -Y verify`.
    public func allowedSigners() -> String { fatalError() }
}

extension Policy {
    /// Reads a draft without looking at any signature: for showing and for signing, never for believing.
    public static func unverified(_ text: [UInt8]) -> Result<Policy, TextProblems> { fatalError() }
}

/// The grammar of every kind as a Markdown table, for the documentation.
public func grammarMarkdown() -> String { fatalError() }
