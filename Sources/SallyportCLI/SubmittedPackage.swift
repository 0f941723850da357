internal import Glibc
internal import SallyportBase
internal import SallyportDisk
internal import SallyportPackages

/// The file that the caller named, looked at once; what is dropped is what was looked at.
struct SubmittedPackage {
    let inspection: Inspection
    let digest: Digest
    let size: Int64
    private let file: File

    /// Reads, hashes and inspects it.
    init(_ path: String, _ helper: ParserHelper, containerOnly: Bool = false) throws {
        // The caller's own path, so links are followed; a FIFO must not block.
        let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.missing, path, unsafe String(cString: strerror(errno)).lowercased())
        }
        file = File(adopting: descriptor, label: path)
        let status = try file.status()
        guard status.kind == .file else { throw Failure(.missing, path, "not a regular file") }
        size = status.size
        let file = file
        let inspected = try parsing {
            try helper.inspect(package: file.descriptor, size: status.size, containerOnly: containerOnly)
        }
        inspection = inspected
        var hasher = SHA256()
        try Self.blocks(of: file) { hasher.update($0) }
        digest = hasher.finish()
    }

    /// Copies the bytes.
    ///
    /// - Throws: ``Failure`` with 75 when the file was changed since it was inspected.
    func copy(into target: File) throws {
        var hasher = SHA256()
        try Self.blocks(of: file) { block in
            hasher.update(block)
            try target.write(block)
        }
        guard hasher.finish() == digest else {
            throw Failure(
                .transient,
                file.label,
                "was changed while it was read",
                hint: "submit it again when it is complete"
            )
        }
    }

    private static func blocks(of file: File, _ body: ([UInt8]) throws -> Void) throws {
        var offset: Int64 = 0
        while true {
            let block = try file.read(at: offset, count: 1 << 20)
            if block.isEmpty { return }
            try body(block)
            offset += Int64(block.count)
        }
    }
}
