/// What runs in the slot now, to compare with.
public struct LiveRelease: Sendable {
    /// `<version>-r<seq>`.
    public let release: String
    /// Its manifest.
    public let manifest: Manifest
    /// Its files.
    public let entries: [PackageEntry]
    /// Makes a live release.
    public init(release: String, manifest: Manifest, entries: [PackageEntry]) {
        self.release = release
        self.manifest = manifest
        self.entries = entries
    }
}

/// What differs between what is live and what is proposed, in lists that people read.
struct Difference {
    /// One line with its mark: NEW, CHANGED, REMOVED, or nothing.
    struct Line: Equatable {
        let mark: String
        let text: String
    }

    /// Marks every item of `now` against `before` by key, changes first, in the order written; without a `before` nothing is marked.
    ///
    /// - Parameter text: the line of an item, and of what it was when it changed.
    static func lines<Item: Equatable>(
        now: [Item],
        before: [Item]?,
        key: (Item) -> String,
        text: (_ item: Item, _ was: Item?) -> String
    ) -> [Line] {
        guard let before else { return now.map { Line(mark: "", text: text($0, nil)) } }
        let old = Dictionary(before.map { (key($0), $0) }) { first, _ in first }
        let keys = Set(now.map(key))
        var new: [Line] = []
        var changed: [Line] = []
        var same: [Line] = []
        for item in now {
            switch old[key(item)] {
            case nil: new.append(Line(mark: "NEW", text: text(item, nil)))
            case item?: same.append(Line(mark: "", text: text(item, nil)))
            case let was?: changed.append(Line(mark: "CHANGED", text: text(item, was)))
            }
        }
        let removed = before.filter { !keys.contains(key($0)) }
        return new + changed + removed.map { Line(mark: "REMOVED", text: text($0, nil)) } + same
    }
}
