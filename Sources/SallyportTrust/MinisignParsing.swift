internal import SallyportBase

private let untrustedPrefix = "untrusted comment: "
private let trustedPrefix = "trusted comment: "

extension MinisignPublicKey {
    /// Reads the base64 of a public key: `"Ed" ‖ key number ‖ point`.
    public init(base64 text: String) throws(TextProblem) {
        guard let bytes = Base64.decode(text), bytes.count == 42 else {
            throw TextProblem("E-KEY-LINE", expected: "56 characters of base64 (RW…)", found: text)
        }
        guard bytes[0] == 0x45, bytes[1] == 0x64 else {
            throw TextProblem("E-KEY-TYPE-UNKNOWN", expected: "Ed", found: Hex.encode(bytes[..<2]))
        }
        guard let point = CheckedKey(bytes[10...]) else {
            throw TextProblem("E-KEY-POINT", expected: "an Ed25519 point of prime order", found: text)
        }
        self.init(keyNumber: Array(bytes[2..<10]), key: point)
    }

    /// Reads a public key file: an untrusted comment and the base64.
    public init(file: [UInt8]) throws(TextProblem) {
        guard file.count <= 4096, let lines = linesEndingInLF(file), lines.count == 2,
            lines[0].starts(with: untrustedPrefix.utf8), let text = asciiText(lines[1])
        else {
            throw TextProblem(
                "E-KEY-LINE",
                expected: "two lines: \(untrustedPrefix)…, then the key",
                found: String(decoding: file.prefix(TextProblem.foundBytes), as: UTF8.self)
            )
        }
        try self.init(base64: text)
    }

    /// The base64 of the public key, as `minisign -P` takes it.
    public var base64: String { Base64.encode([0x45, 0x64] + keyNumber + key.bytes) }

    /// The key number as minisign prints it.
    public var printedNumber: String { Hex.encode(keyNumber.reversed()).uppercased() }
}

extension MinisignSignature {
    /// Reads a signature file: exactly four lines, prehashed.
    ///
    /// - Throws: `E-SIG-LEGACY` for algorithm `Ed`: the algorithm bytes are not signed, so an accepted `Ed` could be
    ///   a relabelled `ED` over another file. `E-SIG-…` otherwise.
    public init(parsing file: [UInt8]) throws(TextProblem) {
        guard file.count <= Self.limitBytes else {
            throw TextProblem("E-SIG-SIZE", expected: "at most \(Self.limitBytes) bytes", found: "\(file.count) bytes")
        }
        if let position = file.firstIndex(of: 0x0D) {
            throw TextProblem(
                "E-SIG-CR",
                place: "byte \(position)",
                expected: "lines that end in LF alone",
                found: "CR"
            )
        }
        guard let lines = linesEndingInLF(file), lines.count == 4 else {
            throw TextProblem(
                "E-SIG-LINES",
                expected: "4 lines, each with its LF",
                found: "\(file.split(separator: 0x0A, omittingEmptySubsequences: false).count - 1)"
            )
        }
        // The untrusted comment is not signed: it is never shown, so its bytes do not matter.
        guard lines[0].starts(with: untrustedPrefix.utf8) else { throw Self.prefix(1, untrustedPrefix) }
        guard lines[2].starts(with: trustedPrefix.utf8) else { throw Self.prefix(3, trustedPrefix) }
        let comment = lines[2].dropFirst(trustedPrefix.utf8.count)
        guard comment.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
            throw TextProblem(
                "E-SIG-COMMENT",
                place: "line 3",
                expected: "printable ASCII and TAB",
                found: String(decoding: comment, as: UTF8.self)
            )
        }
        trustedComment = String(decoding: comment, as: UTF8.self)
        let first = try Self.base64(lines[1], line: 2, count: 74)
        guard first[0] == 0x45, first[1] == 0x44 else {
            throw first[0] == 0x45 && first[1] == 0x64
                ? TextProblem(
                    "E-SIG-LEGACY",
                    place: "line 2",
                    expected: "ED (prehashed; minisign 0.10 or newer without -l)",
                    found: "Ed (legacy)"
                )
                : TextProblem("E-SIG-TYPE-UNKNOWN", place: "line 2", expected: "ED", found: Hex.encode(first[..<2]))
        }
        keyNumber = Array(first[2..<10])
        signature = Array(first[10...])
        globalSignature = try Self.base64(lines[3], line: 4, count: 64)
    }

    private static func prefix(_ line: Int, _ expected: String) -> TextProblem {
        TextProblem("E-SIG-LINES", place: "line \(line)", expected: expected, found: "another beginning")
    }

    private static func base64(_ line: ArraySlice<UInt8>, line number: Int, count: Int) throws(TextProblem) -> [UInt8] {
        guard let bytes = asciiText(line).flatMap({ Base64.decode($0) }) else {
            throw TextProblem("E-SIG-BASE64", place: "line \(number)", expected: "strict base64", found: "other text")
        }
        guard bytes.count == count else {
            throw TextProblem(
                "E-SIG-LENGTH",
                place: "line \(number)",
                expected: "\(count) bytes",
                found: "\(bytes.count) bytes"
            )
        }
        return bytes
    }

    /// Verifies both signatures; returns when both hold.
    ///
    /// - Throws: `E-SIG-KEY-OTHER`, `E-SIG-INVALID`, `E-SIG-COMMENT-INVALID`.
    public func verify(text: [UInt8], key: MinisignPublicKey) throws(TextProblem) {
        guard keyNumber == key.keyNumber else {
            throw TextProblem(
                "E-SIG-KEY-OTHER",
                place: "line 2",
                expected: "key number \(Hex.encode(key.keyNumber))",
                found: Hex.encode(keyNumber)
            )
        }
        guard verifyStrict(signature: signature, message: blake2b512(text), key: key.key) else {
            throw TextProblem(
                "E-SIG-INVALID",
                place: "line 2",
                expected: "a signature over these \(text.count) bytes",
                found: "one over other bytes, or damaged"
            )
        }
        let global = signature + Array(trustedComment.utf8)
        guard verifyStrict(signature: globalSignature, message: global, key: key.key) else {
            throw TextProblem(
                "E-SIG-COMMENT-INVALID",
                place: "line 4",
                expected: "a signature over the trusted comment",
                found: "a changed comment, or damage"
            )
        }
    }
}
