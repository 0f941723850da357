private import CArchive
private import CLinux
private import Glibc
internal import SallyportBase

/// The life of the helper process: `main` calls it first when the only word is `parser-helper`; it does not come back.
///
/// It has one thread, no secret, no lock and no descriptor but its socket.
public func runParserHelper() -> Never {
    // All that a child could not do any more: locale, time zone and libraries are files, and jansson seeds its hash from one.
    _ = unsafe setlocale(LC_CTYPE, "C.UTF-8")
    tzset()
    _ = Libraries.areThere
    _ = try? JSON.parse(Array(#"{"seed":1}"#.utf8), limit: 64)
    exit(unsafe cl_helper_serve(8) { words in unsafe serve(words) })
}

private enum Libraries {
    static let areThere = unsafe ca_load() == nil
}

@unsafe private func serve(_ words: UnsafePointer<Int64>?) -> Int32 {
    guard let words = unsafe words,
        let request = ParserRequest(words: unsafe Array(UnsafeBufferPointer(start: words, count: 16)))
    else { return ChildStatus.strangeRequest }
    guard Libraries.areThere else { return ChildStatus.libraryMissing }
    guard cl_confine(UInt64(request.limits.childMemoryBytes), UInt32(request.limits.childCPUSeconds)) == 0 else {
        return ChildStatus.notConfined
    }
    let child = ParserChild(request)
    child.run()
    return child.status
}

/// One package, in the confined child: descriptor 0 is the package, 1 the answer.
private final class ParserChild {
    private let request: ParserRequest
    private let stream: PackageStream
    private var walk: TarWalk
    private var opinion: SecondOpinion?
    private var answer: [UInt8] = []
    private var findings = 0
    private var wasCut = false
    private var manifest: ManifestBytes
    var status: Int32 { stream.readError == 0 ? ChildStatus.done : ChildStatus.unreadable }

    init(_ request: ParserRequest) {
        self.request = request
        stream = PackageStream(size: request.size, limits: request.limits)
        walk = TarWalk(request.limits)
        manifest = ManifestBytes(limit: request.limits.manifestBytes)
    }

    func run() {
        switch Container.recognise(stream.peek()) {
        case .gzip:
            if stream.beginInflating() {
                archive()
            } else {
                finding(.gzipDamaged, "-", "no memory for the gzip stream")
            }
        case .tar where request.containerOnly: archive()
        case .tar: finding(.containerUnsupported, "-", "a tar that is not compressed")
        case .unsupported(let name): finding(.containerUnsupported, "-", "a file in the format \(name)")
        case .unknown where request.size < 2:
            wasCut = true
            finding(.truncated, "-", "the file has \(request.size) bytes")
        case .unknown: finding(.containerUnknown, "-", "no archive: the first bytes are of no format that is known")
        }
        if wasCut { send(.incomplete) }
        send(.done(streamBytes: UInt64(stream.produced)))
        flush()
    }

    private func archive() {
        let opinion = SecondOpinion { [unowned self] in self.pull() }
        self.opinion = opinion
        let difference = opinion.firstDifference()
        // libarchive stops where it thinks the archive ends, or where it fails; the strict walk goes to the true end.
        while pull() != nil {}
        if findings == 0, let difference { finding(.parserDisagrees, difference.place, difference.text) }
        if !request.containerOnly { sendManifest() }
    }

    private var isAtEnd = false

    /// The next piece of the stream, after the strict walk has seen it.
    private func pull() -> ArraySlice<UInt8>? {
        guard !isAtEnd else { return nil }
        switch stream.next() {
        case .bytes(let bytes):
            walk.push(bytes) { take($0) }
            if !walk.isStopped { return bytes }
            isAtEnd = true
            return nil
        case .broken(let rule, let text):
            isAtEnd = true
            wasCut = rule == .truncated
            finding(rule, "-", text)
        case .end:
            isAtEnd = true
            let before = findings
            walk.finish { take($0) }
            // A plain tar that ends too early may still be on its way; a gzip stream that is whole will not grow.
            wasCut = findings > before && stream.isCut
        }
        return nil
    }

    private func take(_ event: TarWalk.Event) {
        switch event {
        case .entry(let kind, let mode, let size, let path):
            opinion?.begin(path, kind, size)
            manifest.begin(path, isFile: kind == .file)
            send(.entry(kind: kind.rawValue, mode: mode, size: size, path: path))
        case .bytes(let bytes):
            opinion?.bytes(bytes)
            manifest.bytes(bytes)
            send(.bytes(bytes))
        case .end: send(.entryEnd)
        case .finding(let rule, let place, let text): finding(rule, place, text)
        }
    }

    private func sendManifest() {
        guard let bytes = manifest.chosen, bytes.count <= request.limits.manifestBytes else { return }
        do {
            let value = try JSON.parse(bytes, limit: request.limits.manifestBytes)
            var tree: [UInt8] = []
            JSONTree.encode(value, into: &tree)
            var rest = tree[...]
            while !rest.isEmpty {
                send(.manifest(rest.prefix(32_768)))
                rest = rest.dropFirst(32_768)
            }
        } catch {
            send(.manifestProblem(error.line > 0 ? "line \(error.line): \(error.description)" : error.description))
        }
    }

    private func finding(_ rule: Rule, _ place: String, _ text: String) {
        findings += 1
        guard findings <= 1_000 else { return }
        send(.finding(code: rule.rawValue, place: place, text: text))
    }

    private func send(_ frame: Frame) {
        frame.encode(into: &answer)
        if answer.count >= 65_536 { flush() }
    }

    private func flush() {
        var done = 0
        while done < answer.count {
            let count = unsafe answer.withUnsafeBytes {
                unsafe write(1, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                _exit(ChildStatus.done)  // Nobody listens any more.
            }
            done += count
        }
        answer.removeAll(keepingCapacity: true)
    }
}

/// The bytes of `agent.json` at the root, or in the first top-level directory seen.
struct ManifestBytes {
    private let limit: Int
    private var root: [UInt8]?
    private var nested: [UInt8]?
    private var top: [UInt8]?
    private enum Target { case none, root, nested }
    private var target = Target.none

    init(limit: Int) { self.limit = limit }

    /// What is to be parsed: the one at the root first.
    var chosen: [UInt8]? { root ?? nested }

    mutating func begin(_ path: [UInt8], isFile: Bool) {
        let path = Paths.withoutDot(path)
        let first = Array(path.prefix { $0 != 0x2F })
        if top == nil, !first.isEmpty { top = first }
        target = .none
        guard isFile else { return }
        if path == Array("agent.json".utf8) {
            root = []
            target = .root
        } else if let top, path == top + Array("/agent.json".utf8) {
            nested = []
            target = .nested
        }
    }

    /// One byte beyond the limit is kept, so that the length tells.
    mutating func bytes(_ bytes: ArraySlice<UInt8>) {
        let room = max(0, limit + 1 - ((target == .root ? root : nested)?.count ?? 0))
        switch target {
        case .none: return
        case .root: root?.append(contentsOf: bytes.prefix(room))
        case .nested: nested?.append(contentsOf: bytes.prefix(room))
        }
    }
}
