public import SallyportDisk

/// Why the ledger did not do what it was asked.
public enum LedgerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The ledger or its state contradicts itself: tampering or damage. Nothing was changed (exit 70).
    case contradiction(path: String, expected: String, found: String)
    /// A system call failed; nothing was acknowledged (exit 75).
    case disk(DiskError)
    /// Somebody else holds this lock for longer than we wait (exit 75).
    case busy(String)
    /// A type or format that this version does not know: it reads and verifies, and refuses to append (exit 78).
    case unknownFormat(String)
    /// There is no ledger here (exit 66).
    case missing(String)
    /// The caller asked for a line that no ledger may hold: too long, too many. A mistake in Sallyport.
    case unwritable(String)

    /// What, where, expected and found.
    public var description: String {
        switch self {
        case .contradiction(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
        case .disk(let error): error.description
        case .busy(let lock): "\(lock): somebody else holds it"
        case .unknownFormat(let text): text
        case .missing(let path): "\(path): no ledger here"
        case .unwritable(let text): text
        }
    }
}
