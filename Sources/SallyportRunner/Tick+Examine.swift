internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger

extension Tick {
    /// Compares the open work with the disk. What no entry explains is a contradiction: its request is frozen and reported, nothing is
    /// moved back silently, everything else goes on.
    func examine() throws {
        let busy = Set(pending.compactMap { $0.data?["request"]?.string ?? $0.subject })
        for (stage, state) in [(spool.review, RequestState.inReview), (spool.approved, .approved)] {
            let expected = Set(projection.openRequests.filter { $0.state == state }.map(\.directoryName))
            for name in try stage.list() {
                if let text = name.text, expected.contains(text) { continue }
                let id = name.text.flatMap { String($0.prefix { $0 != "-" }) } ?? ""
                if busy.contains(id) { continue }
                let before = projection.request(id: id)?.changed
                try refold()
                let request = projection.request(id: id)
                // Another run received or moved it since this one began.
                if request?.changed != before { continue }
                let should = request.map { "\($0.id) to be \($0.state.rawValue)" } ?? "no such request"
                contradict(stage.path(name), expected: should, found: "a directory that no entry explains")
                if let request { frozenRequests.insert(request.seq) }
            }
        }
        for request in projection.openRequests where !busy.contains(request.id) {
            guard let directory = try directory(of: request) else {
                if try isStale(request) { continue }
                let stage = try stage(of: request)
                contradict(
                    stage.path(request.directoryName),
                    expected: "the directory of \(request.id)",
                    found: "nothing"
                )
                frozenRequests.insert(request.seq)
                continue
            }
            try writeDerived(of: request, in: directory)
            try compare("report.md", request.report, request, directory)
        }
        try examineTrust()
        try enterContradictions()
    }

    /// A file of a request must have the digest that the ledger names.
    @discardableResult
    func compare(_ name: String, _ digest: Digest, _ request: Request, _ directory: Directory) throws -> Bool {
        let found = try? directory.read(name, limit: 64 << 20).map { Digest.of($0) }
        if found == digest { return true }
        if try isStale(request) { return false }
        contradict(directory.path(name), expected: digest.tagged, found: found?.tagged ?? "nothing that can be read")
        frozenRequests.insert(request.seq)
        return false
    }

    private func examineTrust() throws {
        guard trust != nil, let directory = try spool.root.openIfPresent(["trust"]) else {
            if trust != nil { contradict("trust", expected: "the installed keyring and policy", found: "nothing") }
            return
        }
        for (name, all) in [("keyring", projection.keyrings), ("policy", projection.policies)] {
            guard let installed = all.last, !pending.contains(where: { $0.seq == installed.seq }) else { continue }
            let found = try? directory.read(name, limit: 4 << 20).map { Digest.of($0) }
            guard found != installed.digest else { continue }
            // Another run may have installed the next one since.
            let size = projection.keyrings.count + projection.policies.count
            try refold()
            if projection.keyrings.count + projection.policies.count != size {
                try loadTrust()
                continue
            }
            contradict(
                directory.path(name),
                expected: installed.digest.tagged,
                found: found?.tagged ?? "nothing that can be read"
            )
            // Altered on the disk: what the ledger holds is still good for rollback, and for nothing that goes forward.
            alteredTrust = "\(directory.path(name)) is not the installed one"
            report.brokenTrust = alteredTrust
        }
    }

    /// Each contradiction becomes one line, once.
    func enterContradictions() throws {
        let new = report.contradictions.filter {
            !projection.contradictions.contains(Projection.contradiction($0.path, $0.found))
        }
        try append(
            new.map {
                Decision(
                    .diskContradicted,
                    outcome: .fail,
                    data: ["path": .string($0.path), "expected": .string($0.expected), "found": .string($0.found)]
                )
            },
            basedOn: projection.size
        )
    }
}
