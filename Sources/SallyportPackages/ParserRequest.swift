/// What the parent asks of a child, as the words that go over the helper's socket.
struct ParserRequest: Equatable {
    /// Raised with every change of ``Frame`` or of these words: helper and parent are the same binary, except during an upgrade.
    private static let version: Int64 = 1
    var size: Int64
    var containerOnly: Bool
    var limits: Limits

    init(size: Int64, containerOnly: Bool, limits: Limits) {
        self.size = size
        self.containerOnly = containerOnly
        self.limits = limits
    }

    var words: [Int64] {
        let used: [Int64] = [
            Self.version, size, containerOnly ? 1 : 0, limits.unpackedBytes, Int64(limits.entries), limits.ratio,
            limits.ratioFromBytes, Int64(limits.headerBytes), Int64(limits.manifestBytes), limits.childMemoryBytes,
            Int64(limits.childCPUSeconds),
        ]
        return used + [Int64](repeating: 0, count: 16 - used.count)
    }

    init?(words: [Int64]) {
        guard words.count == 16, words[0] == Self.version else { return nil }
        size = words[1]
        containerOnly = words[2] != 0
        limits = Limits()
        limits.unpackedBytes = words[3]
        limits.entries = Int(words[4])
        limits.ratio = words[5]
        limits.ratioFromBytes = words[6]
        limits.headerBytes = Int(words[7])
        limits.manifestBytes = Int(words[8])
        limits.childMemoryBytes = words[9]
        limits.childCPUSeconds = Int(words[10])
    }
}

/// Exit statuses of a child.
enum ChildStatus {
    static let done: Int32 = 0
    static let libraryMissing: Int32 = 69
    static let notConfined: Int32 = 71
    static let unreadable: Int32 = 74
    static let strangeRequest: Int32 = 78
}
