import Foundation
import Glibc
import SallyportBase
import SallyportCore
import SallyportDisk
import SallyportRunner

/// Drops that are not files, not readable, not whole, or lie under somebody else's name.
extension WaysIn {
    private static func settle(_ siege: Siege) throws -> String {
        try siege.tick()
        siege.spool.pass(seconds: 1)
        try siege.tick()
        return siege.waiting()
    }

    private static func drop(_ siege: Siege, _ area: String = "packages/staging") -> String {
        "\(siege.spool.path)/incoming/\(area)/drop.tar.gz"
    }

    static let drops: [Way] = [
        Way("a FIFO as a drop", "F-DROP-KIND") { siege in
            for area in ["packages/staging", "approvals", "orders", "trust"] { unsafe mkfifo(drop(siege, area), 0o666) }
            let code = try settle(siege)
            return siege.last.report.waiting.count { $0.code == "F-DROP-KIND" } == 4
                ? code : "\(siege.last.report.waiting)"
        },
        Way("a symbolic link as a drop", "F-DROP-KIND") { siege in
            for area in ["packages/staging", "approvals", "orders", "trust"] {
                try FileManager.default.createSymbolicLink(
                    atPath: drop(siege, area),
                    withDestinationPath: siege.spool.keys + "/runner.key"
                )
            }
            let code = try settle(siege)
            return siege.last.report.waiting.count { $0.code == "F-DROP-KIND" } == 4
                ? code : "\(siege.last.report.waiting)"
        },
        Way("a device as a drop", "F-DROP-KIND") { siege in
            // /dev/zero never ends. Where nobody may make devices, a FIFO is the other kind that is neither file nor folder.
            if unsafe mknod(drop(siege), S_IFCHR | 0o666, 0x105) != 0 { unsafe mkfifo(drop(siege), 0o666) }
            return try settle(siege)
        },
        Way("a folder as a drop", "F-DROP-KIND") { siege in
            try FileManager.default.createDirectory(atPath: drop(siege), withIntermediateDirectories: false)
            return try settle(siege)
        },
        Way("an unreadable drop", "E-UNREADABLE, F-DROP-UNREADABLE") { siege in
            try siege.spool.dropPackage("2.0.0", name: "drop.tar.gz")
            try siege.put(Array("sallyport-approval v1\nend\n".utf8), "secret")
            for path in [drop(siege), siege.spool.path + "/incoming/approvals/secret"] { unsafe chmod(path, 0) }
            return try Unprivileged.run(siege.spool) { try settle(siege) }
        },
        Way("a half-copied package as a drop", "F-TRUNCATED") { siege in
            try siege.spool.dropPackage("2.0.0", agent: "slow", name: ".slow")
            let whole = try Data(
                contentsOf: URL(fileURLWithPath: siege.spool.path + "/incoming/packages/staging/.slow")
            )
            // Written on the spool's clock: an archive that has been short for a day is refused for good.
            let written = Date(timeIntervalSince1970: Double(siege.spool.now.seconds))
            var codes: Set<String> = []
            for count in [0, 1, 10, whole.count / 2, whole.count - 8, whole.count - 1] {
                try whole.prefix(count).write(to: URL(fileURLWithPath: drop(siege)))
                try FileManager.default.setAttributes([.modificationDate: written], ofItemAtPath: drop(siege))
                codes.insert(try settle(siege))
            }
            try whole.write(to: URL(fileURLWithPath: drop(siege)))
            _ = try settle(siege)
            guard siege.last.projection.openRequests.contains(where: { $0.agent == "slow" }) else {
                return "not taken when whole"
            }
            return codes.sorted().joined(separator: "; ")
        },
        Way("the same bytes submitted twice", "F-REQUEST-OPEN") { siege in
            let packed = siege.file("demo-agent-1.0.0.tar.gz")
            try FileManager.default.copyItem(atPath: packed, toPath: drop(siege))
            _ = try settle(siege)
            return try siege.refusal()
        },
        Way("a drop replaced between copy and removal", "put back") { siege in
            try swap(siege) { area, name in
                try area.rename(name, to: area, as: "moved")
                _ = try area.createFile(name).write(Array("other".utf8))
            }
        },
        Way("a drop written to between copy and removal", "put back") { siege in
            try swap(siege) { area, name in try area.openFileForWriting(name).write(Array("other".utf8)) }
        },
    ]

    // The runner has copied `name`; then the attacker acts; then the runner removes what it copied.
    private static func swap(_ siege: Siege, _ act: (Directory, FileName) throws -> Void) throws -> String {
        let spool = try Spool.open(path: siege.spool.path)
        let area = try spool.incoming.open("evidence")
        let name = FileName(bytes: Array("drop".utf8))
        try area.createFile(name).write(Array("first".utf8))
        let copied = try require(try area.status(of: name))
        let identity = DropIdentity(device: copied.device, inode: copied.inode, changed: copied.changed)
        // The change time has the kernel's grain: a few milliseconds.
        usleep(20_000)
        try act(area, name)
        let taken = try spool.incoming.open(Spool.taken)
        try DropRemoval.remove(name, area: area, areaPath: ["evidence"], identity: identity, taken: taken)
        let rest = try area.read(name, limit: 100).map { String(decoding: $0, as: UTF8.self) }
        try siege.tick()
        return rest?.hasPrefix("other") == true && siege.spool.list("incoming/.taken").isEmpty ? "put back" : "lost"
    }

    static let names: [Way] = [
        Way("a squatted name: junk under the name of alice's approval", "taken under another name") { siege in
            let name = "\(siege.target.id).alice.approve"
            try siege.put(Array("this name is taken\n".utf8), name)
            try siege.drop(siege.text("alice"), signedBy: "alice", name: name + ".again")
            try siege.tick()
            return siege.last.report.votes == 3 ? "taken under another name" : "\(siege.last.report.votes) votes"
        },
        Way("a squatted signature beside alice's text", "the good one counts") { siege in
            let name = "\(siege.target.id).alice.approve"
            try siege.put(
                Array("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n".utf8),
                name + ".sig"
            )
            try siege.put(siege.spool.sign(siege.text("alice"), by: "alice"), name + ".sig.2")
            try siege.put(Array(siege.text("alice").utf8), name)
            try siege.tick()
            return siege.last.report.votes == 3 ? "the good one counts" : "\(siege.last.report.votes) votes"
        },
        Way("eight squatted signatures beside alice's text", "the good one counts") { siege in
            let name = "\(siege.target.id).alice.approve"
            for number in 1...8 {
                try siege.put(siege.spool.sign("junk \(number)", by: "stranger"), "\(name).\(number)")
            }
            // The name that ssh-keygen writes is tried first, whatever else lies there.
            try siege.drop(try siege.text("alice"), signedBy: "alice", name: name)
            return try siege.tickVotes() == 3 ? "the good one counts" : "\(siege.last.report.votes) votes"
        },
        Way("eight squatted signatures and the name of the ninth", "taken under another name") { siege in
            let name = "\(siege.target.id).alice.approve"
            for number in 1...8 {
                try siege.put(siege.spool.sign("junk \(number)", by: "stranger"), "\(name).\(number)")
            }
            try siege.put(siege.spool.sign("junk", by: "stranger"), name + ".sig")
            let text = try siege.text("alice")
            // Text and signature as one file, under any name at all.
            try siege.put(Array(text.utf8) + siege.spool.sign(text, by: "alice"), "one-file")
            return try siege.tickVotes() == 3 ? "taken under another name" : "\(siege.last.report.votes) votes"
        },
        Way("a text area flooded with 2,000 files of junk", "the approval counts") { siege in
            for number in 0..<2_000 { try siege.put(Array("junk \(number)\n".utf8), "flood-\(number)") }
            try siege.drop(siege.text("alice"), signedBy: "alice", name: "z-vote")
            return try siege.tickVotes() == 3 ? "the approval counts" : "\(siege.last.report.votes) votes"
        },
        Way("a text whose name is the beginning of everybody's", "the approval counts") { siege in
            // The signature lies there first; the squatter's refusal may not take it along.
            let name = "\(siege.target.id).alice.approve"
            try siege.put(siege.spool.sign(siege.text("alice"), by: "alice"), name + ".sig")
            try siege.put(siege.spool.sign("junk", by: "stranger"), "r.sig")
            try siege.put(Array("sallyport-approval v1\nend\n".utf8), "r")
            unsafe chown(siege.spool.path + "/incoming/approvals/r", 65_534, 65_534)
            try siege.tick()
            try siege.put(Array(siege.text("alice").utf8), name)
            return try siege.tickVotes() == 1 || getuid() != 0 ? "the approval counts" : siege.waiting()
        },
    ]
}

extension Siege {
    func tickVotes() throws -> Int {
        try tick()
        return last.report.votes
    }
}

// The header <sys/fsuid.h> is in no module: file access of this thread alone, root's other rights untouched.
@_silgen_name("setfsuid")
private func setfsuid(_ uid: uid_t) -> CInt

/// Runs a tick without root's right to read everything.
enum Unprivileged {
    static let nobody: uid_t = 65_534

    /// As root the spool is handed to nobody and this thread's file access is nobody's; otherwise nothing is needed.
    static func run<Result>(_ spool: TestSpool, _ body: () throws -> Result) throws -> Result {
        guard getuid() == 0 else { return try body() }
        let drops = spool.path + "/incoming"
        for root in [spool.path, spool.keys] {
            let all = [root] + (FileManager.default.subpaths(atPath: root) ?? []).map { root + "/" + $0 }
            for path in all {
                var status = stat()
                // What nobody may read stays root's.
                if unsafe lstat(path, &status) == 0, path.hasPrefix(drops), status.st_mode & 0o777 == 0 { continue }
                unsafe lchown(path, nobody, nobody)
            }
        }
        _ = setfsuid(nobody)
        defer { _ = setfsuid(0) }
        return try body()
    }
}
