internal import SallyportBase
public import SallyportCore
internal import SallyportDisk
internal import SallyportLedger

/// The disk against the ledger, for `verify`: read-only, without a lock, every difference at once.
public struct DiskCheck {
    /// One difference.
    public struct Problem: Hashable, Sendable {
        /// Path below the spool.
        public let path: String
        /// What the ledger says.
        public let expected: String
        /// What is there.
        public let found: String
    }
    private let spool: Spool
    private let projection: Projection
    private var problems: [Problem] = []
    /// Releases and requests that were hashed.
    public private(set) var checked = 0

    /// Compares everything below the spool with a projection of its ledger.
    ///
    /// - Throws: ``DiskError`` when something cannot be read for a reason of this machine.
    public static func run(_ spool: Spool, _ projection: Projection) throws -> (problems: [Problem], checked: Int) {
        var check = DiskCheck(spool: spool, projection: projection)
        try check.deployed()
        try check.stages()
        try check.archive()
        try check.trust()
        return (check.problems, check.checked)
    }

    private init(spool: Spool, projection: Projection) {
        self.spool = spool
        self.projection = projection
    }

    private mutating func note(_ path: String, expected: String, found: String) {
        problems.append(Problem(path: path, expected: expected, found: found))
    }

    private mutating func deployed() throws {
        var found: Set<String> = []
        for environment in try spool.deployed.list() {
            for tenant in try children(spool.deployed, environment, "deployed") {
                for agent in try children(try spool.deployed.open(environment), tenant, "deployed/\(environment.shown)")
                {
                    let parts = [environment, tenant, agent].map(\.shown)
                    found.insert(parts.joined(separator: "/"))
                    try slot(parts.joined(separator: "/"))
                }
            }
        }
        for name in projection.slots.keys.sorted() where !found.contains(name) {
            note("deployed/\(name)", expected: "the slot", found: "nothing")
        }
    }

    private mutating func children(_ parent: Directory, _ name: FileName, _ path: String) throws -> [FileName] {
        guard try parent.status(of: name)?.kind == .directory else {
            note("\(path)/\(name.shown)", expected: "a directory", found: "something else")
            return []
        }
        return try parent.open(name).list()
    }

    private mutating func slot(_ name: String) throws {
        guard let slot = projection.slots[name], let directory = try spool.slot(name) else {
            note("deployed/\(name)", expected: "no such slot", found: "a directory that no entry explains")
            return
        }
        let path = "deployed/\(name)"
        let current = try? directory.readLink("current")
        if current != slot.live.map({ "releases/" + $0 }) {
            note("\(path)/current", expected: "releases/\(slot.live ?? "-")", found: current ?? "no link")
        }
        let known = Dictionary(slot.releases.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let releases = try directory.openIfPresent(["releases"])
        for release in try releases?.list() ?? [] {
            guard let text = release.text, let record = known[text] else {
                note(
                    "\(path)/releases/\(release.shown)",
                    expected: "no such release",
                    found: "a directory that no entry explains"
                )
                continue
            }
            let agent = try? releases?.open(text).open("agent")
            let payload = try agent.flatMap { try PayloadDigest.of($0) }
            checked += 1
            if payload != record.payload {
                note(
                    "\(path)/releases/\(text)/agent",
                    expected: record.payload.tagged,
                    found: payload?.tagged ?? "files that cannot be read"
                )
            }
        }
        if let live = slot.live, try releases?.status(of: live) == nil {
            note("\(path)/releases/\(live)", expected: "the live release", found: "nothing")
        }
    }

    private mutating func stages() throws {
        for (name, stage, state) in [
            ("review", spool.review, RequestState.inReview), ("approved", spool.approved, .approved),
        ] {
            let expected = Dictionary(
                uniqueKeysWithValues: projection.openRequests.filter { $0.state == state }.map {
                    ($0.directoryName, $0)
                }
            )
            var found: Set<String> = []
            for entry in try stage.list() {
                guard let text = entry.text, let request = expected[text] else {
                    note(
                        "\(name)/\(entry.shown)",
                        expected: "no such request here",
                        found: "a directory that no entry explains"
                    )
                    continue
                }
                found.insert(text)
                try record(request, try stage.open(text), "\(name)/\(text)", report: true)
            }
            for missing in expected.keys.sorted() where !found.contains(missing) {
                note("\(name)/\(missing)", expected: "the request's directory", found: "nothing")
            }
        }
    }

    private mutating func record(_ request: Request, _ directory: Directory, _ path: String, report: Bool) throws {
        checked += 1
        var files = [(ReviewTexts.packageName(request), request.package), ("agent.json", request.manifest)]
        if report { files.append(("report.md", request.report)) }
        for (name, digest) in files {
            let found = try? digestOf(name, in: directory)
            if found != digest {
                note("\(path)/\(name)", expected: digest.tagged, found: found?.tagged ?? "nothing that can be read")
            }
        }
    }

    private func digestOf(_ name: String, in directory: Directory) throws(DiskError) -> Digest {
        let file = try directory.openFile(name)
        var hasher = SHA256()
        while true {
            let block = try file.read(upTo: 1 << 20)
            if block.isEmpty { return hasher.finish() }
            hasher.update(block)
        }
    }

    private mutating func archive() throws {
        for request in projection.requests.values.sorted(by: { $0.seq < $1.seq }) where !request.state.isOpen {
            let (year, month) = request.received.yearAndMonth
            let path = "archive/\(year)/\(month)/\(request.directoryName)"
            guard let directory = try spool.archive.openIfPresent([year, month, request.directoryName]) else {
                note(path, expected: "the request's record", found: "nothing")
                continue
            }
            try record(request, directory, path, report: true)
        }
    }

    private mutating func trust() throws {
        for (name, installed) in [("keyring", projection.keyrings.last), ("policy", projection.policies.last)] {
            guard let installed else { continue }
            let directory = try spool.root.openIfPresent(["trust"])
            let found = try? directory?.read(name, limit: 4 << 20).map { Digest.of($0) }
            if found != installed.digest {
                note(
                    "trust/\(name)",
                    expected: installed.digest.tagged,
                    found: found?.tagged ?? "nothing that can be read"
                )
            }
        }
    }
}
