/// A strict walk over a tar stream that is pushed through it: what it says about entries is what the parent believes; libarchive is
/// asked for a second opinion. It goes on after a refused entry, and stops where it can no longer tell what follows.
struct TarWalk {
    /// What comes out, in the order of the stream.
    enum Event {
        case entry(kind: EntryKind, mode: UInt32, size: UInt64, path: [UInt8])
        case bytes(ArraySlice<UInt8>)
        case end
        case finding(Rule, place: String, text: String)
    }
    private enum State {
        case header
        case data(left: UInt64, padding: Int)
        case padding(Int)
        case special(type: UInt8, left: Int, padding: Int)
        case over(zeroBlocks: Int)
        case stopped
    }
    private var state = State.header
    private var block: [UInt8] = []
    private var special: [UInt8] = []
    private var longName: [UInt8]?
    private var pax: PaxRecords?
    private var headers = 0
    private var pending = 0
    private let limits: (header: Int, unpacked: UInt64, entries: Int)
    /// Entries so far.
    private(set) var entries = 0
    /// True when nothing more can be said about the stream.
    var isStopped: Bool { if case .stopped = state { true } else { false } }
    /// True when the two zero blocks were seen.
    var isOver: Bool { if case .over(let blocks) = state { blocks >= 2 } else { false } }

    init(_ limits: Limits) {
        self.limits = (limits.headerBytes, UInt64(limits.unpackedBytes), limits.entries)
    }

    /// Takes the next bytes of the stream.
    mutating func push(_ bytes: ArraySlice<UInt8>, _ out: (Event) -> Void) {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .stopped: return
            case .data(let left, let padding):
                let piece = rest.prefix(Int(min(left, UInt64(rest.count))))
                rest = rest.dropFirst(piece.count)
                out(.bytes(piece))
                state = .data(left: left - UInt64(piece.count), padding: padding)
                if left == UInt64(piece.count) {
                    out(.end)
                    state = padding == 0 ? .header : .padding(padding)
                }
            case .padding(let count):
                let skipped = min(count, rest.count)
                rest = rest.dropFirst(skipped)
                state = skipped == count ? .header : .padding(count - skipped)
            case .special(let type, let left, let padding):
                let piece = rest.prefix(left)
                special += piece
                rest = rest.dropFirst(piece.count)
                state = .special(type: type, left: left - piece.count, padding: padding)
                if left == piece.count {
                    state = padding == 0 ? .header : .padding(padding)
                    finishSpecial(type, out)
                }
            case .header, .over:
                let piece = rest.prefix(512 - block.count)
                block += piece
                rest = rest.dropFirst(piece.count)
                if block.count == 512 {
                    whole(block[...], out)
                    block.removeAll(keepingCapacity: true)
                }
            }
        }
    }

    /// The stream is at its end.
    mutating func finish(_ out: (Event) -> Void) {
        let cut: String? =
            switch state {
            case .stopped: nil
            case .data: "the archive ends within a file"
            case .padding: "the archive ends within a block"
            case .special: "the archive ends within an extended header"
            case .header: block.isEmpty ? "the archive ends without its end marker" : "the archive ends within a header"
            case .over(let blocks):
                !block.isEmpty
                    ? "the archive ends within a block of its end marker"
                    : blocks < 2 ? "the archive ends within its end marker" : nil
            }
        if let cut { stop(.truncated, cut, out) }
    }

    private mutating func stop(_ rule: Rule, _ text: String, at place: String = "-", _ out: (Event) -> Void) {
        out(.finding(rule, place: place, text: text))
        state = .stopped
    }

    private mutating func whole(_ block: ArraySlice<UInt8>, _ out: (Event) -> Void) {
        let isZero = block.allSatisfy { $0 == 0 }
        if case .over(let zeroBlocks) = state {
            guard isZero else {
                let text =
                    zeroBlocks < 2 ? "a block of zeros within the archive" : "bytes behind the end of the archive"
                return stop(zeroBlocks < 2 ? .tarMalformed : .trailingData, text, out)
            }
            state = .over(zeroBlocks: min(zeroBlocks + 1, 2))
            return
        }
        if isZero {
            if pending > 0 { return stop(.tarMalformed, "an extended header that belongs to no entry", out) }
            state = .over(zeroBlocks: 1)
            return
        }
        headers += 1
        guard let header = TarHeader(block) else {
            return headers == 1
                ? stop(.containerUnknown, "what is inside is no tar archive", out)
                : stop(.tarChecksum, "the checksum of header \(headers) is wrong", out)
        }
        take(header, out)
    }

    private mutating func take(_ header: TarHeader, _ out: (Event) -> Void) {
        guard let size = header.size else {
            return stop(.tarMalformed, "the size of header \(headers) is no number", at: place(header.name), out)
        }
        let padding = Int((512 - size % 512) % 512)
        switch header.type {
        case 0x4C, 0x4B, 0x78, 0x58, 0x67:  // L K x g, and X: Solaris wrote pax headers so
            guard size <= UInt64(limits.header) else {
                return stop(.tarHeaderSize, "an extended header of \(size) bytes; at most \(limits.header)", out)
            }
            pending += header.type == 0x67 ? 0 : 1
            if headers > 4 * limits.entries { return stop(.count, "more than \(4 * limits.entries) headers", out) }
            special.removeAll(keepingCapacity: true)
            state = .special(type: header.type, left: Int(size), padding: padding)
            if size == 0 {
                state = .header
                finishSpecial(header.type, out)
            }
        default: entry(header, size, padding, out)
        }
    }

    private mutating func finishSpecial(_ type: UInt8, _ out: (Event) -> Void) {
        switch type {
        case 0x4C:  // L
            if longName != nil { out(.finding(.tarAmbiguous, place: "-", text: "two long names for one entry")) }
            var name = special
            if name.last == 0 { name.removeLast() }
            longName = name
        case 0x4B: break  // K: the target of a link, and links are refused
        default:
            let records = PaxRecords(special, isGlobal: type == 0x67)
            if let problem = records.problem {
                let rule: Rule = type == 0x67 && !problem.contains("malformed") ? .tarGlobal : .tarMalformed
                return stop(rule, problem, out)
            }
            guard type != 0x67 else { return }
            if pax != nil { out(.finding(.tarAmbiguous, place: "-", text: "two pax headers for one entry")) }
            pax = records
        }
    }

    private mutating func entry(_ header: TarHeader, _ size: UInt64, _ padding: Int, _ out: (Event) -> Void) {
        let path = pax?.path ?? longName ?? header.name
        let place = place(path)
        defer {
            pax = nil
            longName = nil
            pending = 0
        }
        if pax?.path != nil, longName != nil {
            out(.finding(.tarAmbiguous, place: place, text: "a name by pax and another by GNU header"))
        }
        if header.hasStrayPrefix {
            out(.finding(.tarAmbiguous, place: place, text: "a GNU header with a POSIX prefix"))
        }
        if header.isSparse || header.type == 0x53 || pax?.isSparse == true {
            // The size of a sparse entry is not that of its data: nothing behind it can be told.
            return stop(.tarSparse, "a sparse file", at: place, out)
        }
        if pax?.hasAttributes == true {
            out(.finding(.tarAttributes, place: place, text: "extended attributes or access lists"))
        }
        if let told = pax?.size, told != size {
            if told > limits.unpacked {
                return stop(.unpackedSize, "\(told) bytes; at most \(limits.unpacked) in all", at: place, out)
            }
            return stop(.tarAmbiguous, "pax says \(told) bytes, the header \(size)", at: place, out)
        }
        guard let mode = header.mode else {
            return stop(.tarMalformed, "the mode is no number", at: place, out)
        }
        guard size <= limits.unpacked else {
            return stop(.unpackedSize, "\(size) bytes; at most \(limits.unpacked) in all", at: place, out)
        }
        entries += 1
        guard entries <= limits.entries else { return stop(.count, "more than \(limits.entries) entries", out) }
        let kind = kind(header.type, path)
        out(.entry(kind: kind, mode: mode, size: size, path: path))
        guard size > 0 else {
            out(.end)
            state = .header
            return
        }
        // Readers differ on whether data follows a directory, a link or an unknown type that states a size.
        guard kind == .file else {
            out(.end)
            return stop(.tarAmbiguous, "an entry that is no file states \(size) bytes", at: place, out)
        }
        state = .data(left: size, padding: padding)
    }

    private func kind(_ type: UInt8, _ path: [UInt8]) -> EntryKind {
        switch type {
        // A file whose name ends in a slash is how the oldest tars wrote a directory.
        case 0x30, 0x00: path.last == 0x2F ? .directory : .file
        case 0x31: .hardLink
        case 0x32: .symbolicLink
        case 0x33, 0x34: .device
        case 0x35: .directory
        case 0x36: .fifo
        default: .other
        }
    }

    private func place(_ path: [UInt8]) -> String { Paths.place(path) }
}
