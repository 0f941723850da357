internal import CLinux
internal import Glibc
internal import SallyportBase

/// Why no inspection could be made: a failure of this machine, never a verdict on the package.
public enum ParserError: Error, Equatable, Sendable, CustomStringConvertible {
    /// libarchive or zlib is not installed (exit 69).
    case libraryMissing
    /// The child could not confine itself, so nothing was parsed.
    case notConfined
    /// The helper could not be started, or is gone.
    case helperGone(String)
    /// The package's descriptor could not be read.
    case unreadable

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .libraryMissing: "libarchive or zlib is missing: apt-get install libarchive13 zlib1g"
        case .notConfined: "the parser cannot be confined: the kernel refuses seccomp or a limit"
        case .helperGone(let reason): "the parser helper is not there: \(reason)"
        case .unreadable: "the package cannot be read"
        }
    }
}

/// The process that forks one confined child a package (architecture.md, "Trust lines").
///
/// Started before the first lock is taken and before any secret is read: what it forks would keep both. It ends when this process
/// does, however that ends: its socket is then closed, and its children follow it.
public final class ParserHelper: Sendable {
    private let socket: Int32
    /// Process id of the helper.
    public let process: Int32

    private init(socket: Int32, process: Int32) {
        self.socket = socket
        self.process = process
    }

    deinit {
        close(socket)
        // It ends by itself as soon as it sees the end of its socket.
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Starts the helper: this same binary with the word `parser-helper`, a fixed environment and one socket.
    ///
    /// - Parameter executable: path of the `sallyport` binary; the running one when it is not given.
    /// - Throws: ``ParserError/helperGone(_:)``.
    public static func start(executable: String = "/proc/self/exe") throws(ParserError) -> ParserHelper {
        var process: pid_t = 0
        let socket = unsafe cl_helper_start(executable, &process)
        guard socket >= 0 else { throw ParserError.helperGone(unsafe String(cString: strerror(errno))) }
        return ParserHelper(socket: socket, process: process)
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
        package descriptor: Int32,
        size: Int64,
        limits: Limits = Limits(),
        containerOnly: Bool = false,
        keeping: Set<String> = [],
        into sink: (any TreeSink)? = nil,
        stripping rootPrefix: String = ""
    ) throws -> Inspection {
        var assembly = Assembly(limits, containerOnly: containerOnly, keeping: keeping, sink: sink, prefix: rootPrefix)
        guard size <= limits.packageBytes else {
            assembly.find(.packageSize, "-", "\(size) bytes; at most \(limits.packageBytes)")
            return assembly.inspection()
        }
        let request = ParserRequest(size: size, containerOnly: containerOnly, limits: limits)
        let answer = try Answer(asking: socket, request.words, package: descriptor, seconds: limits.childWallSeconds)
        let end = try answer.read { kind, bytes in
            if let frame = Frame(kind: kind, bytes) {
                try assembly.take(frame)
            } else {
                assembly.stop(.parserProtocol, "an answer that cannot be")
            }
            return !assembly.isStopped
        }
        switch end {
        case .stopped: break
        case .timeout: assembly.stop(.timeout, "not read within \(limits.childWallSeconds) seconds")
        case .gone: throw ParserError.helperGone("it ended while a package was read")
        case .status(let status): try conclude(status, &assembly)
        }
        return assembly.inspection()
    }

    private func conclude(_ status: Int32, _ assembly: inout Assembly) throws {
        let signal = status & 0x7F
        guard status >= 0 else { throw ParserError.helperGone(unsafe String(cString: strerror(-status))) }
        if signal != 0 {
            return assembly.stop(.parserDied, "the parser ended by signal \(signal)\(Self.meaning(of: signal))")
        }
        switch status >> 8 & 0xFF {
        case ChildStatus.done:
            if !assembly.isDone { assembly.stop(.parserProtocol, "the answer has no end") }
        case ChildStatus.libraryMissing: throw ParserError.libraryMissing
        case ChildStatus.notConfined: throw ParserError.notConfined
        case ChildStatus.unreadable: throw ParserError.unreadable
        case ChildStatus.strangeRequest: throw ParserError.helperGone("the binary was replaced while it ran")
        case let other: assembly.stop(.parserDied, "the parser ended with status \(other)")
        }
    }

    private static func meaning(of signal: Int32) -> String {
        switch signal {
        case SIGSYS: " (SIGSYS): it tried what it may not"
        case SIGXCPU, SIGKILL: ": it used too much time"
        case SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS: ": it failed or ran out of memory"
        default: ""
        }
    }
}
