import SallyportBase
import SallyportPackages
import Testing

@Suite("Cut and flipped packages") struct HostileBytesTests {
    /// Really compressed, so that every cut lies somewhere else in the stream's structure.
    static let packed: [UInt8] = {
        var out: [UInt8] = []
        let good: [(String, String)] = [
            ("agent.json", goodManifest), ("run.sh", "#!/bin/sh\n"), ("tools/read.json", "{}"),
        ]
        guard let writer = try? PackageWriter(write: { out += $0 }) else { return [] }
        for (path, content) in good {
            try? writer.begin(Array(path.utf8), executable: false, size: UInt64(content.utf8.count))
            try? writer.content(Array(content.utf8))
            try? writer.end()
        }
        try? writer.finish()
        return out
    }()

    @Test("the package itself is good, and python's gzip reads it") func itself() throws {
        #expect(try inspect(Self.packed).findings == [])
    }

    @Test("cut at every byte it is incomplete, never accepted") func cut() throws {
        #expect(Self.packed.count > 200)
        for count in Self.packed.indices {
            let inspection = try inspect(Array(Self.packed.prefix(count)))
            #expect(inspection.findings.map(\.rule) == ["F-TRUNCATED"], "cut at \(count)")
            #expect(inspection.isIncomplete)
        }
    }

    @Test("a plain tar cut at every 64 bytes before its end is incomplete") func cutTar() throws {
        let tar = Archive.good().tar
        for count in stride(from: 512, to: tar.count - 1, by: 64) {
            let inspection = try inspect(Array(tar.prefix(count)), containerOnly: true)
            #expect(inspection.findings.map(\.rule) == ["F-TRUNCATED"], "cut at \(count)")
            #expect(inspection.isIncomplete)
        }
        #expect(try inspect(tar, containerOnly: true).isAccepted)
    }

    @Test("flipped bits anywhere end in a verdict", arguments: [1, 2, 3, 4] as [UInt64]) func flipped(_ seed: UInt64)
        throws
    {
        var random = SplitMix(state: seed)
        let tar = Archive.good().tar
        for round in 0..<150 {
            // Half of them behind a good gzip frame, where the tar walk and the manifest are reached.
            var bytes = round % 2 == 0 ? Self.packed : tar
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let inspection = try inspect(round % 2 == 0 ? bytes : Archive.gzip(bytes))
            #expect(
                !inspection.findings.contains { $0.rule == "F-PARSER-DIED" || $0.rule == "F-TIMEOUT" },
                "round \(round)"
            )
        }
    }
}

/// SplitMix64: the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
