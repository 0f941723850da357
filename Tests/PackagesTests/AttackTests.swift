import SallyportBase
import SallyportPackages
import Testing

/// One archive a rule; everything else about it is right, so the codes are exactly these.
struct Attack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let codes: [Rule]
    let containerOnly: Bool

    init(_ name: String, _ codes: [Rule], containerOnly: Bool = false, raw: [UInt8]) {
        (testDescription, self.codes, bytes, self.containerOnly) = (name, codes, raw, containerOnly)
    }

    init(_ name: String, _ codes: [Rule], _ change: (inout Archive) -> Void) {
        var archive = Archive.good()
        change(&archive)
        self.init(name, codes, raw: archive.gzip)
    }

    static func named(_ name: String, _ codes: [Rule]) -> Attack { Attack("path \(name)", codes) { $0.add(name) } }

    static let names: [Attack] = [
        .named("/etc/passwd", [.absolute]), .named("../x", [.traversal]), .named("a/../../x", [.traversal]),
        .named("..", [.traversal]), .named("C:x", [.drive]), .named("C:\\x", [.drive, .backslash]),
        .named("\\\\host\\share", [.unc]), .named("//host/share", [.unc]), .named("a\\b", [.backslash]),
        .named("..\\..\\x", [.backslash, .traversal]), .named("a\u{1}b", [.control]), .named("a\nb", [.control]),
        .named("a\u{7F}", [.control]), .named("a\u{202E}gpj.exe", [.invisible]), .named("a\u{200B}b", [.invisible]),
        .named("a//b", [.emptyPart]), .named("a/./b", [.dot]), .named("././a", [.dot]), .named("a.", [.trailing]),
        .named("a /b", [.trailing]), .named("con", [.reserved]), .named("d/NUL.txt", [.reserved]),
        .named("com1.tar.gz", [.reserved]),
        Attack("path that is not UTF-8", [.encoding]) { $0.add([0x66, 0xFC], [0x78]) },
        Attack("empty path", [.emptyPart]) { $0.add("") },
        Attack("part of 256 bytes", [.length]) {
            $0.pax([("path", String(repeating: "a", count: 256))])
            $0.add("a")
        },
        Attack("path of 1,025 bytes", [.length]) {
            $0.pax([
                (
                    "path",
                    String(repeating: "abcd/", count: 20) + String(repeating: "a/", count: 0)
                        + (0..<10).map { _ in String(repeating: "b", count: 92) }.joined(separator: "/")
                )
            ])
            $0.add("a")
        },
        Attack("33 parts", [.depth]) { $0.add(Array(repeating: "a", count: 33).joined(separator: "/")) },
        Attack("PROOF at the top", [.proof]) { $0.add("PROOF/x") },
        Attack("proof at the top in other case", [.proof]) { $0.add("Proof") },
        Attack("two names that differ in case", [.collision]) { $0.add("RUN.sh") },
        Attack("two directories that differ in case", [.collision]) { $0.add("Tools/x.json") },
        Attack("two normal forms of one name", [.collision]) {
            $0.add("caf\u{E9}")
            $0.add("cafe\u{301}")
        },
        Attack("one name twice", [.duplicate]) { $0.add("run.sh") },
        Attack("one directory twice", [.duplicate]) {
            $0.directory("d/")
            $0.directory("d/")
        },
        Attack("a file as directory", [.fileAsDirectory]) { $0.add("run.sh/x") },
        Attack("a directory as file", [.fileAsDirectory]) { $0.add("tools") },
    ]

    static let kinds: [Attack] = [
        Attack("symbolic link", [.symbolicLink]) { $0.bytes += Archive.header(Array("l".utf8), type: "2") },
        Attack("hard link", [.hardLink]) { $0.bytes += Archive.header(Array("l".utf8), type: "1") },
        Attack("character device", [.device]) { $0.bytes += Archive.header(Array("l".utf8), type: "3") },
        Attack("block device", [.device]) { $0.bytes += Archive.header(Array("l".utf8), type: "4") },
        Attack("FIFO", [.fifo]) { $0.bytes += Archive.header(Array("l".utf8), type: "6") },
        Attack("contiguous file", [.otherKind]) { $0.bytes += Archive.header(Array("l".utf8), type: "7") },
        Attack("setuid", [.mode]) { $0.add("s", mode: "0004755") },
        Attack("setgid directory", [.mode]) {
            $0.bytes += Archive.header(Array("d/".utf8), mode: "0002755", type: "5")
        },
        Attack("sticky directory", [.mode]) {
            $0.bytes += Archive.header(Array("d/".utf8), mode: "0001777", type: "5")
        },
        Attack("several at once", [.symbolicLink, .traversal, .mode]) {
            $0.bytes += Archive.header(Array("../l".utf8), type: "2")
            $0.add("s", mode: "0004755")
        },
    ]

    static let tars: [Attack] = [
        Attack("wrong checksum", [.tarChecksum]) {
            $0.bytes += Archive.header(Array("a".utf8), checksum: "000001\u{0} ")
        },
        Attack("size that is no number", [.tarMalformed]) {
            $0.bytes += Archive.header(Array("a".utf8), size: "9999999zz99")
        },
        Attack("zero block within", [.tarMalformed]) {
            $0.bytes += [UInt8](repeating: 0, count: 512)
            $0.add("late")
        },
        Attack("bytes behind the end", [.trailingData]) {
            $0.bytes += [UInt8](repeating: 0, count: 1_024)
            $0.add("late")
        },
        Attack("pax header of nothing", [.tarMalformed]) { $0.pax([("path", "x")]) },
        Attack("malformed pax record", [.tarMalformed]) {
            $0.add("PaxHeader", "99 path=x\n", type: "x")
            $0.add("a")
        },
        Attack("pax path twice in one header", [.tarMalformed]) {
            $0.pax([("path", "b"), ("path", "c")])
            $0.add("a")
        },
        Attack("two pax headers", [.tarAmbiguous]) {
            $0.pax([("comment", "b")])
            $0.pax([("path", "c")])
            $0.add("a")
        },
        Attack("pax size other than the header's", [.tarAmbiguous]) {
            $0.pax([("size", "999")])
            $0.add("a")
        },
        Attack("pax and GNU name", [.tarAmbiguous]) {
            $0.pax([("path", "c")])
            $0.add("././@LongLink", "d\u{0}", type: "L")
            $0.add("a")
        },
        Attack("directory with a size", [.tarAmbiguous]) {
            $0.bytes += Archive.header(Array("d/".utf8), size: "00000000001", type: "5")
        },
        Attack("global path", [.tarGlobal]) { $0.pax([("path", "c")], type: "g") },
        Attack("GNU sparse by pax", [.tarSparse]) {
            $0.pax([("GNU.sparse.major", "1")])
            $0.add("a")
        },
        Attack("old GNU sparse", [.tarSparse]) {
            $0.bytes += Archive.header(Array("a".utf8), type: "S", magic: "ustar  \u{0}")
        },
        Attack("extended attributes", [.tarAttributes]) {
            $0.pax([("SCHILY.xattr.user.x", "y")])
            $0.add("a")
        },
        Attack("pax header of 70,000 bytes", [.tarHeaderSize]) {
            $0.pax([("comment", String(repeating: "c", count: 70_000))])
            $0.add("a")
        },
        Attack("16 GiB announced", [.unpackedSize]) {
            $0.bytes += Archive.header(Array("a".utf8), size: "77777777777")
        },
    ]

    static let containers: [Attack] = [
        Attack("zip", [.containerUnsupported], raw: [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 40)),
        Attack("zstd", [.containerUnsupported], raw: [0x28, 0xB5, 0x2F, 0xFD] + [UInt8](repeating: 0, count: 40)),
        Attack(
            "xz",
            [.containerUnsupported],
            raw: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] + [UInt8](repeating: 0, count: 40)
        ),
        Attack("bzip2", [.containerUnsupported], raw: Array("BZh91AY".utf8)),
        Attack("7z", [.containerUnsupported], raw: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4]),
        Attack("rar", [.containerUnsupported], raw: Array("Rar!\u{1A}\u{7}\u{0}".utf8)),
        Attack("cpio", [.containerUnsupported], raw: Array("0707010000".utf8)),
        Attack("plain tar", [.containerUnsupported], raw: Archive.good().tar),
        Attack("text", [.containerUnknown], raw: Array("hello, this is no archive\n".utf8)),
        Attack("gzip of text", [.truncated], raw: Archive.gzip(Array("hello".utf8))),
        Attack("gzip of a long text", [.containerUnknown], raw: Archive.gzip([UInt8](repeating: 0x61, count: 2_000))),
        Attack("gzip of gzip", [.containerUnknown], raw: Archive.gzip(Archive.good().gzip)),
        Attack("two members", [.gzipMembers], raw: Archive.good().gzip + Archive.good().gzip),
        Attack("bytes behind", [.trailingData], raw: Archive.good().gzip + [0]),
        Attack(
            "flipped CRC",
            [.gzipDamaged],
            raw: {
                var b = Archive.good().gzip; b[b.count - 6] ^= 1; return b
            }()
        ),
        Attack(
            "wrong length",
            [.gzipDamaged],
            raw: {
                var b = Archive.good().gzip; b[b.count - 1] ^= 1; return b
            }()
        ),
        Attack("empty file", [.truncated], raw: []),
        Attack("no entries", [.empty], raw: Archive().gzip),
        Attack(
            "only a directory",
            [.empty],
            raw: {
                var a = Archive(); a.directory("d/"); return a.gzip
            }()
        ),
        Attack("tar cut within a file", [.truncated], raw: Archive.gzip(Array(Archive.good().bytes.prefix(700)))),
        Attack(
            "no manifest",
            [.manifestMissing],
            raw: {
                var a = Archive(); a.add("x"); return a.gzip
            }()
        ),
    ]
}

@Suite("One archive a rule") struct AttackTests {
    @Test("exact codes", arguments: Attack.names + Attack.kinds + Attack.tars + Attack.containers)
    func codes(_ attack: Attack) throws {
        let inspection = try inspect(attack.bytes)
        #expect(Set(inspection.findings.map(\.rule)) == Set(attack.codes.map(\.rawValue)))
        #expect(!inspection.isAccepted)
        #expect(inspection.findings.allSatisfy { !$0.remedy.isEmpty && !$0.text.isEmpty })
    }

    @Test("the limits stop what the archive announces and what it does not") func limits() throws {
        var limits = Limits()
        limits.entries = 2
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule) == ["F-COUNT"])
        limits = Limits()
        limits.unpackedBytes = 2_000
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule) == ["F-SIZE-UNPACKED"])
        limits = Limits()
        limits.packageBytes = 10
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule) == ["F-SIZE-PACKAGE"])
        limits = Limits()
        limits.manifestBytes = 50
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule) == ["F-MANIFEST-SIZE"])
        limits = Limits()
        limits.capabilities = 1
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule) == ["F-MANIFEST-CAPABILITIES"])
        limits = Limits()
        limits.findings = 2
        var archive = Archive.good()
        for name in ["/a", "/b", "/c", "/d"] { archive.add(name) }
        let inspection = try inspect(archive.gzip, limits: limits)
        #expect(inspection.findings.map(\.rule) == ["F-PATH-ABSOLUTE", "F-PATH-ABSOLUTE", "F-MORE"])
    }

    @Test("two megabytes of one letter in a few kilobytes are a bomb") func ratio() throws {
        var packed: [UInt8] = []
        let writer = try PackageWriter { packed += $0 }
        try writer.begin(Array("zeros".utf8), executable: false, size: 4 << 20)
        for _ in 0..<4 { try writer.content([UInt8](repeating: 0x30, count: 1 << 20)) }
        try writer.end()
        try writer.finish()
        #expect(try inspect(packed).findings.map(\.rule) == ["F-RATIO"])
    }

    @Test("a child without time ends as a finding, and the next package is read") func watchdog() throws {
        var limits = Limits()
        limits.childWallSeconds = 0
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule) == ["F-TIMEOUT"])
        #expect(try inspect(Archive.good().gzip).isAccepted)
    }

    @Test("a child without memory ends as a finding, and the next package is read") func memory() throws {
        var limits = Limits()
        limits.childMemoryBytes = 1 << 16
        #expect(try inspect(Archive.good().gzip, limits: limits).findings.map(\.rule).first != nil)
        #expect(try inspect(Archive.good().gzip).isAccepted)
    }
}
