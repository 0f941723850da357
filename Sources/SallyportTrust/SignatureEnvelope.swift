/// A signature file of a kind that we accept (formats.md §3).
public enum SignatureEnvelope: Hashable, Sendable {
    /// `ssh-keygen -Y sign`.
    case ssh(SSHSignature)
    /// minisign.
    case minisign(MinisignSignature)

    /// Reads a file of any kind by its first bytes; kinds that are not accepted are refused by a code that names them.
    public init(parsing file: [UInt8]) throws(TextProblem) {
        let head = String(decoding: file.prefix(64), as: UTF8.self)
        if head.hasPrefix("-----BEGIN SSH SIGNATURE") {
            self = .ssh(try SSHSignature(parsing: file))
        } else if head.hasPrefix("untrusted comment:") {
            if Self.isSignify(file) { throw Self.refused("SIGNIFY", "a signify signature") }
            self = .minisign(try MinisignSignature(parsing: file))
        } else if head.hasPrefix("-----BEGIN PGP") || file.first.map({ [0x88, 0x89, 0xC2].contains($0) }) == true {
            throw Self.refused("PGP", "an OpenPGP signature")
        } else if head.hasPrefix("-----BEGIN PKCS7") || head.hasPrefix("-----BEGIN CMS")
            || head.hasPrefix("-----BEGIN CERTIFICATE")
        {
            throw Self.refused("X509", "an X.509 or CMS signature")
        } else if head.hasPrefix("{") {
            let dsse = String(decoding: file.prefix(4096), as: UTF8.self).contains("payloadType")
            throw dsse ? Self.refused("DSSE", "a DSSE envelope") : Self.refused("JSON", "a JSON signature")
        } else if head.hasPrefix("eyJ") {
            throw Self.refused("JWS", "a JWS")
        } else if head.hasPrefix("ssh-") || head.hasPrefix("-----BEGIN OPENSSH") {
            throw Self.refused("KEY", "a key, not a signature")
        } else {
            throw Self.refused("UNKNOWN", file.isEmpty ? "an empty file" : head)
        }
    }

    // Two lines, as minisign's first two: told apart by the missing trusted comment.
    private static func isSignify(_ file: [UInt8]) -> Bool {
        file.count <= 4096 && linesEndingInLF(file)?.count == 2
    }

    private static func refused(_ name: String, _ found: String) -> TextProblem {
        TextProblem("E-SIG-TYPE-\(name)", expected: "a signature by ssh-keygen -Y sign or by minisign", found: found)
    }

    /// The scheme that the file uses.
    var scheme: KeyScheme {
        switch self {
        case .ssh(let signature): signature.authenticator == nil ? .sshsig : .sshsigFIDO
        case .minisign: .minisign
        }
    }
}
