internal import SallyportBase
internal import SallyportRunner
internal import SallyportTrust

/// A person's own key, from a file, and what it may speak for.
struct SigningIdentity {
    private let key: SigningKey

    /// Reads an OpenSSH private key without passphrase.
    ///
    /// - Throws: ``Failure`` with 65 for everything else; the hint names `--print-command`.
    init(path: String) throws {
        var bytes = try readNamedFile(path, limit: OpenSSHPrivateKey.limitBytes)
        defer { for index in bytes.indices { bytes[index] = 0 } }
        do throws(TextProblem) { key = try OpenSSHPrivateKey(parsing: bytes).key } catch {
            throw Failure(
                .refused,
                path,
                "expected \(error.expected), found \(error.found)",
                hint: "--print-command prints the line for ssh-keygen or minisign, which ask for the passphrase",
                code: error.code
            )
        }
    }

    /// The signature file that ssh-keygen would write over exactly these bytes.
    func sign(_ text: [UInt8], _ kind: DocumentKind) -> [UInt8] {
        SSHSignature.sign(text: text, namespace: kind.namespace, with: key)
    }

    /// The person who owns the key, by the keyring.
    ///
    /// - Parameter claimed: `--as`; must be that person.
    /// - Throws: ``Failure`` with 77 for a key that the keyring does not know, or knows for another use.
    func person(in keyring: Keyring, claimed: String?) throws -> String {
        let fingerprint = SSHPublicKey.ed25519(key.publicKey).fingerprint
        if let root = keyring.roots.first(where: { $0.key.point == key.publicKey }) {
            throw Failure(
                .forbidden,
                fingerprint,
                "is the root key of \(root.person): it signs keyrings and policies only",
                code: "E-KEY-ROLE"
            )
        }
        guard let known = keyring.keys.first(where: { $0.material.point == key.publicKey }) else {
            throw Failure(
                .forbidden,
                fingerprint,
                "is not in the keyring",
                hint: "sallyport trust show lists the keys",
                code: "E-KEY-UNKNOWN"
            )
        }
        if let claimed, claimed != known.person {
            throw Failure(.forbidden, "--as \(shown(claimed))", "the key is \(known.id)", code: "E-KEY-OTHER")
        }
        if keyring.revocation(of: known.id) != nil {
            throw Failure(.forbidden, known.id, "is revoked", code: "E-KEY-REVOKED")
        }
        return known.person
    }
}

extension Failure {
    /// What is wrong with a text, each problem with its code.
    init(_ status: ExitStatus, _ problems: [TextProblem], in place: String, hint: String? = nil) {
        self.init(
            status,
            problems.map { problem in
                let where_ = problem.place == "-" ? place : "\(place): \(problem.place)"
                return Problem(
                    where_,
                    "expected \(problem.expected), found \(problem.found)",
                    hint: hint,
                    code: problem.code
                )
            }
        )
    }
}

/// The bytes of a text that we wrote ourselves; a field that does not fit its grammar is the caller's wrong word.
func written(_ text: () throws(TextProblem) -> [UInt8]) throws -> [UInt8] {
    do throws(TextProblem) { return try text() } catch { throw Failure(.usage, [error], in: "the text") }
}
