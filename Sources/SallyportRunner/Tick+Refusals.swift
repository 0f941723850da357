internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportLedger
internal import SallyportPackages
internal import SallyportTrust

extension Tick {
    /// Names a drop that is left where it lies, and why.
    func wait(_ place: String, _ state: String, _ code: String?, _ text: String) {
        let waiting = TickReport.Waiting(name: place, state: state, code: code, text: text)
        if waitingSeen.insert(waiting).inserted { report.waiting.append(waiting) }
    }

    /// Changed less than so many seconds ago, by the wall clock that the file system used.
    func isYoung(_ status: FileStatus, seconds: Int64) -> Bool {
        let age = clock.now().microseconds / 1000 - status.changed / 1_000_000
        return age >= 0 && age < seconds * 1000
    }

    /// Stores a text and its signatures as evidence: durable before the entry that names them.
    func store(_ text: [UInt8], _ signatures: [[UInt8]]) throws -> [Digest] {
        try ([text] + signatures).map { try ledger.storeEvidence($0) }
    }

    /// The line for a text that is refused: the first problem gives the code, all of them are told.
    func refusal(
        _ type: EventType,
        _ drop: TextDrop,
        _ problems: [TextProblem],
        request: Request? = nil,
        actor: String? = nil
    ) throws -> Decision {
        let first = problems.first ?? TextProblem("E-UNKNOWN", expected: "a valid text", found: "something else")
        report.refused.append((drop.text.place, first.code))
        var data: [JSON.Member] = [
            .init("code", .string(first.code)), .init("place", .string(first.place)),
            .init("expected", .string(first.expected)), .init("found", .string(first.found)),
        ]
        if problems.count > 1 { data.append(.init("problems", .array(problems.prefix(32).map(\.json)))) }
        if let request { data.append(.init("request", .string(request.id))) }
        data.append(.init("drop", drop.text.json))
        data.append(.init("with", .array(drop.consumed().map(\.json))))
        let evidence = try store(drop.bytes, drop.signatureBytes)
        return Decision(
            type,
            actor: actor ?? uidActor(drop.text.status.uid),
            subject: request.map { .request($0.seq) } ?? .none,
            outcome: .denied,
            reason: first.code,
            evidence: evidence,
            data: .object(data),
            touches: [.drop(device: drop.text.status.device, inode: drop.text.status.inode)]
        )
    }

    /// `uid:1000`: the file's owner, never an authority.
    func uidActor(_ uid: UInt32) -> String { "uid:\(uid)" }
}
