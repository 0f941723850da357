private import CSodium
internal import SallyportBase

/// The PEM-like frame of OpenSSH: a first line, base64 in lines of at most 76 columns, a last line, nothing after.
struct Armor {
    let begin: String
    let end: String

    static let signature = Armor(begin: "-----BEGIN SSH SIGNATURE-----", end: "-----END SSH SIGNATURE-----")
    static let privateKey = Armor(
        begin: "-----BEGIN OPENSSH PRIVATE KEY-----",
        end: "-----END OPENSSH PRIVATE KEY-----"
    )

    /// Widest line that is accepted: what the specification recommends; ssh-keygen itself writes 70.
    static let widest = 76

    /// The framed bytes. The caller wipes them where they are secret.
    func decode(_ file: [UInt8], code: String) throws(TextProblem) -> [UInt8] {
        if let position = file.firstIndex(of: 0x0D) {
            throw TextProblem(
                code + "-CR",
                place: "byte \(position)",
                expected: "lines that end in LF alone",
                found: "CR: the file passed through Windows or a mail program"
            )
        }
        guard let lines = linesEndingInLF(file) else {
            throw TextProblem(code + "-ARMOR", expected: "a last line with its LF", found: "no LF at the end")
        }
        guard lines.first?.elementsEqual(begin.utf8) == true else {
            throw TextProblem(code + "-ARMOR", place: "line 1", expected: begin, found: text(lines.first))
        }
        guard let last = lines.firstIndex(where: { $0.elementsEqual(end.utf8) }) else {
            throw TextProblem(code + "-ARMOR", place: "line \(lines.count)", expected: end, found: text(lines.last))
        }
        guard last == lines.count - 1 else {
            throw TextProblem(
                code + "-ARMOR",
                place: "line \(last + 2)",
                expected: "nothing after \(end)",
                found: text(lines[last + 1])
            )
        }
        for index in 1..<max(last, 1) where !(1...Self.widest).contains(lines[index].count) {
            throw TextProblem(
                code + "-ARMOR",
                place: "line \(index + 1)",
                expected: "1 to \(Self.widest) columns of base64",
                found: "\(lines[index].count) columns"
            )
        }
        var joined = Array(lines[1..<max(last, 1)].joined())
        defer { wipe(&joined) }
        guard !joined.isEmpty, let bytes = strictBase64(joined) else {
            throw TextProblem(code + "-BASE64", expected: "base64 with padding, one spelling", found: "other text")
        }
        return bytes
    }

    /// The file of `bytes`, wrapped at 70 columns as ssh-keygen does.
    func encode(_ bytes: [UInt8]) -> [UInt8] {
        let base64 = Array(Base64.encode(bytes).utf8)
        var out = Array(begin.utf8) + [0x0A]
        for start in stride(from: 0, to: base64.count, by: 70) {
            out += base64[start..<min(start + 70, base64.count)]
            out.append(0x0A)
        }
        return out + Array(end.utf8) + [0x0A]
    }

    private func text(_ line: ArraySlice<UInt8>?) -> String { line.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

// Without a String in between, so that a private key leaves no copy that nobody can wipe. libsodium's decoder refuses
// other alphabets, missing padding and spare bits.
private func strictBase64(_ ascii: [UInt8]) -> [UInt8]? {
    guard ascii.count % 4 == 0 else { return nil }
    var out = [UInt8](repeating: 0, count: ascii.count / 4 * 3)
    var count = 0
    let status = unsafe ascii.withUnsafeBytes { raw in
        unsafe sodium_base642bin(
            &out,
            out.count,
            raw.bindMemory(to: CChar.self).baseAddress,
            ascii.count,
            nil,
            &count,
            nil,
            Int32(sodium_base64_VARIANT_ORIGINAL)
        )
    }
    guard status == 0 else { return nil }
    out.removeLast(out.count - count)
    return out
}
