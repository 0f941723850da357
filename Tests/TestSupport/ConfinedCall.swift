internal import CLinux

/// How a system call ends for a child that is confined as a package parser is.
public enum ConfinedOutcome: Equatable, Sendable {
    /// Killed by this signal.
    case killed(signal: Int32)
    /// The call was made and failed.
    case failed
    /// The call was made and succeeded.
    case succeeded
    /// There was no such child.
    case broken(status: Int32)
}

/// Makes one system call in a freshly confined child. Pointers among the arguments must stay valid during the call.
public func confinedCall(_ number: Int, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0) -> ConfinedOutcome {
    let status = cl_confined_call(number, a, b, c, d)
    if status < 0 { return .broken(status: status) }
    if status & 0x7F != 0 { return .killed(signal: status & 0x7F) }
    switch status >> 8 & 0xFF {
    case 0: return .succeeded
    case 1: return .failed
    default: return .broken(status: status)
    }
}
