import Foundation
import SallyportBase
import SallyportTrust
import Testing

/// The folder of public test vectors; tests that need it are skipped where it is not named.
let vectors = ProcessInfo.processInfo.environment["SALLYPORT_VECTORS"].map { URL(fileURLWithPath: $0) }

func vector(_ path: String) throws -> [UInt8] {
    let folder = try #require(vectors)
    return Array(try Data(contentsOf: folder.appendingPathComponent(path)))
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
func hex(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }
func at(_ text: String) -> Timestamp { Timestamp(text: text) ?? Timestamp(seconds: 0) }

/// A key that every run of the tests makes anew from its name.
func key(_ name: String) throws -> SigningKey {
    try #require(SigningKey(seed: Digest.of("test key " + name).bytes))
}

/// SplitMix64: the same numbers in every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A directory that is removed when the value goes.
final class Scratch {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("sallyport-trust-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws {
        let file = url.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }
    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appendingPathComponent(name)))
    }

    /// Runs a tool here; its exit status and both outputs.
    @discardableResult
    func run(_ tool: String, _ arguments: [String], input: [UInt8] = []) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.currentDirectoryURL = url
        let inputFile = url.appendingPathComponent(".stdin")
        try Data(input).write(to: inputFile)
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, string(Array(text)))
    }
}

/// The code of the problem that `body` throws, or `accepted`.
func code(_ body: () throws(TextProblem) -> Void) -> String {
    do throws(TextProblem) {
        try body()
        return "accepted"
    } catch { return error.code }
}

/// The codes of a refusal, or what else came out.
func codes<Payload>(_ check: DocumentCheck<Payload>) -> [String] {
    switch check {
    case .verified: ["verified"]
    case .unsigned: ["unsigned"]
    case .waiting(let have, let need): ["waiting \(have.joined(separator: ",")) of \(need)"]
    case .refused(let problems): problems.map(\.code)
    }
}

func codes<Value>(_ result: Result<Value, TextProblems>) -> [String] {
    switch result {
    case .success: ["accepted"]
    case .failure(let problems): problems.problems.map(\.code)
    }
}

func verified<Payload>(_ check: DocumentCheck<Payload>) throws -> Verified<Payload> {
    guard case .verified(let value) = check else {
        Issue.record("not verified: \(check)")
        throw TextProblem("E-TEST", expected: "verified", found: "\(check)")
    }
    return value
}
