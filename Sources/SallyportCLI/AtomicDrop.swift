internal import Glibc
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

    /// Drops a signed text: text and signature as one file, so that one rename hands over both and a kill leaves both or neither.
    ///
    /// - Parameter attachment: ending and bytes of a file that belongs to it (`.cause`). It comes first, so that the runner never sees
    ///   the text without it; where a killed call left it under this name, it is used again.
    /// - Returns: the name that the text got: another one than asked for when that is taken.
    func drop(
        _ text: [UInt8],
        signature: [UInt8],
        attachment: (ending: String, bytes: [UInt8])? = nil,
        name: String
    ) throws -> String {
        var free = name
        var isAttached = try attachment.map { try holds(name + $0.ending, $0.bytes) } ?? false
        let isTaken = try area.status(of: name) != nil
        let isOther = try !isAttached && attachment.map { try area.status(of: name + $0.ending) != nil } ?? false
        if isTaken || isOther {
            free += "." + Hex.encode(Random.bytes(4))
            isAttached = false
        }
        if let attachment, !isAttached { try drop(attachment.bytes, as: free + attachment.ending) }
        try drop(text + signature, as: free)
        return free
    }

    /// True when a file of this account lies under the name and holds exactly these bytes.
    private func holds(_ name: String, _ bytes: [UInt8]) throws -> Bool {
        guard let status = try area.status(of: name), status.uid == geteuid(), status.size == Int64(bytes.count) else {
            return false
        }
        return try area.read(name, limit: bytes.count) == bytes
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
