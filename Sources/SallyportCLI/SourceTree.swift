internal import Glibc
internal import SallyportBase
internal import SallyportDisk
internal import SallyportPackages

/// The files of a directory that is to be packed, in the order of a package. It keeps names, never descriptors: however many
/// directories there are, one path's worth of them is open at a time.
struct SourceTree {
    /// One regular file.
    struct Source {
        /// Below the root, parts separated by `/`.
        let path: [UInt8]
        /// The owner may execute it.
        let executable: Bool
    }
    /// Sorted bytewise by path.
    private(set) var sources: [Source] = []
    /// What cannot be packed, all of it.
    private(set) var problems: [Failure.Problem] = []
    private let root: Directory
    private let excluded: [(device: UInt64, inode: UInt64)]

    /// Looks at everything below `root`. `.git` at the top is left out, and so are the files at `outputs`: a package that is written
    /// into the directory it comes from does not contain its predecessor.
    init(_ root: Directory, leavingOut outputs: [String]) throws {
        self.root = root
        excluded = outputs.compactMap { path in
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else { return nil }
            return (UInt64(status.st_dev), UInt64(status.st_ino))
        }
        try collect(root, [], 1)
        sources.sort { $0.path.lexicographicallyPrecedes($1.path) }
    }

    private mutating func collect(_ directory: Directory, _ prefix: [UInt8], _ depth: Int) throws {
        for name in try directory.list() where !(prefix.isEmpty && name.text == ".git") {
            guard let status = try directory.status(of: name),
                !excluded.contains(where: { $0.device == status.device && $0.inode == status.inode })
            else { continue }
            let path = prefix + name.nameBytes
            switch status.kind {
            case .file: sources.append(Source(path: path, executable: status.mode & 0o100 != 0))
            case .directory:
                // The rule of intake; here it also bounds the descriptors.
                guard depth < Limits().depth else {
                    refuse(path, .depth, "more than \(Limits().depth) parts")
                    continue
                }
                try collect(try directory.open(name), path + [0x2F], depth + 1)
            case .link: refuse(path, .symbolicLink, "a symbolic link")
            case .other: refuse(path, .otherKind, "neither file nor directory")
            }
        }
    }

    private mutating func refuse(_ path: [UInt8], _ rule: Rule, _ what: String) {
        let place = path.split(separator: 0x2F).map { percentEncoded($0) }.joined(separator: "/")
        problems.append(.init(place, what, hint: rule.remedy, code: rule.rawValue))
    }

    /// Opens each file in turn.
    ///
    /// - Throws: what `body` throws; ``DiskError`` when a file was removed or replaced meanwhile.
    func forEach(_ body: (Source, File) throws -> Void) throws {
        var open: [(name: FileName, directory: Directory)] = []
        for source in sources {
            let parts = source.path.split(separator: 0x2F).map { FileName(bytes: Array($0)) }
            guard let name = parts.last else { continue }
            let parents = parts.dropLast()
            let shared = zip(open, parents).prefix { $0.0.name == $0.1 }.count
            open.removeLast(open.count - shared)
            for parent in parents.dropFirst(shared) {
                open.append((parent, try (open.last?.directory ?? root).open(parent)))
            }
            try body(source, try (open.last?.directory ?? root).openFile(name))
        }
    }
}
