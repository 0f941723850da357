private import CArchive

/// Writes a package that depends on nothing but names, modes and contents: ustar headers without owner and time, pax records only for
/// long names, one gzip stream without name and time.
///
/// `@safe`: the C state is owned here and freed once.
@safe public final class PackageWriter {
    /// What zlib could not do.
    public enum Failure: Error, Equatable, Sendable {
        /// zlib is not installed, or has no memory.
        case noCompressor
        /// A file has another length than was announced: it changed while it was read.
        case changed(path: String)
    }
    private let write: ([UInt8]) throws -> Void
    private var deflate: OpaquePointer?
    private var left: UInt64 = 0
    private var padding = 0
    private var current = ""

    /// Begins an archive; `write` takes its bytes in order.
    ///
    /// - Throws: ``Failure/noCompressor``.
    public init(write: @escaping ([UInt8]) throws -> Void) throws {
        guard unsafe ca_load_zlib() == nil, let state = unsafe ca_deflate_new() else { throw Failure.noCompressor }
        self.write = write
        unsafe deflate = state
    }

    deinit { unsafe ca_deflate_free(deflate) }

    /// Begins a file of exactly `size` bytes. For the same archive from the same files, add them sorted bytewise by path.
    public func begin(_ path: [UInt8], executable: Bool, size: UInt64) throws {
        current = Paths.place(path)
        if path.count > 100 {
            // A pax header names it; the ustar name below is only for readers that do not know pax.
            let record = Self.record("path", path)
            try compress(Self.header(Array("PaxHeader".utf8), mode: 0o644, size: UInt64(record.count), type: 0x78))
            try compress(record + [UInt8](repeating: 0, count: (512 - record.count % 512) % 512))
        }
        try compress(Self.header(Array(path.prefix(100)), mode: executable ? 0o755 : 0o644, size: size, type: 0x30))
        left = size
        padding = Int((512 - size % 512) % 512)
        if size == 0 { padding = 0 }
    }

    /// The next bytes of the file.
    public func content(_ bytes: [UInt8]) throws {
        guard UInt64(bytes.count) <= left else { throw Failure.changed(path: current) }
        left -= UInt64(bytes.count)
        try compress(bytes)
    }

    /// The file is complete.
    public func end() throws {
        guard left == 0 else { throw Failure.changed(path: current) }
        if padding > 0 { try compress([UInt8](repeating: 0, count: padding)) }
    }

    /// The archive is complete.
    public func finish() throws {
        try compress([UInt8](repeating: 0, count: 1_024))
        try run([], finish: true)
    }

    private func compress(_ bytes: [UInt8]) throws { try run(bytes, finish: false) }

    private func run(_ bytes: [UInt8], finish: Bool) throws {
        var rest = bytes[...]
        while true {
            var used = rest.count
            var made = 65_536
            var out = [UInt8](repeating: 0, count: made)
            let result = unsafe rest.withUnsafeBufferPointer { input in
                unsafe out.withUnsafeMutableBufferPointer { room in
                    unsafe ca_deflate_run(deflate, input.baseAddress, &used, room.baseAddress, &made, finish ? 1 : 0)
                }
            }
            guard result >= 0 else { throw Failure.noCompressor }
            rest = rest.dropFirst(used)
            if made > 0 { try write(Array(out.prefix(made))) }
            if result == 1 || (!finish && rest.isEmpty && made < 65_536) { return }
        }
    }

    // The length counts its own digits.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let body = Array(" \(key)=".utf8) + value + [0x0A]
        var count = body.count + 1
        while String(count).utf8.count + body.count != count { count = String(count).utf8.count + body.count }
        return Array(String(count).utf8) + body
    }

    private static func header(_ name: [UInt8], mode: UInt64, size: UInt64, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: UInt64, _ width: Int) -> [UInt8] {
            let digits = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits).utf8)
        }
        put(name, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        block[156] = type
        put("ustar\u{0}00".utf8, at: 257)
        put(octal(0, 7), at: 329)
        put(octal(0, 7), at: 337)
        let sum = block.reduce(0) { $0 + UInt64($1) }
        put(octal(sum, 6) + [0, 0x20], at: 148)
        return block
    }
}
