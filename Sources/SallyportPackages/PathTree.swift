/// All paths of a package so far, to see two entries that cannot both be.
struct PathTree {
    private struct Node {
        let path: String
        var isDirectory: Bool
        var isNamed: Bool
    }
    /// By folded path: what is equal here is one file on some file systems. Swift compares strings by canonical equivalence, so the
    /// composed and decomposed spellings of a letter are equal too.
    private var nodes: [String: Node] = [:]
    /// Bytes of all paths held: what a package costs this process beside its contents.
    private var heldBytes = 0
    private let pathBytes: Int

    /// - Parameter pathBytes: the most bytes of paths that are held; beyond it the package is refused.
    init(pathBytes: Int) { self.pathBytes = pathBytes }

    /// True when the names alone are too much: a few hundred kilobytes of archive can spell gigabytes of directories.
    var isTooLarge: Bool { heldBytes > pathBytes }

    /// Adds a path; the rules that it breaks together with those before it.
    mutating func add(_ parts: [String], isDirectory: Bool) -> [(rule: Rule, text: String)] {
        var out: [(Rule, String)] = []
        var path = ""
        for (index, part) in parts.enumerated() {
            path += index == 0 ? part : "/" + part
            let isLeaf = index == parts.count - 1
            let key = path.lowercased()
            guard var node = nodes[key] else {
                heldBytes += 2 * path.utf8.count + 96
                if isTooLarge { return out }
                nodes[key] = Node(path: path, isDirectory: !isLeaf || isDirectory, isNamed: isLeaf)
                continue
            }
            let here = !isLeaf || isDirectory
            if !node.path.utf8.elementsEqual(path.utf8) {
                out.append((.collision, "\(Paths.place(node.path.utf8)) differs only in case or normal form"))
                return out
            }
            if node.isDirectory != here {
                out.append((.fileAsDirectory, "\(Paths.place(path.utf8)) is a file and a directory"))
                return out
            }
            guard isLeaf else { continue }
            if node.isNamed { out.append((.duplicate, "the path occurs twice")) }
            node.isNamed = true
            nodes[key] = node
        }
        return out
    }
}
