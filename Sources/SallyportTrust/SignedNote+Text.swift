internal import SallyportBase

private let dash = Array("\u{2014} ".utf8)
private let ed25519Type: UInt8 = 0x01

extension SignedNote {
    /// Reads a note: text, an empty line, signature lines (C2SP signed-note).
    public init(parsing bytes: [UInt8]) throws(TextProblem) {
        guard bytes.count <= Self.limitBytes else {
            throw TextProblem(
                "E-NOTE-SIZE",
                expected: "at most \(Self.limitBytes) bytes",
                found: "\(bytes.count) bytes"
            )
        }
        guard isNoteText(bytes) else {
            throw TextProblem("E-NOTE-BYTES", expected: "UTF-8 without control characters", found: "other bytes")
        }
        guard let lines = linesEndingInLF(bytes) else {
            throw TextProblem("E-NOTE-FORM", expected: "a last line with its LF", found: "no LF at the end")
        }
        // The text may hold empty lines itself: it ends before the last one.
        guard let empty = lines.lastIndex(where: \.isEmpty), empty > 0, empty < lines.count - 1 else {
            throw TextProblem("E-NOTE-FORM", expected: "text, an empty line, signatures", found: "\(lines.count) lines")
        }
        guard lines.count - empty - 1 <= Self.limitSignatures else {
            throw TextProblem(
                "E-NOTE-SIGNATURES",
                expected: "at most \(Self.limitSignatures) signatures",
                found: "\(lines.count - empty - 1)"
            )
        }
        var found: [Signature] = []
        for index in (empty + 1)..<lines.count {
            guard let signature = Self.signature(lines[index]) else {
                throw TextProblem(
                    "E-NOTE-SIGNATURE",
                    place: "line \(index + 1)",
                    expected: "— <key name> <base64>",
                    found: String(decoding: lines[index], as: UTF8.self)
                )
            }
            found.append(signature)
        }
        text = Array(bytes[..<lines[empty].startIndex])
        signatures = found
    }

    private static func signature(_ line: ArraySlice<UInt8>) -> Signature? {
        guard line.starts(with: dash) else { return nil }
        let parts = line.dropFirst(dash.count).split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Base64.decode(String(decoding: parts[1], as: UTF8.self)), bytes.count >= 5
        else { return nil }
        let name = String(decoding: parts[0], as: UTF8.self)
        guard NoteVerifier.isKeyName(name) else { return nil }
        let id = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Signature(name: name, keyID: id, bytes: Array(bytes[4...]))
    }

    /// The note, byte for byte.
    public var bytes: [UInt8] {
        signatures.reduce(into: text + [0x0A]) { out, signature in
            out += dash + Array(signature.name.utf8) + [0x20]
            out += Array(Base64.encode(Wire.u32(signature.keyID) + signature.bytes).utf8) + [0x0A]
        }
    }

    /// The verifiers that stand behind the note, each once, in the order of `known`.
    ///
    /// Unknown signatures are ignored. A known one that fails refuses the whole note (`E-NOTE-INVALID`), and so does a
    /// note that nobody known has signed (`E-NOTE-UNSIGNED`).
    public func verified(by known: [NoteVerifier]) throws(TextProblem) -> [NoteVerifier] {
        var good: Set<NoteVerifier> = []
        for (index, signature) in signatures.enumerated() {
            let matching = known.filter { $0.name == signature.name && $0.keyID == signature.keyID }
            // Two known keys of one name and id: which one is meant cannot be told.
            guard Set(matching).count <= 1 else {
                throw TextProblem(
                    "E-NOTE-AMBIGUOUS",
                    place: "signature \(index + 1)",
                    expected: "one known key of this name and id",
                    found: "several"
                )
            }
            guard let verifier = matching.first else { continue }
            guard verifyStrict(signature: signature.bytes, message: text, key: verifier.key) else {
                throw TextProblem(
                    "E-NOTE-INVALID",
                    place: "signature \(index + 1)",
                    expected: "a signature of \(verifier.vkey)",
                    found: "one that does not verify"
                )
            }
            good.insert(verifier)
        }
        guard !good.isEmpty else {
            throw TextProblem(
                "E-NOTE-UNSIGNED",
                expected: known.map(\.vkey).joined(separator: ", "),
                found: signatures.map { "\($0.name)+\(Hex.encode(Wire.u32($0.keyID)))" }.joined(separator: ", ")
            )
        }
        return known.reduce(into: []) { if good.contains($1), !$0.contains($1) { $0.append($1) } }
    }
}

// UTF-8, and of the control characters only LF.
private func isNoteText(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 || $0 == 0x0A } && String(validating: bytes, as: UTF8.self) != nil
}

extension NoteVerifier {
    /// Not empty, no space of Unicode, no control character, no `+`.
    static func isKeyName(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && !$0.properties.isWhitespace && $0 != "+" }
    }

    /// Reads `name+hash+base64`; the hash must be the key's.
    public init(vkey: String) throws(TextProblem) {
        let refusal = TextProblem("E-VKEY", expected: "<name>+<8 hex digits>+<base64 of 01 and the key>", found: vkey)
        // The base64 may hold a plus: split at the first two only.
        let parts = vkey.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard vkey.utf8.count <= 1024, parts.count == 3, Self.isKeyName(String(parts[0])),
            let bytes = Base64.decode(parts[2]), bytes.count == 33, bytes[0] == ed25519Type,
            let key = CheckedKey(bytes[1...])
        else { throw refusal }
        self.init(checkedName: String(parts[0]), key: key)
        guard self.vkey == vkey else { throw refusal }
    }

    /// `name+hash+base64`.
    public var vkey: String {
        "\(name)+\(Hex.encode(Wire.u32(keyID)))+\(Base64.encode([ed25519Type] + key.bytes))"
    }
}

extension NoteSigner {
    /// Reads x/mod's spelling of a signer, `PRIVATE+KEY+name+hash+base64`; the hash must be the key's.
    public init(skey: String) throws(TextProblem) {
        // The text is a secret: a refusal shows nothing of it.
        let refusal = TextProblem("E-SKEY", expected: "PRIVATE+KEY+<name>+<hash>+<base64>", found: "another text")
        let parts = skey.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard skey.utf8.count <= 1024, parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY",
            var bytes = Base64.decode(parts[4])
        else { throw refusal }
        defer { wipe(&bytes) }
        guard bytes.count == 33, bytes[0] == ed25519Type else { throw refusal }
        var seed = Array(bytes[1...])
        guard let key = SigningKey(wiping: &seed), let signer = NoteSigner(name: String(parts[2]), key: key),
            Hex.encode(Wire.u32(signer.verifier.keyID)) == parts[3]
        else { throw refusal }
        self = signer
    }

    /// The secret text of this signer, for its key file.
    public var skey: String {
        key.withSeed { seed in
            let hash = Hex.encode(Wire.u32(verifier.keyID))
            return "PRIVATE+KEY+\(name)+\(hash)+\(Base64.encode([ed25519Type] + seed))"
        }
    }

    /// A note of `text`, signed; `text` must be UTF-8 that ends in LF.
    public func sign(_ text: [UInt8]) throws(TextProblem) -> SignedNote {
        guard text.last == 0x0A, isNoteText(text), text.count <= SignedNote.limitBytes / 2 else {
            throw TextProblem("E-NOTE-BYTES", expected: "UTF-8 that ends in LF", found: "other bytes")
        }
        let signature = SignedNote.Signature(name: name, keyID: verifier.keyID, bytes: key.sign(text))
        return SignedNote(text: text, signatures: [signature])
    }
}

extension Checkpoint {
    /// Reads the text of a checkpoint: exactly three lines, one spelling each.
    public init(parsing text: [UInt8]) throws(TextProblem) {
        let refusal = TextProblem(
            "E-CHECKPOINT",
            expected: "three lines: origin, size, root in base64",
            found: String(decoding: text.prefix(TextProblem.foundBytes), as: UTF8.self)
        )
        guard text.count <= 1024, isNoteText(text), let lines = linesEndingInLF(text), lines.count == 3 else {
            throw refusal
        }
        let words = lines.map { String(decoding: $0, as: UTF8.self) }
        guard NoteVerifier.isKeyName(words[0]), let size = canonicalNumber(words[1], in: 0...(1 << 53)),
            let root = Base64.decode(words[2]).flatMap({ Digest(bytes: $0) })
        else { throw refusal }
        // The root of no entries is no free choice (RFC 6962 §2.1).
        guard size > 0 || root == Digest.of([UInt8]()) else { throw refusal }
        self.init(origin: words[0], size: size, root: root)
    }
}
