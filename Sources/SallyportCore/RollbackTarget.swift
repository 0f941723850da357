public import SallyportBase
public import SallyportTrust

/// Whether a release may be rolled back to, and why not (formats.md §2, "Order").
public struct RollbackEligibility: Equatable, Sendable {
    /// The release.
    public let release: Release
    /// `nil` when it may; otherwise the reason in a few words.
    public let reason: String?
    /// True when it may.
    public var isEligible: Bool { reason == nil }
}

/// Which releases a slot can go back to. Pure; what lies on the disk is told by the caller.
public enum RollbackTarget {
    /// What the caller knows about the live release's state: it may be unable to hand it back to an older version.
    public struct Constraint: Sendable {
        /// The manifest's `rollback.stateCompatible`.
        public let stateCompatible: Bool
        /// The oldest version that understands the state.
        public let minimumVersion: SemanticVersion?
        /// Makes a constraint.
        public init(stateCompatible: Bool, minimumVersion: SemanticVersion?) {
            self.stateCompatible = stateCompatible
            self.minimumVersion = minimumVersion
        }
        /// Nothing stands in the way.
        public static let none = Constraint(stateCompatible: true, minimumVersion: nil)
    }

    /// Judges every release of a slot, newest activation first.
    ///
    /// - Parameters:
    ///   - onDisk: names of the releases whose files are there.
    ///   - window: how far back, in seconds, from `now` to the release's activation's end.
    public static func judge(
        _ slot: Slot,
        in projection: Projection,
        keyring: Keyring,
        onDisk: Set<String>,
        window: Int64,
        constraint: Constraint,
        now: Timestamp
    ) -> [RollbackEligibility] {
        slot.releases.reversed().map { release in
            RollbackEligibility(
                release: release,
                reason: obstacle(
                    release,
                    slot,
                    projection,
                    keyring,
                    onDisk: onDisk,
                    window: window,
                    constraint,
                    now: now
                )
            )
        }
    }

    private static func obstacle(
        _ release: Release,
        _ slot: Slot,
        _ projection: Projection,
        _ keyring: Keyring,
        onDisk: Set<String>,
        window: Int64,
        _ constraint: Constraint,
        now: Timestamp
    ) -> String? {
        if release.name == slot.live { return "it is live" }
        if slot.bad[release.payload] != nil { return "it was rolled back from" }
        if let live = slot.liveRelease, release.seq > live.seq {
            return "it came after what is live: going forward takes an approval"
        }
        if !onDisk.contains(release.name) { return "its files are no longer kept" }
        if replacedAt(release, slot).adding(seconds: window) < now { return "it lies outside the rollback window" }
        if !constraint.stateCompatible {
            guard let least = constraint.minimumVersion, let version = SemanticVersion(release.version),
                version >= least
            else { return "the live release changed its state for good" }
        }
        guard let request = projection.requests[release.request] else { return "its request is unknown" }
        let approving = Set(request.currentVotes.filter { $0.decision == "approve" }.map(\.person))
        let standing = request.currentVotes.filter {
            $0.decision == "approve" && keyring.standing(of: $0.key, arrivedAt: $0.arrived) == .good
        }
        if Set(standing.map(\.person)) != approving { return "an approval of it was revoked" }
        return nil
    }

    // The window counts from when it stopped being live, not from when it began.
    private static func replacedAt(_ release: Release, _ slot: Slot) -> Timestamp {
        guard let index = slot.releases.firstIndex(where: { $0.name == release.name }),
            index + 1 < slot.releases.count
        else { return release.activated }
        return slot.releases[index + 1].activated
    }

    /// The version that an order names: the newest eligible one for `last-good`, else the one named.
    ///
    /// - Returns: the release, or the reason why there is none.
    public static func choose(_ target: Order.Target, among all: [RollbackEligibility]) -> Result<Release, NoTarget> {
        switch target {
        case .lastGood:
            guard let first = all.first(where: \.isEligible) else {
                return .failure(NoTarget(reason: "no release of this slot can be rolled back to"))
            }
            return .success(first.release)
        case .release(let name):
            guard let named = all.first(where: { $0.release.name == name.description }) else {
                return .failure(NoTarget(reason: "\(name) was never live in this slot"))
            }
            if let reason = named.reason { return .failure(NoTarget(reason: "\(name): \(reason)")) }
            return .success(named.release)
        }
    }

    /// Why an order has no target.
    public struct NoTarget: Error, Equatable, Sendable {
        /// In a few words.
        public let reason: String
    }
}
