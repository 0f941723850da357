internal import SallyportBase

/// One component of a path: text of our own, or bytes that somebody else chose.
public protocol EntryName: Sendable {
    /// The bytes of the name.
    var nameBytes: [UInt8] { get }
}

extension String: EntryName {
    /// The UTF-8.
    public var nameBytes: [UInt8] { Array(utf8) }
}

/// A name as it lies on the disk: any bytes but NUL and `/`. Names from outside are data.
public struct FileName: EntryName, Hashable, Sendable, Comparable {
    /// The bytes of the name.
    public let nameBytes: [UInt8]
    /// Wraps bytes that came from the directory itself.
    public init(bytes: [UInt8]) { nameBytes = bytes }
    /// Percent-encoded, safe in JSON and on terminals.
    public var shown: String { percentEncoded(nameBytes) }
    /// The text, when it is valid UTF-8.
    public var text: String? { String(validating: nameBytes, as: UTF8.self) }
    /// Bytewise order.
    public static func < (a: FileName, b: FileName) -> Bool { a.nameBytes.lexicographicallyPrecedes(b.nameBytes) }
    /// True for names that a writer has not finished: begins with `.`, ends in `.part` or `.tmp`.
    public var isUnfinished: Bool {
        nameBytes.first == 0x2E || nameBytes.ends(with: ".part") || nameBytes.ends(with: ".tmp")
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String) -> Bool {
        count >= suffix.utf8.count && self[(count - suffix.utf8.count)...].elementsEqual(suffix.utf8)
    }
}

extension EntryName {
    // A name that is empty, `.`, `..`, or holds `/` or NUL never reaches the kernel.
    func checked(in label: String, for call: String) throws(DiskError) -> [CChar] {
        let bytes = nameBytes
        let bad =
            bytes.isEmpty || bytes == [0x2E] || bytes == [0x2E, 0x2E] || bytes.contains(0) || bytes.contains(0x2F)
        if bad { throw DiskError(call, label + "/" + percentEncoded(bytes), code: 22) }
        return bytes.map { CChar(bitPattern: $0) } + [0]
    }
}
