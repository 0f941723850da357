internal import SallyportDisk
internal import SallyportPackages

/// Writes the files of a package below one directory, through descriptors only.
struct TreeWriter: TreeSink {
    private let root: Directory
    // At most this many descriptors are kept: a package may have 100,000 directories, a process 1,024 descriptors.
    private static let openLimit = 64
    private var open: [String: Directory] = [:]
    private var made: Set<String> = []
    private var file: File?
    private let sync: Bool
    private var paths: [[String]] = [[]]

    /// - Parameter sync: `fsync` each file as it ends; false where a `syncfs` follows.
    init(_ root: Directory, sync: Bool) {
        self.root = root
        self.sync = sync
    }

    mutating func directory(_ path: [String]) throws { _ = try resolve(path) }

    mutating func begin(_ path: [String], executable: Bool) throws {
        guard let name = path.last else { return }
        let parent = try resolve(Array(path.dropLast()))
        file = try parent.createFile(name, mode: executable ? 0o555 : 0o444)
    }

    mutating func write(_ bytes: [UInt8]) throws { try file?.write(bytes) }

    mutating func end() throws {
        if sync { try file?.sync() }
        file = nil
    }

    /// Makes the names durable, the deepest directory first.
    func finish() throws(DiskError) {
        guard sync else { return }
        for path in paths.reversed() { try root.open(path).sync() }
    }

    private mutating func resolve(_ path: [String]) throws(DiskError) -> Directory {
        if path.isEmpty { return root }
        let key = path.joined(separator: "/")
        if let known = open[key] { return known }
        let parent = try resolve(Array(path.dropLast()))
        guard let name = path.last else { return root }
        if made.insert(key).inserted {
            try parent.makeDirectory(name, mode: 0o755)
            paths.append(path)
        }
        let directory = try parent.open(name)
        if open.count >= Self.openLimit { open.removeAll() }
        open[key] = directory
        return directory
    }
}
