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
    static func lines<Item: Equatable>(
        now: [Item],
        before: [Item]?,
        key: (Item) -> String,
        text: (Item) -> String
    ) -> [Line] {
        guard let before else { return now.map { Line(mark: "", text: text($0)) } }
        var new: [Line] = []
        var changed: [Line] = []
        var same: [Line] = []
        for item in now {
            switch before.first(where: { key($0) == key(item) }) {
            case nil: new.append(Line(mark: "NEW", text: text(item)))
            case let old?:
                if old == item {
                    same.append(Line(mark: "", text: text(item)))
                } else {
                    changed.append(Line(mark: "CHANGED", text: "\(text(item)), was: \(text(old))"))
                }
            }
        }
        let removed = before.filter { old in !now.contains { key($0) == key(old) } }
        return new + changed + removed.map { Line(mark: "REMOVED", text: text($0)) } + same
    }
}
