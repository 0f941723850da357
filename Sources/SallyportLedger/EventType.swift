/// What a ledger line says happened (formats.md §5). The names are final: a reader that meets another one verifies and refuses to
/// append.
public enum EventType: String, Sendable, CaseIterable {
    /// Entry 0: format, origin, key, pipeline, tool.
    case ledgerOpened = "ledger.opened"
    /// A torn tail was set aside as evidence.
    case ledgerRecovered = "ledger.recovered"
    /// The runner is alive.
    case ledgerHeartbeat = "ledger.heartbeat"
    /// The root threshold accepted a restore from an older copy: one named break.
    case ledgerRestored = "ledger.restored"
    /// A keyring is in force.
    case keyringInstalled = "keyring.installed"
    /// A policy is in force.
    case policyInstalled = "policy.installed"
    /// A keyring, policy or other document was refused.
    case documentRefused = "document.refused"
    /// A package became a request.
    case packageReceived = "package.received"
    /// A package was refused.
    case packageRefused = "package.refused"
    /// An approval or rejection counts.
    case approvalAccepted = "approval.accepted"
    /// An approval or rejection does not count.
    case approvalRefused = "approval.refused"
    /// The terms of an open request changed.
    case requestReissued = "request.reissued"
    /// A reviewer said no.
    case requestRejected = "request.rejected"
    /// Nobody decided in time.
    case requestExpired = "request.expired"
    /// It was taken back.
    case requestCancelled = "request.cancelled"
    /// A higher version or a newer submission took its place.
    case requestSuperseded = "request.superseded"
    /// Enough distinct, eligible people signed.
    case releaseApproved = "release.approved"
    /// A release went live in a slot.
    case releaseActivated = "release.activated"
    /// A slot went back to an earlier release.
    case releaseRolledBack = "release.rolled-back"
    /// A release's files were deleted by retention.
    case releasePruned = "release.pruned"
    /// A release may not be activated again.
    case releaseRevoked = "release.revoked"
    /// A walk from 0 to 100 % began.
    case rolloutStarted = "rollout.started"
    /// It took a step.
    case rolloutAdvanced = "rollout.advanced"
    /// It was paused.
    case rolloutPaused = "rollout.paused"
    /// It goes on.
    case rolloutResumed = "rollout.resumed"
    /// It was given up.
    case rolloutAborted = "rollout.aborted"
    /// An order was refused.
    case orderRefused = "order.refused"
    /// A slot is on hold.
    case slotHeld = "slot.held"
    /// The hold was lifted.
    case slotReleased = "slot.released"
    /// A slot stays on its release.
    case slotPinned = "slot.pinned"
    /// It no longer does.
    case slotUnpinned = "slot.unpinned"
    /// Nothing goes forward in a slot or environment.
    case slotFrozen = "slot.frozen"
    /// It does again.
    case slotUnfrozen = "slot.unfrozen"
    /// A hook ended.
    case hookFinished = "hook.finished"
    /// Telemetry was counted.
    case telemetryCounted = "telemetry.counted"
    /// Telemetry was refused.
    case telemetryRefused = "telemetry.refused"
    /// A payload's retention ended.
    case payloadExpired = "payload.expired"
    /// The disk holds what no entry explains.
    case diskContradicted = "disk.contradicted"
    /// The clock is in doubt.
    case clockDoubted = "clock.doubted"
    /// An operator accepted the clock.
    case clockAccepted = "clock.accepted"
    /// No run happened for a while; deadlines move.
    case clockGap = "clock.gap"
}
