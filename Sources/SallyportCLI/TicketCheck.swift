internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportPackages
internal import SallyportRunner
internal import SallyportTrust

/// `package check --ticket`: what intake will say about a ticket beside its package. Where there is a spool, the signature is checked
/// under the keyring in force; where there is none, the answer says that it was not.
struct TicketCheck {
    /// A ticket is at most 512 lines of 200 bytes (formats.md §2).
    private static let textBytes = 64 << 10
    /// Signature files that intake tries for one text.
    private static let signatures = 8

    /// The answer about one ticket, in the shape of the answer about a package.
    struct Judged {
        let path: String
        let findings: [Finding]
        /// `verified`, `refused`, `missing` or `unchecked`.
        let signature: String
        let signer: Proof?
        let ticket: Ticket?

        var isAccepted: Bool { findings.isEmpty }
        var text: String {
            var out = "\(shown(path)): \(isAccepted ? "accept" : "refuse")"
            if let ticket { out += "  ticket of \(ticket.submitter) for \(ticket.environment), \(ticket.tenant)" }
            let words =
                switch signature {
                case "verified": "signature of \(signer?.keyID ?? "") verified"
                case "unchecked": "signature NOT checked: no spool here"
                default: "signature \(signature)"
                }
            return out + "  \(words)\n" + PackageCheck.findingLines(findings)
        }
        var json: JSON {
            [
                "file": .string(path), "verdict": .string(isAccepted ? "accept" : "refuse"),
                "findings": .array(findings.map(\.json)), "signature": .string(signature),
                "key": signer.map { .string($0.keyID) } ?? .null,
                "submitter": ticket.map { .string($0.submitter) } ?? .null,
                "environment": ticket.map { .string($0.environment) } ?? .null,
                "tenant": ticket.map { .string($0.tenant) } ?? .null,
                "package": ticket.map { .string($0.package.digest.tagged) } ?? .null,
            ]
        }
    }

    private let packages: [(path: String, package: SubmittedPackage)]
    private let spool: (projection: Projection, trust: InstalledTrust)?
    private let now = Clock.system.now()

    /// - Throws: ``Failure`` when there is a spool and it cannot be believed.
    init(_ packages: [(path: String, package: SubmittedPackage)], _ context: Context) throws {
        self.packages = packages
        do {
            let reader = try SpoolReader.open(context)
            spool = (reader.projection, try reader.trust())
        } catch let failure as Failure where failure.status == .missing { spool = nil }
    }

    /// Reads a ticket and what lies beside it.
    ///
    /// - Throws: ``Failure`` with 66 when there is no such file.
    func judge(_ path: String) throws -> Judged {
        let (text, signatures) = try read(path)
        let ticket: Ticket
        switch Ticket.unverified(text) {
        case .failure(let problems):
            return Judged(
                path: path,
                findings: problems.problems.map(finding),
                signature: "unchecked",
                signer: nil,
                ticket: nil
            )
        case .success(let value): ticket = value
        }
        var problems = ticket.timeProblems(at: now)
        let package = packages.first { $0.package.digest == ticket.package.digest }?.package
        if package == nil {
            let expected = packages.map { "\($0.package.digest.hex) (\($0.path))" }.joined(separator: " or ")
            problems.append(
                .init(
                    "E-TICKET-PACKAGE",
                    place: "SHA256",
                    expected: expected.isEmpty ? "the digest of a package" : expected,
                    found: ticket.package.digest.hex
                )
            )
        } else if let package, Int64(exactly: ticket.size) != package.size {
            problems.append(.init("E-TICKET-SIZE", place: "size", expected: "\(package.size)", found: "\(ticket.size)"))
        }
        guard let spool else {
            if signatures.isEmpty { problems.append(Self.unsigned) }
            let state = signatures.isEmpty ? "missing" : "unchecked"
            return Judged(path: path, findings: problems.map(finding), signature: state, signer: nil, ticket: ticket)
        }
        let environments = spool.trust.policy?.payload.environments.map(\.name) ?? []
        if !environments.contains(ticket.environment) {
            problems.append(
                .init(
                    "E-ENVIRONMENT",
                    place: "environment",
                    expected: environments.joined(separator: " or "),
                    found: ticket.environment
                )
            )
        }
        problems += spool.projection.problems(of: ticket, digest: Digest.of(text), in: ticket.environment)
        var scope: [Finding] = []
        var signer: Proof?
        let state: String
        switch checkTicket(text, signatures: signatures, keyring: spool.trust.keyring, at: now) {
        case .verified(let verified):
            state = "verified"
            signer = verified.proofs.first
            if let manifest = package?.inspection.manifest {
                scope = TicketScope.findings(verified, manifest, spool.trust.keyring.payload, at: now)
            }
        case .refused(let reasons):
            state = "refused"
            problems += reasons
        case .unsigned, .waiting:
            state = "missing"
            problems.append(Self.unsigned)
        }
        return Judged(
            path: path,
            findings: problems.map(finding) + scope,
            signature: state,
            signer: signer,
            ticket: ticket
        )
    }

    private static let unsigned = TextProblem(
        "E-SIG-MISSING",
        expected: "the submitter's signature beside the ticket",
        found: "none"
    )

    private func finding(_ problem: TextProblem) -> Finding {
        Finding(
            problem.code,
            place: problem.place,
            "expected \(problem.expected), found \(problem.found)",
            remedy: "make a new ticket: sallyport submit FILE --env ENV --key KEY"
        )
    }

    // The ticket and the signature files that lie beside it under its name.
    private func read(_ path: String) throws -> (text: [UInt8], signatures: [[UInt8]]) {
        let slash = path.utf8.lastIndex(of: 0x2F)
        let name = FileName(bytes: Array(slash.map { path.utf8[path.utf8.index(after: $0)...] } ?? path.utf8[...]))
        let parent = slash.map { String(path[...$0]) } ?? "."
        do throws(DiskError) {
            let directory = try Directory.open(path: parent)
            guard let text = try directory.read(name, limit: Self.textBytes) else {
                throw DiskError("openat", path, code: ENOENT)
            }
            let beside = try directory.list().filter { other in
                let bytes = other.nameBytes
                return bytes.count > name.nameBytes.count && bytes.starts(with: name.nameBytes)
                    && (String(decoding: bytes, as: UTF8.self).hasSuffix(".sig")
                        || String(decoding: bytes, as: UTF8.self).hasSuffix(".minisig"))
            }
            var signatures: [[UInt8]] = []
            for file in beside.prefix(Self.signatures) {
                if let bytes = try directory.read(file, limit: Self.textBytes) { signatures.append(bytes) }
            }
            return (text, signatures)
        } catch {
            throw Failure(.missing, path, unsafe String(cString: strerror(error.code)).lowercased())
        }
    }
}
