/// Exit statuses, fixed for ever once released (cli.md). A new one may be added; none changes meaning.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done; for checks: it holds.
    case success = 0
    /// Wrong usage.
    case usage = 64
    /// What you named was refused.
    case refused = 65
    /// Nothing there; nothing to verify.
    case missing = 66
    /// A needed component is missing.
    case unavailable = 69
    /// The ledger or disk contradicts itself; nothing was changed.
    case contradiction = 70
    /// Cannot write an output file that you named.
    case cannotWrite = 73
    /// Transient: try again.
    case transient = 75
    /// This person or key may not.
    case forbidden = 77
    /// Keyring, policy, format or configuration unusable.
    case configuration = 78
    /// Interrupted.
    case interrupted = 130
}
