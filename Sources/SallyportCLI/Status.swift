internal import Glibc
internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportPackages
internal import SallyportRunner
internal import SallyportTrust

/// `status`: what waits for whom, what is live, what lies unjudged.
enum Status: Verb {
    static let words = ["status"]
    static let usage = "[REQUEST or AGENT]"
    static let summary = "what waits for whom, since when, until when, and what comes next"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        guard arguments.positional.count <= 1 else {
            throw Failure(.usage, "status", "takes one request or agent at most", hint: "sallyport status --help")
        }
        let reader = try SpoolReader.open(context)
        let trust = try? reader.installedTrust()
        let wanted = arguments.positional.first
        let requests = reader.projection.requests.values.sorted { $0.seq < $1.seq }.filter { request in
            wanted.map { $0 == request.id || $0 == request.agent } ?? request.state.isOpen
        }
        let slots = reader.projection.slots.values.sorted { $0.name < $1.name }.filter { slot in
            wanted.map { name in slot.parts.last == name || requests.contains { $0.slot == slot.name } } ?? true
        }
        if let wanted, requests.isEmpty, slots.isEmpty {
            throw Failure(
                .missing,
                shown(wanted),
                "no such request or agent",
                hint: "sallyport status lists what is there"
            )
        }
        let views = try requests.map { try RequestView($0, in: reader, trust: trust) }
        let incoming = wanted == nil ? unjudged(reader) : []
        context.result(
            text: text(views, slots, incoming, reader, trust),
            json: [
                "requests": .array(views.map { $0.json(reader.projection.slot($0.request.slot)) }),
                "slots": .array(slots.map(json)), "incoming": .array(incoming.map(\.json)),
                "trust": .string(trustLine(trust)),
            ]
        )
        return .success
    }

    private static func trustLine(_ trust: InstalledTrust?) -> String {
        guard let trust else { return "no usable keyring: nothing goes forward (sallyport trust check)" }
        let demo = trust.keyring.payload.demo ? "DEMO KEYS; " : ""
        return "\(demo)keyring \(trust.keyring.payload.version) until \(trust.keyring.payload.expires)"
    }

    private static func json(_ slot: Slot) -> JSON {
        [
            "slot": .string(slot.name), "live": slot.live.map { .string($0) } ?? .null,
            "hold": slot.hold.map { .int(Int64($0)) } ?? .null,
        ]
    }

    private static func text(
        _ views: [RequestView],
        _ slots: [Slot],
        _ incoming: [TickReport.Waiting],
        _ reader: SpoolReader,
        _ trust: InstalledTrust?
    ) -> String {
        var out = "trust: \(trustLine(trust))\n"
        // One account cannot be protected against itself; said in one line (architecture.md, "Who may write what").
        if reader.isRunner, geteuid() != 0 || reader.ownsKeys {
            out += "one account: whoever runs this can also change the spool; witnesses outside keep it honest\n"
        }
        for view in views { out += view.text(reader.projection.slot(view.request.slot)) }
        for slot in slots {
            out +=
                "\(slot.name)  live \(slot.live ?? "nothing")\(slot.hold.map { "  ON HOLD since entry \($0)" } ?? "")\n"
        }
        for drop in incoming { out += "incoming/\(drop.name)  \(drop.state): \(drop.text)\n" }
        if views.isEmpty, slots.isEmpty, incoming.isEmpty {
            out += "nothing waits; submit with: sallyport submit FILE --env ENV\n"
        }
        return out
    }

    /// Every name in the drop areas, with what can be said without judging it.
    private static func unjudged(_ reader: SpoolReader) -> [TickReport.Waiting] {
        var out: [TickReport.Waiting] = []
        guard let incoming = try? reader.root.open("incoming") else { return [] }
        func look(_ path: [String]) {
            guard let area = try? incoming.openIfPresent(path), let names = try? area.list() else { return }
            for name in names {
                let place = (path + [name.shown]).joined(separator: "/")
                guard let status = try? area.status(of: name) else { continue }
                if path == ["packages"] {
                    look(path + [name.text ?? ""])
                    continue
                }
                if name.isUnfinished {
                    out.append(.init(name: place, state: "unfinished", text: "its writer has not renamed it yet"))
                } else if status.kind != .file {
                    out.append(
                        .init(
                            name: place,
                            state: "not-a-file",
                            code: Rule.dropKind.rawValue,
                            text: "is a \(status.kind.rawValue), only files are taken"
                        )
                    )
                } else {
                    out.append(
                        .init(name: place, state: "waiting", text: "\(status.size) bytes; the next run looks at it")
                    )
                }
            }
        }
        for area in Spool.areas { look([area]) }
        return out
    }
}
