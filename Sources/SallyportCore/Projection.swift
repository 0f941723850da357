public import SallyportBase
public import SallyportLedger

/// What the ledger says after its last folded entry. Pure: built from entries alone, by ``fold(_:)``, in order.
public struct Projection: Sendable {
    /// Every request by its number.
    public private(set) var requests: [UInt64: Request] = [:]
    /// Every slot by its name.
    public private(set) var slots: [String: Slot] = [:]
    /// Numbers of the requests that are open, oldest first.
    public private(set) var open: [UInt64] = []
    /// What drops became: the entry that names each.
    public private(set) var drops: [DropIdentity: UInt64] = [:]
    /// Digests of every judged text: a copy of it is a replay. The entry that judged it.
    public private(set) var texts: [Digest: UInt64] = [:]
    /// Installed keyrings, oldest first: entry and digest of the text.
    public private(set) var keyrings: [Installed] = []
    /// Installed policies, oldest first.
    public private(set) var policies: [Installed] = []
    /// Contradictions that were entered: path, expected, found.
    public private(set) var contradictions: Set<String> = []
    /// Seconds from arrival to approval of the last 20 approved requests, by environment.
    public private(set) var reviewSeconds: [String: [Int64]] = [:]
    /// Persons who submitted a payload, over all time.
    public private(set) var submitters: [Digest: Set<String>] = [:]
    /// The pipeline's id, from entry 0.
    public private(set) var pipeline = ""
    /// The log's origin, from entry 0.
    public private(set) var origin = ""
    /// Entries folded so far.
    public private(set) var size: UInt64 = 0
    /// Time of the last entry.
    public private(set) var time = Timestamp(seconds: 0)

    /// One installed keyring or policy.
    public struct Installed: Equatable, Sendable {
        /// The entry.
        public let seq: UInt64
        /// SHA-256 of the text.
        public let digest: Digest
        /// Evidence: the text first, then its signatures.
        public let evidence: [Digest]
        /// When it was entered.
        public let at: Timestamp
    }

    /// Nothing folded yet.
    public init() {}

    /// The requests that wait in `review/` or `approved/`, oldest first.
    public var openRequests: [Request] { open.compactMap { requests[$0] } }

    /// The slot, or an empty one of that name.
    public func slot(_ name: String) -> Slot { slots[name] ?? Slot(name: name) }

    /// The request with this id, `r1884`.
    public func request(id: String) -> Request? { Names.requestNumber(id).flatMap { requests[$0] } }

    /// The median of the last 20 reviews of an environment, in seconds; `nil` under 3 of them (formats.md §5).
    public func expectedReviewSeconds(_ environment: String) -> Int64? {
        guard let all = reviewSeconds[environment], all.count >= 3 else { return nil }
        return all.sorted()[all.count / 2]
    }
}

extension Projection {
    /// Folds one entry.
    ///
    /// - Throws: ``FoldError`` when the entry cannot follow those before it: the ledger contradicts itself.
    public mutating func fold(_ entry: Entry) throws {
        guard entry.seq == size else { throw FoldError(seq: entry.seq, text: "is not entry \(size)") }
        do { try apply(entry) } catch let illegal as IllegalTransition {
            throw FoldError(
                seq: entry.seq,
                text: "\(illegal.event.rawValue) cannot follow \(illegal.state.rawValue)"
            )
        }
        for drop in [entry.data?["drop"]].compactMap({ $0 }) + (entry.data?["with"]?.array ?? []) {
            if let identity = DropIdentity(drop) { drops[identity] = entry.seq }
        }
        size += 1
        time = entry.ts
    }

    private mutating func apply(_ entry: Entry) throws {
        switch entry.type {
        case .ledgerOpened:
            pipeline = entry.data?["pipeline"]?.string ?? ""
            origin = entry.data?["origin"]?.string ?? ""
        case .keyringInstalled, .policyInstalled:
            guard let digest = entry.data?["digest"]?.string.flatMap({ Digest(tagged: $0) }) else {
                throw FoldError(seq: entry.seq, text: "names no digest")
            }
            let installed = Installed(seq: entry.seq, digest: digest, evidence: entry.evidence, at: entry.ts)
            if entry.type == .keyringInstalled { keyrings.append(installed) } else { policies.append(installed) }
            texts[digest] = entry.seq
        case .packageReceived:
            try receive(entry)
            if let ticket = entry.evidence.first { texts[ticket] = entry.seq }
        case .packageRefused:
            if let ticket = entry.evidence.first { texts[ticket] = entry.seq }
        case .approvalAccepted: try vote(entry)
        case .approvalRefused, .orderRefused, .documentRefused:
            // Only what its signer was proven to have said was judged: a copy of somebody's text with junk beside it says nothing
            // about the text, and may not make the owner's own drop a replay.
            if let text = entry.evidence.first, entry.actor?.hasPrefix("uid:") == false { texts[text] = entry.seq }
        case .requestReissued: try reissue(entry)
        case .requestRejected: try end(entry, .rejected)
        case .requestExpired: try end(entry, .expired)
        case .requestCancelled: try end(entry, .cancelled)
        case .requestSuperseded: try end(entry, .superseded)
        case .releaseApproved: try approve(entry)
        case .releaseActivated: try activate(entry)
        case .releaseRolledBack: try rollBack(entry)
        case .slotReleased: try release(entry)
        case .diskContradicted:
            contradictions.insert(
                Self.contradiction(entry.data?["path"]?.string ?? "", entry.data?["found"]?.string ?? "")
            )
        default: break
        }
    }

    /// How a contradiction is remembered, so that it is entered once.
    public static func contradiction(_ path: String, _ found: String) -> String { path + "\n" + found }

    private mutating func receive(_ entry: Entry) throws {
        let data = entry.data ?? .null
        func text(_ key: String) throws -> String {
            guard let value = data[key]?.string else { throw FoldError(seq: entry.seq, text: "has no \(key)") }
            return value
        }
        func digest(_ key: String) throws -> Digest {
            guard let value = Digest(tagged: try text(key)) else {
                throw FoldError(seq: entry.seq, text: "has no \(key)")
            }
            return value
        }
        guard let terms = Terms(data["terms"]), let expires = Timestamp(text: try text("expires")),
            let drop = DropIdentity(data["drop"])
        else { throw FoldError(seq: entry.seq, text: "has no terms, expires or drop") }
        let submitter = data["submitter"]?.string
        let request = Request(
            seq: entry.seq,
            leaf: entry.leaf,
            received: entry.ts,
            agent: try text("agent"),
            version: try text("version"),
            tenant: try text("tenant"),
            environment: try text("environment"),
            package: try digest("package"),
            payload: try digest("payload"),
            manifest: try digest("manifest"),
            size: data["size"]?.int ?? 0,
            submitter: submitter,
            uid: data["uid"]?.int ?? -1,
            staged: try text("staged"),
            drop: drop,
            report: try digest("report"),
            terms: terms,
            expires: expires,
            changed: entry.seq,
            changedAt: entry.ts
        )
        requests[entry.seq] = request
        open.append(entry.seq)
        if let submitter { submitters[request.payload, default: []].insert(submitter) }
    }

    private mutating func update(_ entry: Entry, _ body: (inout Request) throws -> Void) throws {
        let id = entry.subject ?? ""
        let named = Names.requestNumber(id) ?? entry.data?["request"]?.string.flatMap { Names.requestNumber($0) }
        guard let number = named, var request = requests[number] else {
            throw FoldError(seq: entry.seq, text: "is about an unknown request")
        }
        try body(&request)
        request.changed = entry.seq
        request.changedAt = entry.ts
        requests[number] = request
        if !request.state.isOpen { open.removeAll { $0 == number } }
    }

    private mutating func vote(_ entry: Entry) throws {
        if let text = entry.evidence.first { texts[text] = entry.seq }
        guard let person = entry.data?["person"]?.string, let key = entry.data?["key"]?.string,
            let decision = entry.data?["decision"]?.string, let issue = entry.data?["issue"]?.int
        else { throw FoldError(seq: entry.seq, text: "has no person, key, decision or issue") }
        try update(entry) { request in
            request.votes.append(
                Vote(
                    seq: entry.seq,
                    person: person,
                    key: key,
                    decision: decision,
                    issue: Int(issue),
                    arrived: entry.ts,
                    evidence: entry.evidence
                )
            )
        }
    }

    private mutating func reissue(_ entry: Entry) throws {
        guard let terms = Terms(entry.data?["terms"]), let issue = entry.data?["issue"]?.int,
            let report = entry.data?["report"]?.string.flatMap({ Digest(tagged: $0) }),
            let expires = entry.data?["expires"]?.string.flatMap({ Timestamp(text: $0) })
        else { throw FoldError(seq: entry.seq, text: "has no issue, terms, report or expires") }
        try update(entry) { request in
            request.state = try request.state.applying(.reissued)
            request.issue = Int(issue)
            request.terms = terms
            request.report = report
            request.reportStaged = entry.data?["staged"]?.string
            request.expires = expires
            request.approved = nil
        }
    }

    private mutating func end(_ entry: Entry, _ event: RequestEvent) throws {
        try update(entry) { $0.state = try $0.state.applying(event) }
    }

    private mutating func approve(_ entry: Entry) throws {
        var environment = ""
        var seconds: Int64 = 0
        try update(entry) { request in
            request.state = try request.state.applying(.approved)
            request.approved = (entry.ts, entry.seq)
            environment = request.environment
            seconds = (entry.ts.microseconds - request.received.microseconds) / 1_000_000
        }
        var all = reviewSeconds[environment] ?? []
        all.append(seconds)
        reviewSeconds[environment] = Array(all.suffix(20))
    }

    private mutating func activate(_ entry: Entry) throws {
        var activated: Request?
        try update(entry) { request in
            request.state = try request.state.applying(.activated)
            activated = request
        }
        guard let request = activated else { return }
        var slot = slot(request.slot)
        if let old = slot.liveRelease, var before = requests[old.request] {
            before.state = try before.state.applying(.succeeded)
            requests[old.request] = before
        }
        slot.releases.append(
            Release(
                name: request.release,
                request: request.seq,
                version: request.version,
                payload: request.payload,
                activated: entry.ts,
                seq: entry.seq
            )
        )
        slot.live = request.release
        slot.entries.append(entry.seq)
        slots[slot.name] = slot
    }

    private mutating func rollBack(_ entry: Entry) throws {
        guard let name = entry.data?["slot"]?.string, let to = entry.data?["to"]?.string, var slot = slots[name],
            let from = slot.liveRelease, let target = slot.releases.firstIndex(where: { $0.name == to }),
            var old = requests[from.request], var new = requests[slot.releases[target].request]
        else { throw FoldError(seq: entry.seq, text: "rolls back what is not there") }
        old.state = try old.state.applying(.condemned)
        new.state = try new.state.applying(.restored)
        requests[old.seq] = old
        requests[new.seq] = new
        if let condemned = entry.data?["condemn"]?.string.flatMap({ Digest(tagged: $0) }) {
            slot.bad[condemned] = entry.seq
        }
        if entry.data?["hold"]?.bool == true { slot.hold = entry.seq }
        slot.live = to
        slot.entries.append(entry.seq)
        slots[name] = slot
        remember(order: entry)
    }

    private mutating func release(_ entry: Entry) throws {
        guard let name = entry.data?["slot"]?.string ?? entry.subject, var slot = slots[name] else {
            throw FoldError(seq: entry.seq, text: "releases an unknown slot")
        }
        slot.hold = nil
        slot.released = entry.seq
        slot.entries.append(entry.seq)
        slots[name] = slot
        remember(order: entry)
    }

    // The same order text is never obeyed twice.
    private mutating func remember(order entry: Entry) {
        if let text = entry.evidence.first { texts[text] = entry.seq }
    }
}

/// An entry that cannot follow those before it.
public struct FoldError: Error, Equatable, Sendable {
    /// Its number.
    public let seq: UInt64
    /// What is wrong with it.
    public let text: String
}
