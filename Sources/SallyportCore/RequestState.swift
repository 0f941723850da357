/// Where a request stands. What is not listed in ``applying(_:)`` does not happen.
public enum RequestState: String, Sendable, CaseIterable {
    /// In `review/`, waiting for signatures.
    case inReview = "in-review"
    /// In `approved/`, waiting for its turn.
    case approved
    /// What its slot runs.
    case live
    /// Was live, another release followed.
    case retired
    /// Was live, rolled back from; its payload is BAD in its slot.
    case condemned
    /// Ended by a person's rejection.
    case rejected
    /// Ended by its deadline.
    case expired
    /// Ended by its submitter.
    case cancelled
    /// Ended by a higher version.
    case superseded

    /// Neither judged to the end nor live: it occupies `review/` or `approved/`.
    public var isOpen: Bool { self == .inReview || self == .approved }
    /// It has been what its slot runs.
    public var wasLive: Bool { self == .live || self == .retired || self == .condemned }
}

/// What happens to a request; each is one ledger entry, or the shadow of another request's entry in the same slot.
public enum RequestEvent: String, Sendable, CaseIterable {
    /// `request.reissued`
    case reissued
    /// `release.approved`
    case approved
    /// `release.activated`
    case activated
    /// Another release of the slot was activated.
    case succeeded
    /// `release.rolled-back` away from it.
    case condemned
    /// `release.rolled-back` to it.
    case restored
    /// `request.rejected`
    case rejected
    /// `request.expired`
    case expired
    /// `request.cancelled`
    case cancelled
    /// `request.superseded`
    case superseded
}

/// An event that the state does not allow: the ledger or the program contradicts itself.
public struct IllegalTransition: Error, Equatable, Sendable {
    /// The state it was in.
    public let state: RequestState
    /// What should have happened to it.
    public let event: RequestEvent
}

extension RequestState {
    /// The state after an event; pure: no clock, no disk.
    ///
    /// - Throws: ``IllegalTransition`` naming both halves.
    public func applying(_ event: RequestEvent) throws(IllegalTransition) -> RequestState {
        switch (self, event) {
        // New terms bring an approved request back to its reviewers.
        case (.inReview, .reissued), (.approved, .reissued): .inReview
        case (.inReview, .approved): .approved
        case (.approved, .activated): .live
        case (.live, .succeeded): .retired
        case (.live, .condemned): .condemned
        case (.retired, .restored): .live
        case (.inReview, .rejected), (.approved, .rejected): .rejected
        case (.inReview, .expired), (.approved, .expired): .expired
        case (.inReview, .cancelled), (.approved, .cancelled): .cancelled
        case (.inReview, .superseded), (.approved, .superseded): .superseded
        default: throw IllegalTransition(state: self, event: event)
        }
    }
}
