private import CArchive
private import Glibc

/// The package's bytes, read once from front to end with `pread`, and unpacked when they are gzip.
///
/// `@safe`: the C state is owned here, freed once, and never handed out.
@safe final class PackageStream {
    enum Piece {
        case bytes(ArraySlice<UInt8>)
        case end
        case broken(Rule, String)
    }
    private let size: Int64
    private let limits: Limits
    private var offset: Int64 = 0
    private var input: ArraySlice<UInt8> = []
    private var inflate: OpaquePointer?
    private var isInflated = false
    /// Bytes that came out so far.
    private(set) var produced: Int64 = 0
    /// The file ended before the stream did.
    private(set) var isCut = false
    /// A read failed.
    private(set) var readError: Int32 = 0

    init(size: Int64, limits: Limits) {
        self.size = size
        self.limits = limits
    }

    deinit { unsafe ca_inflate_free(inflate) }

    /// The first bytes, without taking them.
    func peek() -> ArraySlice<UInt8> {
        fill()
        return input.prefix(Container.looks)
    }

    /// From here on the bytes are a gzip stream. False when there is no memory.
    func beginInflating() -> Bool {
        unsafe inflate = ca_inflate_new()
        return unsafe inflate != nil
    }

    private func fill() {
        guard input.isEmpty, offset < size else { return }
        let want = Int(min(65_536, size - offset))
        var buffer = [UInt8](repeating: 0, count: want)
        let got = unsafe buffer.withUnsafeMutableBytes { unsafe pread(0, $0.baseAddress, want, off_t(offset)) }
        if got < 0 { readError = errno }
        // Shorter than fstat said: it is being written or cut; the rest does not exist.
        guard got > 0 else {
            offset = size
            return
        }
        offset += Int64(got)
        input = buffer.prefix(got)
    }

    /// The next bytes of the archive.
    func next() -> Piece {
        let piece = unsafe inflate == nil ? plain() : unpacked()
        if case .bytes(let bytes) = piece {
            produced += Int64(bytes.count)
            if produced > limits.unpackedBytes {
                return .broken(.unpackedSize, "more than \(limits.unpackedBytes) bytes come out")
            }
            if produced > limits.ratioFromBytes, produced / max(size, 1) >= limits.ratio {
                return .broken(.ratio, "more than \(limits.ratio) bytes come out for each byte of the package")
            }
        }
        return piece
    }

    private func plain() -> Piece {
        fill()
        defer { input = [] }
        if input.isEmpty {
            isCut = true  // Whether anything is missing, the walk says.
            return .end
        }
        return .bytes(input)
    }

    private func unpacked() -> Piece {
        if isInflated { return trailing() }
        while true {
            fill()
            if input.isEmpty {
                isCut = true
                return .broken(.truncated, "the file ends within the gzip stream")
            }
            var used = input.count
            var made = 65_536
            var out = [UInt8](repeating: 0, count: made)
            let result = unsafe input.withUnsafeBufferPointer { bytes in
                unsafe out.withUnsafeMutableBufferPointer { room in
                    unsafe ca_inflate_run(inflate, bytes.baseAddress, &used, room.baseAddress, &made)
                }
            }
            input = input.dropFirst(used)
            if result == -1 { return .broken(.gzipDamaged, "the gzip stream is damaged") }
            if result < 0 { return .broken(.gzipDamaged, "no memory for the gzip stream") }
            if result == 1 { isInflated = true }
            if made > 0 { return .bytes(out.prefix(made)) }
            if isInflated { return trailing() }
            if used == 0 { return .broken(.gzipDamaged, "the gzip stream makes no progress") }
        }
    }

    private func trailing() -> Piece {
        fill()
        let left = Int64(input.count) + size - offset
        guard left > 0, !input.isEmpty else { return .end }
        if input.starts(with: [0x1F, 0x8B]) {
            return .broken(.gzipMembers, "a second gzip stream begins after the first")
        }
        return .broken(.trailingData, "\(left) bytes behind the gzip stream")
    }
}
