internal import Glibc
internal import SallyportBase
internal import SallyportDisk
internal import SallyportPackages

/// `package pack`: the same directory gives the same bytes, on every machine with the same zlib.
struct PackagePack: Verb {
    static let words = ["package", "pack"]
    static let usage = "DIR -o FILE"
    static let summary = "packs a directory reproducibly and checks the result as intake will"
    static let usesSpool = false
    static let options: [Arguments.Option] = [.value("-o", "FILE", "the package to write")]

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let path = try arguments.one("directory", verb: "package pack")
        let output = try arguments.required("-o", verb: "package pack")
        let helper = try startedHelper()
        let directory: Directory
        do throws(DiskError) { directory = try Directory.open(path: path) } catch {
            throw Failure(.missing, path, "cannot be opened as a directory")
        }
        var sources: [Source] = []
        var problems: [Failure.Problem] = []
        try collect(directory, [], &sources, &problems)
        if !problems.isEmpty { throw Failure(.refused, problems) }
        sources.sort { $0.path.lexicographicallyPrecedes($1.path) }
        // Beside the output, so that the last step is one rename; a killed run leaves a name that no intake takes.
        let part = output + ".part"
        defer { unsafe unlink(part) }
        let manifest = try completedManifest(directory, path, context)
        try write(sources, manifest, to: part)
        let descriptor = unsafe open(part, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(.cannotWrite, output, "cannot be read again") }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        let inspection = try parsing { try helper.inspect(package: descriptor, size: Int64(size)) }
        guard inspection.isAccepted else {
            let found = inspection.findings.map {
                Failure.Problem($0.place.isEmpty ? "/" : $0.place, $0.text, hint: $0.remedy, code: $0.rule)
            }
            throw Failure(.refused, found)
        }
        guard unsafe rename(part, output) == 0 else { throw Failure(.cannotWrite, output, reason()) }
        let digest = try digest(of: descriptor)
        context.result(
            text: "\(digest.hex)  \(shown(output))\n",
            json: [
                "file": .string(output), "sha256": .string(digest.hex), "size": .int(Int64(size)),
                "payload": .string(inspection.payload.tagged), "files": .int(Int64(inspection.entries.count)),
            ]
        )
        return .success
    }

    private struct Source {
        let path: [UInt8]
        let directory: Directory
        let name: FileName
        let executable: Bool
    }

    /// Every regular file below, `.git` left out. What is neither file nor directory is a problem, all of them at once.
    private static func collect(
        _ directory: Directory,
        _ prefix: [UInt8],
        _ out: inout [Source],
        _ problems: inout [Failure.Problem]
    ) throws {
        for name in try directory.list() where !(prefix.isEmpty && name.text == ".git") {
            guard let status = try directory.status(of: name) else { continue }
            let path = prefix + name.nameBytes
            switch status.kind {
            case .file:
                let executable = status.mode & 0o100 != 0
                out.append(Source(path: path, directory: directory, name: name, executable: executable))
            case .directory: try collect(try directory.open(name), path + [0x2F], &out, &problems)
            case .link, .other:
                let rule: Rule = status.kind == .link ? .symbolicLink : .otherKind
                problems.append(
                    .init(
                        percentEncodedPath(path),
                        status.kind == .link ? "a symbolic link" : "neither file nor directory",
                        hint: rule.remedy,
                        code: rule.rawValue
                    )
                )
            }
        }
    }

    private static func percentEncodedPath(_ path: [UInt8]) -> String {
        path.split(separator: 0x2F).map { percentEncoded($0) }.joined(separator: "/")
    }

    /// `agent.json` with `build` from git, when it lacks it and git knows; `nil` when the file goes in as it is.
    private static func completedManifest(_ directory: Directory, _ path: String, _ context: Context) throws -> [UInt8]?
    {
        let limit = Limits().manifestBytes
        guard let status = try directory.status(of: "agent.json"), status.kind == .file, status.size <= limit,
            let bytes = try directory.read("agent.json", limit: limit),
            case .object(let members)? = try? JSON.parse(bytes, limit: limit),
            !members.contains(where: { $0.key == "build" })
        else { return nil }
        guard let build = GitBuild.describe(path) else {
            context.note("\(shown(path)): git knows no commit here, so the manifest says no build")
            return nil
        }
        return Array(JSON.object(members + [.init("build", build)]).pretty.utf8)
    }

    private static func write(_ sources: [Source], _ manifest: [UInt8]?, to part: String) throws {
        unsafe unlink(part)
        let descriptor = unsafe open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(.cannotWrite, part, reason()) }
        let output = File(adopting: descriptor, label: part)
        let writer = try PackageWriter { bytes in
            do throws(DiskError) { try output.write(bytes) } catch {
                throw Failure(.cannotWrite, part, reason(error.code))
            }
        }
        for source in sources {
            if let manifest, source.path == Array("agent.json".utf8) {
                try writer.begin(source.path, executable: source.executable, size: UInt64(manifest.count))
                try writer.content(manifest)
                try writer.end()
                continue
            }
            let file = try source.directory.openFile(source.name)
            let size = UInt64(try file.status().size)
            try writer.begin(source.path, executable: source.executable, size: size)
            while case let bytes = try file.read(upTo: 1 << 20), !bytes.isEmpty { try writer.content(bytes) }
            try writer.end()
        }
        try writer.finish()
        try output.sync()
    }

    private static func digest(of descriptor: Int32) throws -> Digest {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Failure(.transient, "package", reason()) }
        var hasher = SHA256()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(.transient, "package", reason()) }
            if count == 0 { return hasher.finish() }
            hasher.update(chunk[..<count])
        }
    }

    private static func reason(_ code: Int32 = errno) -> String { unsafe String(cString: strerror(code)).lowercased() }
}
