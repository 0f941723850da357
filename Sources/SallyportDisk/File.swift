internal import CLinux
internal import Glibc

/// An open file; the descriptor is closed with the last reference and never inherited (`O_CLOEXEC`).
public final class File: Sendable {
    /// The descriptor, for calls that this class does not offer. It lives as long as the object.
    public let descriptor: Int32
    /// Directory label and name, safe to show.
    public let label: String

    /// Takes over a descriptor.
    public init(adopting descriptor: Int32, label: String) {
        self.descriptor = descriptor
        self.label = label
    }

    deinit { close(descriptor) }

    /// `fstat`.
    public func status() throws(DiskError) -> FileStatus {
        var s = stat()
        guard unsafe fstat(descriptor, &s) == 0 else { throw DiskError("fstat", label) }
        return FileStatus(s)
    }

    /// Reads at most `limit` bytes from the current position into a new array; fewer at the end of the file only.
    public func read(upTo limit: Int) throws(DiskError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        var filled = 0
        while filled < limit {
            let count = unsafe buffer.withUnsafeMutableBytes { raw in
                unsafe Glibc.read(descriptor, raw.baseAddress?.advanced(by: filled), limit - filled)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskError("read", label)
            }
            if count == 0 { break }
            filled += count
        }
        if filled < limit { buffer.removeLast(limit - filled) }
        return buffer
    }

    /// Reads `count` bytes at `offset`; fewer at the end of the file only.
    public func read(at offset: Int64, count: Int) throws(DiskError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe buffer.withUnsafeMutableBytes { raw in
                unsafe pread(
                    descriptor,
                    raw.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(offset) + off_t(filled)
                )
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw DiskError("pread64", label)
            }
            if got == 0 { break }
            filled += got
        }
        if filled < count { buffer.removeLast(count - filled) }
        return buffer
    }

    /// Writes everything at the current position, in one `write` where the kernel takes it whole.
    public func write(_ bytes: [UInt8]) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(descriptor, raw.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskError("write", label)
            }
            done += count
        }
    }

    /// Moves the position.
    public func seek(to offset: Int64) throws(DiskError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw DiskError("lseek", label) }
    }

    /// Cuts the file to `size` bytes.
    public func truncate(to size: Int64) throws(DiskError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw DiskError("ftruncate", label) }
    }

    /// `fsync`: content and status are on the disk when it returns.
    public func sync() throws(DiskError) {
        guard fsync(descriptor) == 0 else { throw DiskError("fsync", label) }
    }

    /// `fdatasync`: content and size are on the disk when it returns.
    public func syncData() throws(DiskError) {
        guard fdatasync(descriptor) == 0 else { throw DiskError("fdatasync", label) }
    }

    /// `fchmod`.
    public func setMode(_ mode: UInt32) throws(DiskError) {
        guard fchmod(descriptor, mode_t(mode)) == 0 else { throw DiskError("fchmod", label) }
    }
}
