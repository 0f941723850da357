internal import SallyportBase
internal import SallyportDisk
internal import SallyportTrust

/// One verification on its way.
struct LedgerCheck {
    let ledger: Directory
    let verifier: NoteVerifier
    var problems: [LedgerVerification.Problem] = []
    var omitted = 0

    // Tiles that lie in the directory: level and index, and the widths found, 256 for the full one.
    struct TileName: Hashable {
        let level: Int
        let index: UInt64
    }
    var tiles: [TileName: [Int]] = [:]
    var wanted: [UInt64] = []
    var roots: [UInt64: Digest] = [:]
    var named: [(digest: Digest, entry: UInt64)] = []
    var frontier = Frontier()
    var signed: Checkpoint?

    init(_ ledger: Directory, _ verifier: NoteVerifier) {
        self.ledger = ledger
        self.verifier = verifier
    }

    mutating func note(_ problem: LedgerVerification.Problem) {
        if problems.count < LedgerVerification.problemLimit { problems.append(problem) } else { omitted += 1 }
    }

    mutating func note(_ file: String, entry: UInt64? = nil, expected: String, found: String) {
        note(LedgerVerification.Problem(file, entry: entry, expected: expected, found: found))
    }

    mutating func run(
        older: [(name: String, note: [UInt8])],
        evidence: Bool
    ) throws(LedgerError) -> LedgerVerification {
        // Names are listed before the lines are read: whatever is published meanwhile is simply not looked at.
        let present = try names(of: [])
        if present.contains("checkpoint") { signed = try readCheckpoint("checkpoint", isForeign: false) }
        let archived = try archivedCheckpoints()
        let foreign = try foreignCheckpoints(older)
        try listTiles()
        let segments = try listSegments()
        if segments.isEmpty, signed == nil, !present.contains("checkpoint"), tiles.isEmpty, archived.isEmpty {
            for (name, checkpoint) in foreign { noteShorter(name, checkpoint, lines: 0, isForeign: true) }
            return result(.nothing, good: 0, torn: 0)
        }
        if !present.contains("checkpoint") { note("checkpoint", expected: "a signed note", found: "nothing") }
        try checkKeyFile()
        wanted = Set((archived + foreign).map(\.checkpoint.size) + (signed.map { [$0.size] } ?? [])).sorted()
        let (lines, torn) = try checkLines(segments)
        checkRoots(archived, foreign, lines: lines)
        try checkEdge()
        if evidence { try checkEvidence() }
        return result(problems.isEmpty ? .holds : .contradicted, good: lines, torn: torn)
    }

    func result(
        _ verdict: LedgerVerification.Verdict,
        good: UInt64,
        torn: Int64
    ) -> LedgerVerification {
        let size = signed?.size ?? 0
        var ranges: [LedgerVerification.Range] = []
        if min(size, good) > 0 { ranges.append(.init(from: 0, to: min(size, good), isSigned: true)) }
        if good > size { ranges.append(.init(from: size, to: good, isSigned: false)) }
        return LedgerVerification(
            size: size,
            root: signed?.root ?? .zero,
            verdict: verdict,
            ranges: ranges,
            tornBytes: torn,
            problems: problems,
            omitted: omitted
        )
    }
}
