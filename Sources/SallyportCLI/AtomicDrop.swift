internal import SallyportBase
internal import SallyportDisk

/// Puts files into an area of `incoming/` the way that the runner asks for: written under a name that it ignores, then renamed.
///
/// Nothing is ever replaced, and a killed writer leaves a hidden file that nobody reads.
struct AtomicDrop {
    /// Who drops may write to the area and often not list it.
    let area: Directory
    /// Area below `incoming/`, for messages.
    let place: String

    /// Opens an area.
    ///
    /// - Throws: ``Failure`` with 66 where the area is not there, 77 where this account may not write.
    init(_ root: Directory, _ path: [String]) throws {
        place = "incoming/" + path.joined(separator: "/")
        do throws(DiskError) { area = try root.openForDropping(["incoming"] + path) } catch {
            if error.isMissing {
                throw Failure(
                    .missing,
                    place,
                    "is not there",
                    hint: "sallyport run makes it once a policy is installed"
                )
            }
            if error.isForbidden { throw Failure(.forbidden, place, "this account may not drop here") }
            throw error
        }
    }

    /// Drops a signed text: its companions first, the text last, so that the runner never sees it without them.
    ///
    /// - Parameter companions: endings and bytes of the files that belong to it: `.sig`, `.cause`.
    /// - Returns: the name that the text got: another one than asked for when that is taken.
    func drop(_ text: [UInt8], companions: [(ending: String, bytes: [UInt8])], name: String) throws -> String {
        let taken = try ([""] + companions.map(\.ending)).contains { try area.status(of: name + $0) != nil }
        let free = taken ? "\(name).\(Hex.encode(Random.bytes(4)))" : name
        for companion in companions { try drop(companion.bytes, as: free + companion.ending) }
        try drop(text, as: free)
        return free
    }

    /// Drops one file under a name that must be free.
    func drop(_ bytes: [UInt8], as name: String) throws {
        try drop(as: name) { file throws(DiskError) in try file.write(bytes) }
    }

    /// Drops one file whose content `fill` writes.
    func drop(as name: String, fill: (File) throws -> Void) throws {
        let hidden = ".\(name.prefix(100)).\(Hex.encode(Random.bytes(6))).part"
        do {
            // The runner reads it under another account.
            let file = try area.createFile(hidden, mode: 0o644)
            try fill(file)
            try file.sync()
            try area.rename(hidden, to: area, as: name)
        } catch {
            _ = try? area.unlink(hidden)
            if let disk = error as? DiskError, disk.isForbidden {
                throw Failure(.forbidden, place, "this account may not drop here")
            }
            throw error
        }
    }
}
