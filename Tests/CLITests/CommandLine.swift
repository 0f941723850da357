import Foundation
import TestSupport

/// A directory of its own for one test, removed afterwards, and the tools that a test calls in it.
final class Place {
    let path: String
    var home: String { path + "/home" }
    var spool: String { home + "/spool" }
    var keys: String { home + "/keys" }

    init() throws {
        path = NSTemporaryDirectory() + "sallyport-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    struct Ran {
        let status: Int32
        let out: String
        let err: String
    }

    /// Runs the built binary with `SALLYPORT_HOME` set to ``home``.
    func sallyport(_ words: String..., input: String = "") throws -> Ran {
        try run(builtExecutable, words)
    }

    /// Runs any program; a name is looked up in `PATH`.
    func run(_ program: String, _ words: [String], input: String? = nil) throws -> Ran {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program.contains("/") ? program : "/usr/bin/env")
        process.arguments = program.contains("/") ? words : [program] + words
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        process.environment = [
            "SALLYPORT_HOME": home, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        let out = Pipe()
        let err = Pipe()
        process.standardOutput = out
        process.standardError = err
        if let input {
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        // The texts are shorter than a pipe's buffer, so that reading one after the other cannot block.
        let outData = out.fileHandleForReading.readDataToEndOfFile()
        let errData = err.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Ran(
            status: process.terminationStatus,
            out: String(decoding: outData, as: UTF8.self),
            err: String(decoding: errData, as: UTF8.self)
        )
    }

    func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }
    func text(_ file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }
    func write(_ text: String, to file: String) throws {
        try text.write(toFile: file, atomically: false, encoding: .utf8)
    }
    func move(_ from: String, to: String) throws { try FileManager.default.moveItem(atPath: from, toPath: to) }
    func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: file) }
    func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
    func mode(_ file: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
