internal import SallyportBase
internal import SallyportCore
internal import SallyportDisk
internal import SallyportRunner

/// `show`: the report that reviewers read.
enum Show: Verb {
    static let words = ["show"]
    static let usage = "REQUEST"
    static let summary = "the review report of a request, and how its gate stands"
    static let options: [Arguments.Option] = []

    static func run(_ arguments: Arguments, in context: Context) throws -> ExitStatus {
        let id = try arguments.one("request", verb: "show")
        let reader = try SpoolReader.open(context)
        guard let request = reader.projection.request(id: id) else {
            throw Failure(.missing, shown(id), "no such request", hint: "sallyport status lists what is there")
        }
        let view = try RequestView(request, in: reader, trust: try? reader.installedTrust())
        guard let report = try view.directory?.read("report.md", limit: 64 << 20) else {
            throw Failure(
                .contradiction,
                request.directoryName,
                "expected its report, found nothing",
                hint: "sallyport verify"
            )
        }
        guard Digest.of(report) == request.report else {
            throw Failure(
                .contradiction,
                request.directoryName + "/report.md",
                "expected \(request.report.tagged), found other bytes",
                hint: "somebody changed the report after it was entered; sallyport verify says more"
            )
        }
        let slot = reader.projection.slot(request.slot)
        // The report was escaped when it was built; escaping each line again keeps a terminal safe whatever wrote it.
        let lines = String(decoding: report, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        context.result(
            text: lines.map { shown($0) }.joined(separator: "\n") + "\n" + view.text(slot),
            json: ["request": view.json(slot), "report": .string(String(decoding: report, as: UTF8.self))]
        )
        return .success
    }
}
