public import SallyportBase
public import SallyportCore
public import SallyportPackages
public import SallyportTrust

extension Projection {
    /// What is wrong with a ticket beyond its grammar, its signature and its time: it belongs to this pipeline and this drop
    /// directory, and was not used before.
    ///
    /// - Parameter digest: SHA-256 of the ticket's text.
    public func problems(of ticket: Ticket, digest: Digest, in environment: String) -> [TextProblem] {
        var out: [TextProblem] = []
        if ticket.pipeline != pipeline {
            out.append(.init("E-PIPELINE", place: "pipeline", expected: pipeline, found: ticket.pipeline))
        }
        if ticket.environment != environment {
            out.append(
                .init(
                    "E-ENVIRONMENT",
                    place: "environment",
                    expected: "\(environment), the drop directory",
                    found: ticket.environment
                )
            )
        }
        if let seq = texts[digest] {
            out.append(.init("E-REPLAYED", expected: "a ticket that was not used yet", found: "used in entry \(seq)"))
        }
        return out
    }
}

/// A ticket names no agent: whether its key may submit this one is known when the manifest is.
public enum TicketScope {
    /// `F-SUBMITTER-SCOPE`, or nothing.
    public static func findings(
        _ ticket: Verified<Ticket>,
        _ manifest: Manifest,
        _ keyring: Keyring,
        at now: Timestamp
    ) -> [Finding] {
        let roles = keyring.roles(
            ofKey: ticket.keyID,
            environment: ticket.payload.environment,
            tenant: ticket.payload.tenant,
            agent: manifest.name,
            at: now
        )
        if roles.contains(.submitter) { return [] }
        return [Rule.submitterScope.finding("/name", "the key \(ticket.keyID) may not submit \(manifest.name) here")]
    }
}
