public import SallyportBase

/// How something ended.
public enum Outcome: String, Sendable, CaseIterable {
    /// It was done.
    case ok
    /// It was tried and failed.
    case fail
    /// It was not allowed.
    case denied
    /// It was not needed.
    case skipped
    /// Nobody can tell.
    case unknown
}

/// A reference from one line to an earlier one.
public struct Link: Hashable, Sendable {
    /// What the other line is to this one: `order`, `approval`, `cause`.
    public let rel: String
    /// The other line's number.
    public let seq: UInt64
    /// Makes a reference.
    public init(_ rel: String, _ seq: UInt64) {
        self.rel = rel
        self.seq = seq
    }
}

/// One line of the ledger, read back: what it says, the bytes that say it, and where they lie.
public struct Entry: Sendable, Equatable {
    /// Its number, from 0: the index of its leaf in the tree.
    public let seq: UInt64
    /// Leaf hash of the line before; ``Digest/zero`` for line 0.
    public let prev: Digest
    /// The instant at which it was decided.
    public let ts: Timestamp
    /// What happened; `nil` for a name that this version does not know (see ``typeName``).
    public let type: EventType?
    /// The name of the type as written.
    public let typeName: String
    /// The runner's invocation.
    public let run: String?
    /// A person, `uid:N` or `runner`.
    public let actor: String?
    /// `r<seq>`, a slot `environment/tenant/agent`, or another name.
    public let subject: String?
    /// How it ended.
    public let outcome: Outcome?
    /// Why: a stable code or a short text.
    public let reason: String?
    /// What was before.
    public let from: String?
    /// What is now.
    public let to: String?
    /// Earlier lines that belong to it.
    public let links: [Link]
    /// Digests of texts and signatures under `evidence/sha256/`.
    public let evidence: [Digest]
    /// What belongs to its type.
    public let data: JSON?

    /// `SHA-256(0x00 ‖ line)`: `prev` of the next line and hash `seq` of tile level 0.
    public let leaf: Digest
    /// The bytes of the line without its LF.
    public let line: [UInt8]
    /// Where the line begins in its segment, bytes.
    public let offset: Int64

    /// Where the fold stands after this line.
    public var position: Position {
        Position(
            size: seq + 1,
            leaf: leaf,
            segment: seq / Position.segmentLines,
            offset: offset + Int64(line.count) + 1
        )
    }

    /// The request in ``subject``, when it is one.
    public var request: UInt64? { subject.flatMap { Names.requestNumber($0) } }
}

/// Where a fold stands: after so many lines. A hint that the caller keeps in `.state/open`; it is checked against the line that
/// it names before it is used.
public struct Position: Hashable, Sendable {
    /// Lines in one segment file: one level-1 tile.
    public static let segmentLines: UInt64 = 65_536

    /// How many lines were folded.
    public let size: UInt64
    /// Leaf hash of the last of them; ``Digest/zero`` before the first.
    public let leaf: Digest
    /// The segment file that holds the last of them.
    public let segment: UInt64
    /// The byte after the last of them, in that segment.
    public let offset: Int64

    /// Makes a position.
    public init(size: UInt64, leaf: Digest, segment: UInt64, offset: Int64) {
        self.size = size
        self.leaf = leaf
        self.segment = segment
        self.offset = offset
    }

    /// Before the first line.
    public static let start = Position(size: 0, leaf: .zero, segment: 0, offset: 0)

    /// `{"size":…,"leaf":…,"segment":…,"offset":…}` as `.state/open` keeps it.
    public var json: JSON {
        [
            "size": .int(Int64(size)), "leaf": .string(leaf.hex), "segment": .int(Int64(segment)),
            "offset": .int(offset),
        ]
    }

    /// Reads ``json`` back; `nil` for anything else.
    public init?(json: JSON?) {
        guard let json, let size = json["size"]?.int, let leaf = json["leaf"]?.string.flatMap({ Digest(hex: $0) }),
            let segment = json["segment"]?.int, let offset = json["offset"]?.int, size >= 0, segment >= 0, offset >= 0
        else { return nil }
        self.init(size: UInt64(size), leaf: leaf, segment: UInt64(segment), offset: offset)
    }
}
