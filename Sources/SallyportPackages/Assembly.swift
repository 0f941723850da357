internal import SallyportBase

/// The parent's side of an answer: takes frames, believes none, hashes every byte, and ends as an ``Inspection``.
struct Assembly {
    private let limits: Limits
    private let containerOnly: Bool
    private let keeping: Set<String>
    private let prefix: String
    private var sink: (any TreeSink)?
    private var findings: [Finding] = []
    private var suppressed = 0
    private var entries: [PackageEntry] = []
    private var tree: PathTree
    private var count = 0
    private var total: Int64 = 0
    private var isIncomplete = false
    /// The child could not read the archive to its end, so what is missing may be there.
    private var isBroken = false
    /// Every file that was named, refused ones too: a manifest that names one has not forgotten it.
    private var named: Set<String> = []
    private var manifestTree: [UInt8] = []
    private var manifestProblem: String?
    /// The first part of the first path, and whether every path begins with it and goes on.
    private var top: String?
    private var isSingleTop = true
    private var kept: [String: [UInt8]] = [:]
    private var keptBytes = 0
    private var current: Current?
    /// True after the last frame.
    private(set) var isDone = false
    /// True when nothing more is worth reading.
    private(set) var isStopped = false

    private struct Current {
        let path: String
        let isFile: Bool
        let isGood: Bool
        let executable: Bool
        let declared: UInt64
        var size: UInt64 = 0
        var hasher = SHA256()
        var isKept: Bool
        var isWritten: Bool
    }

    init(_ limits: Limits, containerOnly: Bool, keeping: Set<String>, sink: (any TreeSink)?, prefix: String) {
        self.limits = limits
        self.containerOnly = containerOnly
        self.keeping = keeping
        self.sink = sink
        self.prefix = prefix
        tree = PathTree(pathBytes: limits.treeBytes)
    }

    /// Adds a finding; beyond the limit they are counted.
    mutating func find(_ rule: Rule, _ place: String, _ text: String) {
        if findings.count < limits.findings {
            findings.append(rule.finding(place, text))
        } else {
            suppressed += 1
        }
    }

    /// Gives the whole answer up.
    mutating func stop(_ rule: Rule, _ text: String) {
        find(rule, "-", text)
        isStopped = true
    }

    /// Takes the next frame.
    mutating func take(_ frame: Frame) throws {
        guard !isStopped else { return }
        guard !isDone else { return stop(.parserProtocol, "more after the end of the answer") }
        switch frame {
        case .entry(let kind, let mode, let size, let path):
            guard current == nil, let kind = EntryKind(rawValue: kind), path.count <= limits.headerBytes else {
                return stop(.parserProtocol, "an entry that cannot be")
            }
            try begin(kind, mode, size, path)
        case .bytes(let bytes): try content(bytes)
        case .entryEnd: try end()
        case .finding(let code, let place, let text):
            guard let rule = Rule(rawValue: code) else { return stop(.parserProtocol, "a finding that does not exist") }
            if rule != .tarAttributes, rule != .parserDisagrees { isBroken = true }
            find(rule, shown(place), shown(text))
        case .incomplete: isIncomplete = true
        case .manifest(let bytes):
            manifestTree += bytes
            // Tags and counts take five bytes where JSON takes at least one.
            if manifestTree.count > 8 * limits.manifestBytes { stop(.parserProtocol, "a manifest that is too long") }
        case .manifestProblem(let text): manifestProblem = shown(text)
        case .done:
            // Where the child found the archive broken, it may end within an entry.
            guard current == nil || !findings.isEmpty else {
                return stop(.parserProtocol, "the answer ends within an entry")
            }
            isDone = true
        }
    }

    private mutating func begin(_ kind: EntryKind, _ mode: UInt32, _ size: UInt64, _ raw: [UInt8]) throws {
        count += 1
        guard count <= limits.entries else { return stop(.count, "more than \(limits.entries) entries") }
        guard size <= UInt64(limits.unpackedBytes) else { return stop(.unpackedSize, "an entry of \(size) bytes") }
        var path = Paths.withoutDot(raw)
        if kind == .directory, path.last == 0x2F { path.removeLast() }
        let isFile = kind == .file
        // The archive's own root, as `tar -C DIR .` names it: nothing to make.
        if kind == .directory, path.isEmpty || path == [0x2E], !raw.isEmpty, raw.first == 0x2E {
            current = Current(
                path: "",
                isFile: false,
                isGood: false,
                executable: false,
                declared: size,
                isKept: false,
                isWritten: false
            )
            return
        }
        let place = Paths.place(raw)
        let before = findings.count + suppressed
        checkKind(kind, mode, place)
        for problem in Paths.problems(path, limits) { find(problem.rule, place, problem.text) }
        let text = String(decoding: path, as: UTF8.self)
        let parts = text.utf8.split(separator: 0x2F).map { String($0) ?? "" }
        if findings.count + suppressed == before {
            for problem in tree.add(parts, isDirectory: !isFile) { find(problem.rule, place, problem.text) }
            if tree.isTooLarge { return stop(.count, "names of more than \(limits.treeBytes) bytes in all") }
        }
        let first = parts.first ?? ""
        top = top ?? first
        if top != first || (isFile && parts.count == 1) { isSingleTop = false }
        if isFile { named.insert(text) }
        let isGood = findings.count + suppressed == before
        let relative = text.dropping(prefix)
        let executable = mode & 0o100 != 0
        var isWritten = false
        if sink != nil, isGood, findings.isEmpty {
            isWritten = try write(relative, isFile: isFile, isRoot: text + "/" == prefix, executable, place)
        }
        current = Current(
            path: text,
            isFile: isFile,
            isGood: isGood,
            executable: executable,
            declared: size,
            isKept: keeps(parts),
            isWritten: isWritten
        )
        if current?.isKept == true { kept[text] = [] }
    }

    private mutating func write(
        _ relative: String?,
        isFile: Bool,
        isRoot: Bool,
        _ executable: Bool,
        _ place: String
    ) throws -> Bool {
        if isRoot { return false }
        guard let relative, !relative.isEmpty else {
            find(.parserDisagrees, place, "outside \(prefix), where everything was before")
            return false
        }
        let parts = relative.utf8.split(separator: 0x2F).map { String($0) ?? "" }
        for depth in stride(from: 1, to: parts.count, by: 1) { try sink?.directory(Array(parts.prefix(depth))) }
        guard isFile else {
            try sink?.directory(parts)
            return false
        }
        try sink?.begin(parts, executable: executable)
        return true
    }

    private mutating func checkKind(_ kind: EntryKind, _ mode: UInt32, _ place: String) {
        switch kind {
        case .file, .directory:
            if mode & 0o7000 != 0 {
                find(.mode, place, "setuid, setgid or sticky: mode \(String(mode & 0o7777, radix: 8))")
            }
        case .symbolicLink: find(.symbolicLink, place, "a symbolic link")
        case .hardLink: find(.hardLink, place, "a hard link")
        case .device: find(.device, place, "a device")
        case .fifo: find(.fifo, place, "a FIFO")
        case .other: find(.otherKind, place, "neither a file nor a directory")
        }
    }

    // The root is not known before the end, so both places are kept.
    private func keeps(_ parts: [String]) -> Bool {
        let whole = parts.joined(separator: "/")
        let below = parts.dropFirst().joined(separator: "/")
        let wanted = { (path: String) in path == "agent.json" || self.keeping.contains(path) }
        return !containerOnly && (wanted(whole) || (wanted(below) && isSingleTop))
    }

    private mutating func content(_ bytes: ArraySlice<UInt8>) throws {
        guard var entry = current, entry.isFile else { return stop(.parserProtocol, "content without a file") }
        entry.size += UInt64(bytes.count)
        total += Int64(bytes.count)
        current = nil
        defer { current = entry }
        guard entry.size <= entry.declared else { return stop(.parserProtocol, "more content than announced") }
        guard total <= limits.unpackedBytes else {
            return stop(.unpackedSize, "more than \(limits.unpackedBytes) bytes")
        }
        entry.hasher.update(bytes)
        if entry.isWritten { try sink?.write(Array(bytes)) }
        if entry.isKept {
            keptBytes += bytes.count
            // Too long to keep is no fault of the package; only a manifest has a limit of its own.
            if keptBytes > limits.keptBytes {
                kept[entry.path] = nil
                entry.isKept = false
            } else {
                kept[entry.path]?.append(contentsOf: bytes)
            }
        }
    }

    private mutating func end() throws {
        guard let entry = current else { return stop(.parserProtocol, "the end of no entry") }
        current = nil
        guard entry.isFile else { return }
        guard entry.size == entry.declared else { return stop(.parserProtocol, "less content than announced") }
        if entry.isWritten { try sink?.end() }
        if entry.isGood {
            entries.append(
                PackageEntry(
                    path: entry.path,
                    size: Int64(entry.size),
                    executable: entry.executable,
                    digest: entry.hasher.finish()
                )
            )
        }
    }

    /// The value of everything that was taken.
    consuming func inspection() -> Inspection {
        if isDone, count == 0 || entries.isEmpty, findings.isEmpty { find(.empty, "-", "the archive holds no file") }
        guard !containerOnly else { return result(entries, "", nil, []) }
        var root = ""
        if !entries.contains(where: { $0.path == "agent.json" }), isSingleTop, let only = top,
            entries.contains(where: { $0.path == only + "/agent.json" })
        {
            root = only + "/"
        }
        let files = entries.map {
            PackageEntry(
                path: $0.path.dropping(root) ?? $0.path,
                size: $0.size,
                executable: $0.executable,
                digest: $0.digest
            )
        }
        if let proof = files.first(where: {
            $0.path.lowercased() == "proof" || $0.path.lowercased().hasPrefix("proof/")
        }) {
            find(.proof, Paths.place(proof.path.utf8), "the name PROOF at the top of a package")
        }
        guard isDone, !isStopped, !isIncomplete else { return result(files, root, nil, []) }
        let bytes = kept[root + "agent.json"] ?? []
        let manifest = manifest(bytes, files, root)
        return result(files, root, manifest, bytes)
    }

    private mutating func manifest(_ bytes: [UInt8], _ files: [PackageEntry], _ root: String) -> Manifest? {
        guard let file = files.first(where: { $0.path == "agent.json" }) else {
            if findings.isEmpty { find(.manifestMissing, "agent.json", "the package has no manifest") }
            return nil
        }
        guard file.size <= Int64(limits.manifestBytes) else {
            find(.manifestSize, "agent.json", "\(file.size) bytes; at most \(limits.manifestBytes)")
            return nil
        }
        if let manifestProblem {
            find(.manifestJSON, "agent.json", manifestProblem)
            return nil
        }
        guard let value = JSONTree.decode(manifestTree), JSONText.spells(value, bytes) else {
            find(.parserProtocol, "agent.json", "what the parser read is not what the manifest says")
            return nil
        }
        let contents = isBroken ? nil : Set(named.compactMap { $0.dropping(root) })
        let violations = ManifestCheck.findings(value, contents: contents, limits)
        for violation in violations { find(violation) }
        return violations.isEmpty ? Manifest(value) : nil
    }

    private mutating func find(_ finding: Finding) {
        if findings.count < limits.findings { findings.append(finding) } else { suppressed += 1 }
    }

    private func result(_ files: [PackageEntry], _ root: String, _ manifest: Manifest?, _ bytes: [UInt8]) -> Inspection
    {
        var all = findings
        if suppressed > 0 { all.append(Rule.more.finding("-", "\(suppressed) findings more")) }
        var asked: [String: [UInt8]] = [:]
        for path in keeping { asked[path] = kept[root + path] }
        return Inspection(
            findings: all,
            entries: files,
            rootPrefix: root,
            manifest: manifest,
            manifestBytes: bytes,
            isIncomplete: isIncomplete,
            kept: asked
        )
    }
}

extension String {
    /// The text behind a prefix, byte by byte: a combining mark after a slash is no part of the slash here.
    func dropping(_ prefix: String) -> String? {
        utf8.starts(with: prefix.utf8) ? String(utf8.dropFirst(prefix.utf8.count)) : nil
    }
}
