internal import Glibc
internal import SallyportBase
internal import SallyportDisk
internal import SallyportTrust

/// Throw-away people with keys by the real tools, for `init --demo`.
struct DemoTrust {
    /// Days for which a demo's keyring may be valid (formats.md §4).
    static let days: Int64 = 7
    static let directoryName = "demo"

    let made: SpoolMaker.Made

    /// Makes keys under KEYS/demo, writes the drafts and signs them with the root key. What a killed run left is thrown away: nothing
    /// was ever signed with it that counts.
    func prepare() throws {
        try ExternalProgram.require([.sshKeygen, .minisign])
        try made.keys.removeTree(Self.directoryName)
        try made.keys.makeDirectory(Self.directoryName, mode: 0o700)
        let directory = try made.keys.open(Self.directoryName)
        let path = directory.label
        for name in ["root", "alice", "carol", "dave"] {
            try ExternalProgram.sshKeygen.run(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", "\(path)/\(name)"])
        }
        try ExternalProgram.minisign.run(["-G", "-W", "-p", "\(path)/bob.pub", "-s", "\(path)/bob.key"])

        let people = [
            Drafts.Person(name: "alice", key: try ssh("alice", directory), roles: "reviewer,security"),
            Drafts.Person(name: "bob", key: try minisign("bob.pub", directory), roles: "reviewer"),
            Drafts.Person(name: "carol", key: try ssh("carol", directory), roles: "operator"),
            Drafts.Person(name: "dave", key: try ssh("dave", directory), roles: "submitter"),
        ]
        let keyring = Drafts.keyring(
            pipeline: made.pipeline,
            vkey: made.vkey,
            root: try ssh("root", directory),
            people: people,
            now: made.at,
            days: Self.days,
            demo: true,
            uid: getuid()
        )
        try sign(keyring, TrustInstallation.keyringName, .keyring, rootKey: "\(path)/root")
        try sign(
            Drafts.policy(pipeline: made.pipeline, demo: true),
            TrustInstallation.policyName,
            .policy,
            rootKey: "\(path)/root"
        )
    }

    private func ssh(_ name: String, _ directory: Directory) throws -> String {
        let bytes = try directory.read("\(name).pub", limit: 4096) ?? []
        do throws(TextProblem) {
            return "sshsig " + (try SSHPublicKey(line: String(decoding: bytes, as: UTF8.self))).line
        } catch { throw Failure(.unavailable, [error], in: directory.path("\(name).pub")) }
    }

    private func minisign(_ name: String, _ directory: Directory) throws -> String {
        let bytes = try directory.read(name, limit: 4096) ?? []
        do throws(TextProblem) { return "minisign " + (try MinisignPublicKey(file: bytes)).base64 } catch {
            throw Failure(.unavailable, [error], in: directory.path(name))
        }
    }

    private func sign(_ text: String, _ name: String, _ kind: DocumentKind, rootKey: String) throws {
        // ssh-keygen asks before it writes over a signature.
        try made.keys.unlink(name + ".sig")
        try made.keys.replace(name, with: Array(text.utf8), mode: 0o644, scratch: made.keys)
        try ExternalProgram.sshKeygen.run([
            "-q", "-Y", "sign", "-f", rootKey, "-n", kind.namespace, made.keys.path(name),
        ])
    }
}
