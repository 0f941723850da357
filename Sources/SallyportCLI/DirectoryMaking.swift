internal import SallyportBase
internal import SallyportDisk

extension Directory {
    /// Opens a directory at a path and makes it, and what is missing above it, durably.
    static func making(path: String, mode: UInt32) throws -> Directory {
        do throws(DiskError) { return try open(path: path) } catch {
            guard error.isMissing else { throw error }
        }
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        let cut = trimmed.lastIndex(of: "/")
        let above = cut.map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
        let name = cut.map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
        let parent = try making(path: above, mode: 0o755)
        if try parent.makeDirectory(name, mode: mode) { try parent.sync() }
        return try open(path: path)
    }

    /// Makes one directory below, with exactly this mode whether it was there or not.
    func make(_ path: [String], mode: UInt32) throws(DiskError) {
        guard let name = path.last else { return }
        let parent = try open(Array(path.dropLast()))
        if try parent.makeDirectory(name, mode: mode) { try parent.sync() } else { try parent.setMode(of: name, mode) }
    }

    /// Writes a file that must not be there, whole and durable or not at all.
    func createWhole(_ name: String, _ bytes: [UInt8], mode: UInt32) throws(DiskError) {
        let temporary = ".\(name).\(Hex.encode(Random.bytes(6))).tmp"
        do throws(DiskError) {
            let file = try createFile(temporary, mode: mode)
            try file.write(bytes)
            try file.sync()
            try rename(temporary, to: self, as: name)
        } catch {
            _ = try? unlink(temporary)
            throw error
        }
        try sync()
    }
}
