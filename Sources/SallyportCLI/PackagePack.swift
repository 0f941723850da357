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
        let part = output + ".part"
        let tree = try SourceTree(directory, leavingOut: [output, part])
        if !tree.problems.isEmpty { throw Failure(.refused, tree.problems) }
        // Beside the output, so that the last step is one rename; a killed run leaves a name that no intake takes.
        defer { unsafe unlink(part) }
        let manifest = try completedManifest(directory, path, context)
        try write(tree, manifest, to: part)
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

    private static func write(_ tree: SourceTree, _ manifest: [UInt8]?, to part: String) throws {
        unsafe unlink(part)
        let descriptor = unsafe open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(.cannotWrite, part, reason()) }
        let output = File(adopting: descriptor, label: part)
        do {
            let writer = try PackageWriter { bytes in
                do throws(DiskError) { try output.write(bytes) } catch {
                    throw Failure(.cannotWrite, part, reason(error.code))
                }
            }
            try tree.forEach { source, file in
                if let manifest, source.path == Array("agent.json".utf8) {
                    try writer.begin(source.path, executable: source.executable, size: UInt64(manifest.count))
                    try writer.content(manifest)
                } else {
                    let size = UInt64(try file.status().size)
                    try writer.begin(source.path, executable: source.executable, size: size)
                    while case let bytes = try file.read(upTo: 1 << 20), !bytes.isEmpty { try writer.content(bytes) }
                }
                try writer.end()
            }
            try writer.finish()
        } catch PackageWriter.Failure.changed(let path) {
            throw Failure(.transient, path, "was changed while it was packed", hint: "pack again when it is at rest")
        } catch PackageWriter.Failure.noCompressor {
            throw Failure(.unavailable, "zlib", "cannot be loaded", hint: "apt-get install zlib1g")
        }
        do throws(DiskError) { try output.sync() } catch { throw Failure(.cannotWrite, part, reason(error.code)) }
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
