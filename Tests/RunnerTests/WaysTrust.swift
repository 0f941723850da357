import Foundation
import SallyportBase
import SallyportCore
import SallyportRunner
import SallyportTrust

/// Candidates for keyring and policy that are junk, jump ahead, or weaken a gate. What is installed stays.
extension WaysIn {
    private static func candidate(
        _ siege: Siege,
        _ kind: DocumentKind,
        signedBy person: String,
        _ edit: (String) throws -> String
    ) throws -> String {
        let installed = try siege.spool.read("trust/\(kind.rawValue)")
        let next = try edit(
            installed.replacingOccurrences(of: "version: 1\n", with: "version: 2\n")
                .replacingOccurrences(of: "previous: none", with: "previous: " + Digest.of(installed).tagged)
        )
        try siege.put(siege.spool.sign(next, by: person, namespace: kind.namespace), "candidate.sig", in: "trust")
        try siege.put(Array(next.utf8), "candidate", in: "trust")
        try siege.tick()
        guard try siege.spool.read("trust/\(kind.rawValue)") == installed, siege.spool.list("incoming/trust").isEmpty,
            siege.last.report.brokenTrust == nil
        else { return "neither refused nor as it was" }
        return try siege.refusal()
    }

    static let trust: [Way] = [
        Way("junk that calls itself a keyring", "E-GRAMMAR-MISSING") { siege in
            try candidate(siege, .keyring, signedBy: "stranger") { _ in "sallyport-keyring v1\nroot: mallory\nend\n" }
        },
        Way("a keyring with another root, signed by that root only", "waits", also: "for the installed root") { siege in
            let seen = try candidate(siege, .keyring, signedBy: "stranger") {
                $0.replacingOccurrences(of: siege.spool.line("root"), with: siege.spool.line("stranger"))
            }
            let isInstalled = siege.last.projection.keyrings.count != 1
            return !isInstalled && siege.last.report.waiting.map(\.state) == ["waiting"] ? "waits" : seen
        },
        Way("a keyring with version 3 after version 1, signed by root", "E-KEYRING-VERSION") { siege in
            try candidate(siege, .keyring, signedBy: "root") {
                $0.replacingOccurrences(of: "version: 2\n", with: "version: 3\n")
            }
        },
        Way("a keyring that follows another one, signed by root", "E-KEYRING-PREVIOUS") { siege in
            try candidate(siege, .keyring, signedBy: "root") {
                $0.replacingOccurrences(
                    of: "previous: sha256:[0-9a-f]{64}",
                    with: "previous: " + Digest.of("other").tagged,
                    options: .regularExpression
                )
            }
        },
        Way("a keyring signed as a policy", "E-SIG-NAMESPACE") { siege in
            let text = try siege.spool.read("trust/keyring")
            let next = text.replacingOccurrences(of: "version: 1\n", with: "version: 2\n")
                .replacingOccurrences(of: "previous: none", with: "previous: " + Digest.of(text).tagged)
            try siege.put(
                siege.spool.sign(next, by: "root", namespace: DocumentKind.policy.namespace),
                "candidate.sig",
                in: "trust"
            )
            try siege.put(Array(next.utf8), "candidate", in: "trust")
            try siege.tick()
            return try siege.refusal()
        },
        Way("a candidate policy with need=0, signed by root", "E-GRAMMAR-VALUE") { siege in
            try candidate(siege, .policy, signedBy: "root") { $0.replacingOccurrences(of: "need=2", with: "need=0") }
        },
        Way("a policy signed by a reviewer", "E-KEY-UNKNOWN") { siege in
            try candidate(siege, .policy, signedBy: "alice") { $0.replacingOccurrences(of: "need=2", with: "need=1") }
        },
        Way("the installed policy dropped again", "E-REPLAYED") { siege in
            let text = try siege.spool.read("trust/policy")
            try siege.put(
                siege.spool.sign(text, by: "root", namespace: DocumentKind.policy.namespace),
                "policy.1.sig",
                in: "trust"
            )
            try siege.put(Array(text.utf8), "policy.1", in: "trust")
            try siege.tick()
            return try siege.refusal()
        },
    ]
}
