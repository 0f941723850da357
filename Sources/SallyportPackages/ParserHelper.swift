internal import SallyportBase

/// Why no inspection could be made: a failure of this machine, never a verdict on the package.
public enum ParserError: Error, Equatable, Sendable {
    /// libarchive or zlib is not installed (exit 69).
    case libraryMissing(String)
    /// The helper could not be started, or is gone.
    case helperGone(String)
    /// The package's descriptor could not be read.
    case unreadable(errno: Int32)
}

/// The process that forks one confined child a package (architecture.md, "Trust lines").
///
/// Started before the first lock is taken and before any secret is read: what it forks would keep both.
public final class ParserHelper: Sendable {
    private init() {}

    /// Starts the helper: this same binary with the words `parser-helper`, a fixed environment and one socket.
    ///
    /// - Parameter executable: path of the `sallyport` binary; `/proc/self/exe` names the running one.
    public static func start(executable: String = "/proc/self/exe") throws -> ParserHelper {
        throw ParserError.helperGone("not yet")
    }

    /// Looks at one package. May be called from two threads at once.
    ///
    /// - Parameters:
    ///   - descriptor: a regular file, read with `pread` from offset 0; stays open and keeps its offset.
    ///   - size: its bytes, from `fstat`; more than that is not read.
    ///   - containerOnly: archive rules only, plain tar too, no manifest.
    ///   - keeping: paths below the agent's root whose bytes come back in ``Inspection/kept``.
    ///   - sink: receives the tree. Only after a first inspection without errors, with that one's ``Inspection/rootPrefix``.
    ///   - rootPrefix: removed from every path before the sink sees it.
    /// - Throws: ``ParserError``, and what the sink throws.
    public func inspect(
        package descriptor: Int32, size: Int64, limits: Limits = Limits(), containerOnly: Bool = false,
        keeping: Set<String> = [], into sink: (any TreeSink)? = nil, stripping rootPrefix: String = ""
    ) throws -> Inspection {
        throw ParserError.helperGone("not yet")
    }
}

/// The life of the helper process: `main` calls it first when the only word is `parser-helper`; it does not come back.
public func runParserHelper() -> Never { fatalError() }
