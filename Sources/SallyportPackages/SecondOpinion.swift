private import CArchive

/// libarchive's view of the stream that the strict walk sees: where the two differ, somebody's unpacker will see another package than
/// the reviewers did.
///
/// `@safe`: the C reader is owned here and closed once; the buffer that it reads from lives as long.
@safe final class SecondOpinion {
    /// An entry as one of the two sees it.
    struct Seen: Equatable {
        var path: [UInt8]
        var isDirectory: Bool
        var isFile: Bool
        var size: Int64
        var checksum: UInt32
    }
    private var expected: [Seen] = []
    private var first = 0
    private var seen = 0
    private let more: () -> ArraySlice<UInt8>?
    private var current: UnsafeMutableBufferPointer<UInt8>
    private static let room = 65_536

    /// - Parameter more: gives the next bytes, at most 65,536, after the strict walk has seen them; `nil` at the end.
    init(more: @escaping () -> ArraySlice<UInt8>?) {
        self.more = more
        unsafe current = .allocate(capacity: Self.room)
    }

    deinit { unsafe current.deallocate() }

    /// What the walk saw begin.
    func begin(_ path: [UInt8], _ kind: EntryKind, _ size: UInt64) {
        expected.append(
            Seen(path: path, isDirectory: kind == .directory, isFile: kind == .file, size: Int64(size), checksum: 0)
        )
    }

    /// What the walk saw of its content.
    func bytes(_ bytes: ArraySlice<UInt8>) {
        guard !expected.isEmpty else { return }
        let last = expected.count - 1
        unsafe bytes.withUnsafeBufferPointer { raw in
            expected[last].checksum = unsafe ca_crc32(expected[last].checksum, raw.baseAddress, raw.count)
        }
    }

    /// Reads the whole stream; the first difference, or `nil`.
    func firstDifference() -> (place: String, text: String)? {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let reader = unsafe ca_tar_open(context) { context, bytes in
            guard let context = unsafe context, let bytes = unsafe bytes else { return -1 }
            let me = unsafe Unmanaged<SecondOpinion>.fromOpaque(context).takeUnretainedValue()
            return unsafe me.give(bytes)
        }
        guard let reader = unsafe reader else { return ("-", "libarchive has no memory") }
        defer { unsafe ca_tar_close(reader) }
        while true {
            var entry = unsafe ca_entry()
            let result = unsafe ca_tar_next(reader, &entry)
            // A first header that it does not recognise, for a number field that nobody reads: then there is no second opinion.
            if result < 0, first == 0, seen == 0 { return nil }
            if result < 0 { return ("-", "libarchive: \(unsafe String(cString: ca_tar_problem(reader)))") }
            if result == 1 {
                while let rest = more() { _ = rest }
                guard first == expected.count else {
                    return (Paths.place(expected[first].path), "libarchive does not see it")
                }
                return nil
            }
            seen += 1
            guard first < expected.count else { return ("-", "libarchive sees an entry that is not there") }
            let mine = expected[first]
            var theirs = Seen(
                path: unsafe bytes(of: entry.path),
                isDirectory: unsafe entry.kind == 0x64,
                isFile: unsafe entry.kind == 0x66,
                size: unsafe entry.size,
                checksum: 0
            )
            while true {
                var piece: UnsafeRawPointer?
                var count = 0
                var offset: Int64 = 0
                let result = unsafe ca_tar_data(reader, &piece, &count, &offset)
                if result == 1 { break }
                if result < 0 {
                    return (Paths.place(mine.path), "libarchive: \(unsafe String(cString: ca_tar_problem(reader)))")
                }
                if let piece = unsafe piece {
                    theirs.checksum = unsafe ca_crc32(
                        theirs.checksum,
                        piece.assumingMemoryBound(to: UInt8.self),
                        count
                    )
                }
            }
            if let text = Self.difference(expected[first], theirs) { return (Paths.place(mine.path), text) }
            first += 1
            // What both have said is not needed any more.
            if first == 1_024 {
                expected.removeFirst(first)
                first = 0
            }
        }
    }

    private static func difference(_ mine: Seen, _ theirs: Seen) -> String? {
        // Links, devices and the rest are refused, whatever another reader makes of them.
        guard mine.isFile || mine.isDirectory else { return nil }
        var a = mine.path[...]
        var b = theirs.path[...]
        while a.last == 0x2F { a.removeLast() }
        while b.last == 0x2F { b.removeLast() }
        // A name that is refused anyway need not be the same: libarchive ends it at a NUL and cannot say legacy code pages.
        let isComparable = !a.contains(0) && String(validating: a, as: UTF8.self) != nil
        if isComparable, !a.elementsEqual(b) { return "libarchive calls it \(Paths.place(theirs.path))" }
        if mine.isFile != theirs.isFile || mine.isDirectory != theirs.isDirectory {
            return "libarchive sees another kind of entry"
        }
        guard mine.isFile else { return nil }
        if mine.size != theirs.size { return "libarchive sees \(theirs.size) bytes, not \(mine.size)" }
        return mine.checksum == theirs.checksum ? nil : "libarchive sees other content"
    }

    @unsafe private func bytes(of text: UnsafePointer<CChar>?) -> [UInt8] {
        guard let text = unsafe text else { return [] }
        return Array(unsafe String(cString: text).utf8)
    }

    @unsafe private func give(_ bytes: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int64 {
        guard let piece = more() else { return 0 }
        let count = min(piece.count, Self.room)
        unsafe _ = current.update(fromContentsOf: piece.prefix(count))
        unsafe bytes.pointee = UnsafeRawPointer(current.baseAddress)
        return Int64(count)
    }
}
