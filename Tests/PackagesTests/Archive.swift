import Foundation
import SallyportBase
import SallyportPackages
import TestSupport
import Testing

/// Archives made byte by byte, so that each can be wrong in exactly one way.
struct Archive {
    var bytes: [UInt8] = []

    static func header(
        _ name: [UInt8],
        size: String = "00000000000",
        mode: String = "0000644",
        type: Character = "0",
        magic: String = "ustar\u{0}00",
        prefix: String = "",
        checksum: String? = nil
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Sequence<UInt8>, _ offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        put(name.prefix(100), 0)
        put(mode.utf8, 100)
        put("0000000".utf8, 108)
        put("0000000".utf8, 116)
        put(size.utf8, 124)
        put("00000000000".utf8, 136)
        put("        ".utf8, 148)
        put(String(type).utf8, 156)
        put(magic.utf8, 257)
        put(prefix.utf8, 345)
        let sum = block.reduce(0) { $0 + Int($1) }
        put((checksum ?? String(format: "%06o\u{0} ", sum)).utf8, 148)
        return block
    }

    static func octal(_ number: Int) -> String { String(format: "%011o", number) }

    mutating func add(_ name: String, _ content: String = "x", type: Character = "0", mode: String = "0000644") {
        add(Array(name.utf8), Array(content.utf8), type: type, mode: mode)
    }

    mutating func add(_ name: [UInt8], _ content: [UInt8], type: Character = "0", mode: String = "0000644") {
        bytes += Self.header(name, size: Self.octal(content.count), mode: mode, type: type)
        bytes += content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    mutating func directory(_ name: String) { bytes += Self.header(Array(name.utf8), mode: "0000755", type: "5") }

    mutating func pax(_ records: [(String, String)], type: Character = "x") {
        add(type == "x" ? "PaxHeader" : "g", records.map { Self.record($0.0, $0.1) }.joined(), type: type)
    }

    static func record(_ key: String, _ value: String) -> String {
        let body = " \(key)=\(value)\n"
        var count = body.utf8.count + 1
        while String(count).utf8.count + body.utf8.count != count { count = String(count).utf8.count + body.utf8.count }
        return String(count) + body
    }

    /// With the end marker.
    var tar: [UInt8] { bytes + [UInt8](repeating: 0, count: 1_024) }
    /// The tar as one gzip member of stored blocks.
    var gzip: [UInt8] { Self.gzip(tar) }

    static func gzip(_ content: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var rest = content[...]
        repeat {
            let piece = rest.prefix(65_535)
            rest = rest.dropFirst(piece.count)
            let count = UInt16(piece.count)
            out += [
                rest.isEmpty ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), ~UInt8(count & 255), ~UInt8(count >> 8),
            ]
            out += piece
        } while !rest.isEmpty
        for word in [crc32(content), UInt32(truncatingIfNeeded: content.count)] {
            for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
        }
        return out
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// A whole, good package.
    static func good(_ manifest: String = goodManifest) -> Archive {
        var archive = Archive()
        archive.add("agent.json", manifest)
        archive.add("run.sh", "#!/bin/sh\n", mode: "0000755")
        archive.add("tools/read.json", "{}")
        return archive
    }
}

let goodManifest = """
    {"schema": "sallyport.agent/v1", "name": "invoice-triage", "version": "1.5.0",
     "owner": {"team": "finance", "contact": "finance@example.com"}, "dataClassification": "internal",
     "runtime": {"kind": "process", "entrypoint": {"command": "./run.sh"}},
     "tools": [{"name": "erp.read", "contract": "tools/read.json", "access": "read", "risk": "low", "auth": "mtls"}],
     "network": {"egress": ["erp.internal:443"]}}
    """

/// One helper for all tests: that is how the product uses it.
let helper = Result { try ParserHelper.start(executable: builtExecutable) }

/// Looks at bytes through a file without a name.
func inspect(
    _ bytes: [UInt8],
    limits: Limits = Limits(),
    containerOnly: Bool = false,
    keeping: Set<String> = [],
    into sink: (any TreeSink)? = nil,
    stripping prefix: String = ""
) throws -> Inspection {
    let path = NSTemporaryDirectory() + "/sallyport-\(UUID().uuidString)"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    unsafe unlink(path)
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: Data(bytes))
    return try helper.get().inspect(
        package: descriptor,
        size: Int64(bytes.count),
        limits: limits,
        containerOnly: containerOnly,
        keeping: keeping,
        into: sink,
        stripping: prefix
    )
}
