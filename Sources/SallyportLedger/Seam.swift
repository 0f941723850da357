public import SallyportBase

// Until SallyportTrust offers its signed notes.

/// A checkpoint's three lines.
public struct Checkpoint: Equatable, Sendable {
    /// The log's name.
    public let origin: String
    /// Lines under the root.
    public let size: UInt64
    /// RFC 6962 root over them.
    public let root: Digest
    /// Makes a checkpoint.
    public init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }
}

/// Signs a note's text.
public protocol NoteSigner: Sendable {
    /// `name+hash+base64`.
    var vkey: String { get }
    /// Text to whole note.
    func sign(_ text: String) throws -> [UInt8]
}

/// Reads a note and checks its signature.
public protocol NoteVerifier: Sendable {
    /// `name+hash+base64`.
    var vkey: String { get }
    /// The key's name, which is the log's origin.
    var name: String { get }
    /// The checkpoint of a note that this key signed.
    func checkpoint(of note: [UInt8]) throws -> Checkpoint
}
