public import SallyportBase
public import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

/// One run's work at one instant: decide → append → perform → settle (architecture.md, "The contract"). The steps lie in extensions,
/// one file each.
public final class Tick {
    let spool: Spool
    let keys: Keys
    let run: RunIdentity
    let ledger: Ledger
    let clock: Clock
    private let executable: String
    private var startedHelper: ParserHelper?

    /// The instant of this tick: the wall clock at its start, or the last entry's time when that is later.
    public internal(set) var now: Timestamp
    /// What the ledger says, as far as folded.
    public internal(set) var projection = Projection()
    /// Trust in force; `nil` before the first keyring, or when it cannot be verified (then ``problems`` says why).
    public internal(set) var trust: InstalledTrust?
    /// What this tick did.
    public internal(set) var report = TickReport()
    /// Requests and slots that contradict the disk: nothing moves there.
    var frozenRequests: Set<UInt64> = []
    var frozenSlots: Set<String> = []
    /// Why `trust/` is not the installed one, when this run found it altered: it stays so until the run has rewritten it.
    var alteredTrust: String?
    /// How many keyrings and policies were installed when ``trust`` was loaded.
    var trustCount = (keyrings: -1, policies: -1)
    /// Entries whose effect this run has not yet seen to hold.
    var pending: [Entry] = []
    /// An effect was performed, or found to hold already, since the last time that everything was made durable.
    var hasPerformed = false
    // Where the fold stands.
    private var folded = Position.start
    /// Directories in which names changed since the last sync.
    var touched: [Directory] = []
    /// What ``TickReport/waiting`` holds, each once.
    var waitingSeen: Set<TickReport.Waiting> = []
    /// An append gave a decision back as stale: look once more.
    var again = false
    /// Locks of requests that this run holds over more than one step.
    var held: [UInt64: FileLock] = [:]
    var looks: Looks

    /// Opens spool, keys and ledger and folds the ledger.
    ///
    /// - Throws: ``LedgerError``, ``Keys/Unusable``, ``DiskError``, ``FoldError``: nothing was changed.
    public init(spool path: String, keys keysPath: String, clock: Clock, executable: String) throws {
        spool = try Spool.open(path: path)
        keys = try Keys.open(path: keysPath)
        do throws(DiskError) { run = try RunIdentity(spool) } catch {
            // A full disk may not keep an order waiting; without one the disk stays as it is.
            guard error.isFull, try !spool.incoming.open("orders").list().isEmpty, spool.spendReserve() else {
                throw error
            }
            run = try RunIdentity(spool)
        }
        ledger = try Ledger.open(ledger: spool.ledger, state: spool.state, verifier: keys.verifier)
        ledger.temporary = run.scratch
        self.clock = clock
        self.executable = executable
        looks = Looks(spool)
        now = clock.now()
        let settled = Self.settled(spool)
        folded = try ledger.entries(after: nil) { entry in
            try projection.fold(entry)
            if entry.seq >= settled { pending.append(entry) }
        }
        now = max(now, projection.time)
    }

    /// The helper that forks parser children; started at the first package, by exec, so that it inherits neither lock nor secret.
    func helper() throws -> ParserHelper {
        if let startedHelper { return startedHelper }
        let helper = try ParserHelper.start(executable: executable)
        startedHelper = helper
        return helper
    }

    /// Appends decisions and folds what came of it. Stale ones are dropped: the tick looks again.
    ///
    /// - Parameter basis: ``Projection/size`` when the decider took its first look at the projection and the trust. An effect or a lock
    ///   in between may have folded other runs' lines, which the decisions do not know: they must count as newer.
    /// - Returns: the entry of each decision, `nil` where it was stale.
    @discardableResult
    func append(_ decisions: [Decision], basedOn basis: UInt64) throws -> [Entry?] {
        guard !decisions.isEmpty else { return [] }
        let result = try ledger.append(decisions, basedOn: basis, at: now, run: run.id)
        let known = projection.size
        for entry in result.newer + result.entries.compactMap({ $0 }) where entry.seq >= known {
            try projection.fold(entry)
            pending.append(entry)
        }
        folded = result.tail
        if !result.stale.isEmpty {
            again = true
            now = max(clock.now(), projection.time)
        }
        return result.entries
    }

    /// Folds what other runs appended since: an effect makes the disk equal to what the ledger says now, and what looks like a
    /// contradiction may be their work. Costs one `fstat` when nothing is new.
    func refold() throws {
        let known = projection.size
        folded = try ledger.entries(after: folded) { entry in
            guard entry.seq >= known else { return }
            try projection.fold(entry)
            pending.append(entry)
        }
    }

    /// True when another run changed the request since this tick folded it: whoever meant to act looks again.
    func isStale(_ request: Request) throws -> Bool {
        try refold()
        guard projection.requests[request.seq]?.changed != request.changed else { return false }
        again = true
        return true
    }

    /// Trust as of everything folded: another run's keyring counts from the moment at which its line is known.
    func currentTrust() throws -> InstalledTrust? {
        if projection.keyrings.count != trustCount.keyrings || projection.policies.count != trustCount.policies {
            try loadTrust()
        }
        return trust
    }

    /// Notes a problem of one item and goes on: one bad thing stops nothing else. Only a ledger that contradicts itself ends the tick.
    func guarded(_ place: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as LedgerError {
            switch error {
            case .disk(let disk): report.failures.append(.init(place: place, disk: disk))
            case .busy, .unwritable: report.failures.append(.init(place: place, what: error.description))
            case .contradiction, .unknownFormat, .missing: throw error
            }
        } catch let error as FoldError {
            throw error
        } catch let error as Keys.Unusable {
            report.failures.append(.init(place: error.path, what: error.what))
        } catch let error as DiskError {
            report.failures.append(.init(place: place, disk: error))
        } catch let error as ParserError {
            // The next item gets a new helper: whatever ended this one was one package's doing.
            startedHelper = nil
            var isMissing = false
            if case .libraryMissing = error { isMissing = true }
            report.failures.append(.init(place: place, what: "\(error)", isMissingComponent: isMissing))
        }
    }

    private static func settled(_ spool: Spool) -> UInt64 {
        guard let bytes = try? spool.state.read("open", limit: 1 << 20),
            let json = try? JSON.parse(bytes, limit: 1 << 20), json["format"]?.int == 1,
            let settled = json["settled"]?.int
        else { return 0 }
        return UInt64(max(0, settled))
    }
}

/// Where the time comes from.
public struct Clock: Sendable {
    /// The wall clock, in microseconds.
    public let now: @Sendable () -> Timestamp
    /// Makes a clock.
    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }
}

/// What a tick did, for `run --json` and the exit status.
public struct TickReport: Sendable {
    /// One thing that failed for a reason of this machine; it is tried again.
    public struct Failure: Sendable {
        /// What it was about.
        public let place: String
        /// What failed.
        public let what: String
        /// The disk was full.
        public let isFull: Bool
        /// A needed component is not installed (exit 69).
        public let isMissingComponent: Bool
        init(place: String, what: String, isMissingComponent: Bool = false) {
            self.place = place
            self.what = what
            self.isMissingComponent = isMissingComponent
            isFull = false
        }
        init(place: String, disk: DiskError) {
            self.place = place
            what = disk.description
            isFull = disk.isFull
            isMissingComponent = false
        }
    }
    /// One disk state that no entry explains.
    public struct Contradiction: Hashable, Sendable {
        /// Where.
        public let path: String
        /// What the ledger says.
        public let expected: String
        /// What is there.
        public let found: String
    }
    /// A drop that was left where it lies.
    public struct Waiting: Hashable, Sendable {
        /// Area and name, percent-encoded.
        public let name: String
        /// `settling`, `incomplete`, `unsigned`, `unreadable`, `stray`, `not-a-file`.
        public let state: String
        /// Stable code, where there is one.
        public let code: String?
        /// In a reader's words.
        public let text: String
        /// Makes a row.
        public init(name: String, state: String, code: String? = nil, text: String) {
            self.name = name
            self.state = state
            self.code = code
            self.text = text
        }
    }
    /// Ids of requests.
    public internal(set) var received: [String] = []
    /// Names of refused drops with their codes.
    public internal(set) var refused: [(name: String, code: String)] = []
    /// Ids of requests whose gate was satisfied.
    public internal(set) var approved: [String] = []
    /// Releases that went live.
    public internal(set) var activated: [String] = []
    /// Slots that were rolled back, with milliseconds from order to switch.
    public internal(set) var rolledBack: [(slot: String, to: String, orderToSwitchMs: Int64)] = []
    /// Ids of requests that were issued again.
    public internal(set) var reissued: [String] = []
    /// Ids of requests that ended by rejection.
    public internal(set) var rejected: [String] = []
    /// Ids of requests that ended by their deadline.
    public internal(set) var expired: [String] = []
    /// Votes that count.
    public internal(set) var votes = 0
    /// Drops left where they lie.
    public internal(set) var waiting: [Waiting] = []
    /// Contradictions.
    public internal(set) var contradictions: [Contradiction] = []
    /// Why trust cannot be used, when it cannot.
    public internal(set) var brokenTrust: String?
    /// What failed and is tried again.
    public internal(set) var failures: [Failure] = []
}

extension Tick {
    /// The run's name in the ledger.
    public var runID: String { run.id }
}
