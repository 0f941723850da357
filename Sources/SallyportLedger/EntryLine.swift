internal import SallyportBase

/// The bytes of a line: one encoder, one decoder, one spelling (formats.md §5).
enum EntryLine {
    /// Bytes of a line without its LF: anything bigger goes to evidence by digest. C2SP bundles cannot hold more than 65,535.
    static let limit = 60_000

    /// What is wrong with a line.
    struct Problem: Error, Equatable {
        let expected: String
        let found: String
    }

    /// The fields behind `seq`, `prev` and `ts`, in the order of the line.
    struct Content {
        var typeName: String
        var run: String?
        var actor: String?
        var subject: String?
        var outcome: Outcome?
        var reason: String?
        var from: String?
        var to: String?
        var links: [Link] = []
        var evidence: [Digest] = []
        var data: JSON?
    }

    /// The line without its LF. Absent fields and empty lists are left out.
    static func encode(seq: UInt64, prev: Digest, ts: Timestamp, _ content: Content) -> [UInt8] {
        var members: [JSON.Member] = [
            .init("seq", .int(Int64(seq))), .init("prev", .string(prev.hex)), .init("ts", .string(ts.preciseText)),
            .init("type", .string(content.typeName)),
        ]
        let texts: [(String, String?)] = [
            ("run", content.run), ("actor", content.actor), ("subject", content.subject),
            ("outcome", content.outcome?.rawValue), ("reason", content.reason), ("from", content.from),
            ("to", content.to),
        ]
        for case (let key, let value?) in texts { members.append(.init(key, .string(value))) }
        if !content.links.isEmpty {
            let links = content.links.map { link -> JSON in ["rel": .string(link.rel), "seq": .int(Int64(link.seq))] }
            members.append(.init("links", .array(links)))
        }
        if !content.evidence.isEmpty {
            members.append(.init("evidence", .array(content.evidence.map { .string($0.tagged) })))
        }
        if let data = content.data { members.append(.init("data", data)) }
        return Array(JSON.object(members).compact.utf8)
    }

    /// What every line with this number and predecessor begins with: compared byte by byte before anything is parsed.
    static func prefix(seq: UInt64, prev: Digest) -> [UInt8] {
        Array("{\"seq\":\(seq),\"prev\":\"\(prev.hex)\",\"ts\":\"".utf8)
    }

    /// Reads a line that must have this number and predecessor, in the one spelling that ``encode(seq:prev:ts:_:)`` writes.
    ///
    /// An unknown type is no problem here: its line is read by the same rules.
    static func decode(
        _ line: [UInt8],
        seq: UInt64,
        prev: Digest,
        offset: Int64
    ) throws(Problem) -> Entry {
        let prefix = prefix(seq: seq, prev: prev)
        guard line.starts(with: prefix) else {
            throw Problem(expected: String(decoding: prefix, as: UTF8.self) + "…", found: start(of: line))
        }
        let json: JSON
        do throws(JSONError) { json = try JSON.parse(line, limit: limit, depth: 16) } catch {
            throw Problem(expected: "one strict JSON object of at most \(limit) bytes", found: error.description)
        }
        guard let ts = json["ts"]?.string.flatMap({ Timestamp(preciseText: $0) }) else {
            throw Problem(expected: "ts as YYYY-MM-DDTHH:MM:SS.ffffffZ", found: start(of: line))
        }
        guard let content = content(of: json), encode(seq: seq, prev: prev, ts: ts, content) == line else {
            throw Problem(expected: "the fields of a ledger line in their order and spelling", found: start(of: line))
        }
        return Entry(
            seq: seq,
            prev: prev,
            ts: ts,
            type: EventType(rawValue: content.typeName),
            typeName: content.typeName,
            run: content.run,
            actor: content.actor,
            subject: content.subject,
            outcome: content.outcome,
            reason: content.reason,
            from: content.from,
            to: content.to,
            links: content.links,
            evidence: content.evidence,
            data: content.data,
            leaf: Merkle.leaf(line),
            line: line,
            offset: offset
        )
    }

    // Fields of a wrong kind come out as absent: encoding again then differs from the line, which refuses it.
    private static func content(of json: JSON) -> Content? {
        guard let type = json["type"]?.string else { return nil }
        var links: [Link] = []
        for link in json["links"]?.array ?? [] {
            guard let rel = link["rel"]?.string, let seq = link["seq"]?.int, seq >= 0 else { return nil }
            links.append(Link(rel, UInt64(seq)))
        }
        var evidence: [Digest] = []
        for text in json["evidence"]?.array ?? [] {
            guard let digest = text.string.flatMap({ Digest(tagged: $0) }) else { return nil }
            evidence.append(digest)
        }
        return Content(
            typeName: type,
            run: json["run"]?.string,
            actor: json["actor"]?.string,
            subject: json["subject"]?.string,
            outcome: json["outcome"]?.string.flatMap { Outcome(rawValue: $0) },
            reason: json["reason"]?.string,
            from: json["from"]?.string,
            to: json["to"]?.string,
            links: links,
            evidence: evidence,
            data: json["data"]
        )
    }

    /// The first bytes of a line, safe to show.
    static func start(of line: [UInt8]) -> String {
        line.isEmpty
            ? "an empty line" : shown(String(decoding: line.prefix(120), as: UTF8.self)) + (line.count > 120 ? "…" : "")
    }
}

extension EntryLine {
    /// `ts` of a line whose hash is known to be right: it lies at a fixed place behind the number.
    static func timestamp(of line: [UInt8]) -> Timestamp? {
        // {"seq":N,"prev":"64 digits","ts":"27 characters"
        guard let comma = line.firstIndex(of: 0x2C) else { return nil }
        let begin = comma + 81
        guard line.count >= begin + 27, line[(begin - 7)..<begin].elementsEqual(",\"ts\":\"".utf8) else { return nil }
        return Timestamp(preciseText: String(decoding: line[begin..<begin + 27], as: UTF8.self))
    }
}
