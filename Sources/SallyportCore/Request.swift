public import SallyportBase

/// One person's accepted word on a request.
public struct Vote: Equatable, Sendable {
    /// The ledger number of `approval.accepted`.
    public let seq: UInt64
    /// Who.
    public let person: String
    /// With which key: the keyring's key id.
    public let key: String
    /// `approve`, `reject`, `withdraw` or `revoke`.
    public let decision: String
    /// For which issue of the request.
    public let issue: Int
    /// When it arrived: the entry's time, by which the key's validity is judged.
    public let arrived: Timestamp
    /// Digests of the text and of its signature.
    public let evidence: [Digest]
}

/// The conditions that reviewers saw and signed: when they change, the request is issued again (formats.md §2, "Terms").
public struct Terms: Equatable, Sendable {
    /// The text behind `policy:`: environment, version of its block, digest of its block.
    public let policy: String
    /// The release that is live in the slot, or `none`.
    public let replaces: String

    /// Makes terms.
    public init(policy: String, replaces: String) {
        self.policy = policy
        self.replaces = replaces
    }

    /// `{policy, replaces}` in the ledger.
    public var json: JSON { ["policy": .string(policy), "replaces": .string(replaces)] }

    init?(_ json: JSON?) {
        guard let policy = json?["policy"]?.string, let replaces = json?["replaces"]?.string else { return nil }
        self.init(policy: policy, replaces: replaces)
    }
}

/// What identifies a drop on the disk: inode numbers are used again, a change time in nanoseconds is not.
public struct DropIdentity: Hashable, Sendable {
    /// Device number.
    public let device: UInt64
    /// Inode number.
    public let inode: UInt64
    /// Change time, nanoseconds since 1970, when it was copied.
    public let changed: Int64

    /// Makes an identity.
    public init(device: UInt64, inode: UInt64, changed: Int64) {
        self.device = device
        self.inode = inode
        self.changed = changed
    }

    /// The fields of `drop` in the ledger; the change time as text, since it does not fit 2^53.
    public func json(name: String) -> JSON {
        [
            "name": .string(name), "dev": .int(Int64(device)), "ino": .int(Int64(inode)),
            "ctime": .string(String(changed)),
        ]
    }

    /// Reads what ``json(name:)`` wrote.
    public init?(_ json: JSON?) {
        guard let device = json?["dev"]?.int, let inode = json?["ino"]?.int,
            let changed = json?["ctime"]?.string.flatMap({ Int64($0) })
        else { return nil }
        self.init(device: UInt64(device), inode: UInt64(inode), changed: changed)
    }
}

/// One submission of one package to one environment, as the ledger tells it.
public struct Request: Equatable, Sendable {
    /// The ledger number of its arrival: its id is `r<seq>`.
    public let seq: UInt64
    /// Leaf hash of its arrival entry.
    public let leaf: Digest
    /// When it arrived.
    public let received: Timestamp
    /// The agent.
    public let agent: String
    /// The version.
    public let version: String
    /// Tenant, `shared` when nobody named one.
    public let tenant: String
    /// Environment.
    public let environment: String
    /// SHA-256 of the archive.
    public let package: Digest
    /// Digest of the files in it (formats.md §6).
    public let payload: Digest
    /// SHA-256 of `agent.json`.
    public let manifest: Digest
    /// Bytes of the archive.
    public let size: Int64
    /// The person who submitted it, when known.
    public let submitter: String?
    /// The owner of the dropped file: never authorises, only excludes.
    public let uid: Int64
    /// The name of its staged directory.
    public let staged: String
    /// The drop it came from.
    public let drop: DropIdentity

    /// 1, and one more with each `request.reissued`.
    public internal(set) var issue = 1
    /// SHA-256 of the current `report.md`.
    public internal(set) var report: Digest
    /// The staged directory of the current report, when it was issued again.
    public internal(set) var reportStaged: String?
    /// The current terms.
    public internal(set) var terms: Terms
    /// Votes must arrive before.
    public internal(set) var expires: Timestamp
    /// Where it stands.
    public internal(set) var state = RequestState.inReview
    /// Every accepted vote, of older issues too, in order.
    public internal(set) var votes: [Vote] = []
    /// When `release.approved` was entered, and its ledger number.
    public internal(set) var approved: (at: Timestamp, seq: UInt64)?
    /// The last entry that changed it.
    public internal(set) var changed: UInt64
    /// When the last entry that changed it was entered.
    public internal(set) var changedAt: Timestamp

    /// `r<seq>`
    public var id: String { "r\(seq)" }
    /// `<agent>-<version>`
    public var name: String { "\(agent)-\(version)" }
    /// The directory's name in `review/`, `approved/` and `archive/`.
    public var directoryName: String { "\(id)-\(name)" }
    /// The release it becomes: `<version>-r<seq>`.
    public var release: String { "\(version)-\(id)" }
    /// `<environment>/<tenant>/<agent>`
    public var slot: String { "\(environment)/\(tenant)/\(agent)" }
    /// The votes that count for the current issue.
    public var currentVotes: [Vote] { votes.filter { $0.issue == issue } }

    /// Equal when the ledger says the same about both.
    public static func == (a: Request, b: Request) -> Bool {
        a.seq == b.seq && a.leaf == b.leaf && a.changed == b.changed && a.votes == b.votes && a.state == b.state
    }
}

/// One release of a slot.
public struct Release: Equatable, Sendable {
    /// `<version>-r<seq>`
    public let name: String
    /// Its request.
    public let request: UInt64
    /// Its version.
    public let version: String
    /// Digest of its files.
    public let payload: Digest
    /// When it was activated last.
    public internal(set) var activated: Timestamp
    /// The ledger number of its activation.
    public internal(set) var seq: UInt64
}

/// Where one agent runs for one tenant in one environment, as the ledger tells it.
public struct Slot: Equatable, Sendable {
    /// `<environment>/<tenant>/<agent>`
    public let name: String
    /// Every release that was ever activated, oldest first.
    public internal(set) var releases: [Release] = []
    /// The name of the release that is live.
    public internal(set) var live: String?
    /// Payloads that were rolled back from, with the entry that condemned them; never taken out.
    public internal(set) var bad: [Digest: UInt64] = [:]
    /// The entry that put the slot on hold; nothing moves forward until `slot.released`.
    public internal(set) var hold: UInt64?
    /// The last `slot.released`.
    public internal(set) var released: UInt64?
    /// The ledger numbers of every entry about this slot, in order.
    public internal(set) var entries: [UInt64] = []

    /// Environment, tenant, agent.
    public var parts: [String] { name.split(separator: "/").map(String.init) }
    /// The release that is live.
    public var liveRelease: Release? { releases.last { $0.name == live } }

    /// A payload that was condemned here and not released by a root cause since.
    public func isCondemned(_ payload: Digest) -> Bool {
        guard let seq = bad[payload] else { return false }
        return released.map { $0 < seq } ?? true
    }
}
