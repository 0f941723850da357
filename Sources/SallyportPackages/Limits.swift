/// What a package may use up. Each value is a limit with its unit and the reason for it; a real agent is far below all of
/// them (largest of 69 public ones: 3 MB packed, 10.5 MB unpacked, 800 entries, ratio 7.8).
public struct Limits: Equatable, Sendable {
    /// Bytes of the archive as dropped. A copy must fit beside the releases that are kept.
    public var packageBytes: Int64 = 512 << 20
    /// Bytes that come out of the decompressor, headers and padding included. Bounds disk and time of one package.
    public var unpackedBytes: Int64 = 1 << 30
    /// Entries, directories included. Each costs an inode and a line of the report.
    public var entries = 100_000
    /// Unpacked bytes for each packed byte. Text compresses 10:1, a bomb 1,000:1.
    public var ratio: Int64 = 200
    /// Unpacked bytes below which the ratio is not looked at: an archive of padding alone reaches 200:1 honestly.
    public var ratioFromBytes: Int64 = 1 << 20
    /// Bytes of one part of a path: NAME_MAX of every common file system.
    public var nameBytes = 255
    /// Bytes of a whole path: leaves room below PATH_MAX (4,096) for the directories in front of it.
    public var pathBytes = 1_024
    /// Parts of a path. Deeper trees are generated, and slow everything that walks them.
    public var depth = 32
    /// Bytes that the names of all files and directories, implied ones too, may take in this process: 100,000 ordinary paths. A few
    /// hundred kilobytes of archive can spell gigabytes of directories.
    public var treeBytes = 32 << 20
    /// Bytes of one pax or GNU long-name header: a path of ``pathBytes`` needs two blocks.
    public var headerBytes = 65_536
    /// Bytes of `agent.json`: 25 tools take 4 KB.
    public var manifestBytes = 262_144
    /// Bytes kept in memory of all files that the caller asked to keep.
    public var keptBytes = 4 << 20
    /// Findings that are listed; the rest is one line with their number.
    public var findings = 200
    /// Capabilities of one agent: they are lines of a signed text of at most 512.
    public var capabilities = 300
    /// Bytes of address space of the child: it streams; 1 GiB of unpacked data passes through 64 KiB at a time.
    public var childMemoryBytes: Int64 = 512 << 20
    /// Seconds of processor time of the child: 1 GiB inflates in 4.
    public var childCPUSeconds = 30
    /// Seconds on the wall from the request to the answer's end, for a machine that is busy with other things.
    public var childWallSeconds = 120

    /// The product's own limits.
    public init() {}
}
