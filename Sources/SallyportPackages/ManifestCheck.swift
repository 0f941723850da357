internal import SallyportBase

/// What a manifest must be beyond its schema: true of the package that it lies in, and fit for a signed text.
enum ManifestCheck {
    /// Every problem; places are JSON pointers. Files are not looked for when `contents` is not known.
    static func findings(_ value: JSON, contents: Set<String>?, _ limits: Limits) -> [Finding] {
        var out = ManifestSchema.violations(in: value)
        if let name = value["name"]?.string, name == "none" || name == "unknown" {
            out.append(Rule.manifestName.finding("/name", "'\(name)' is reserved"))
        }
        if let contents { files(value, contents, &out) }
        twice(value["tools"]?.array?.map { $0["name"]?.string }, "/tools", "/name", &out)
        twice(value["network"]?["egress"]?.array?.map(\.string), "/network/egress", "", &out)
        let capabilities = (value["tools"]?.array?.count ?? 0) + (value["network"]?["egress"]?.array?.count ?? 0)
        if capabilities > limits.capabilities {
            out.append(
                Rule.manifestCapabilities.finding(
                    "/tools",
                    "\(capabilities) tools and network targets; at most \(limits.capabilities) fit a signed text"
                )
            )
        }
        return out
    }

    /// Every member that names a file of the package.
    private static func files(_ value: JSON, _ contents: Set<String>, _ out: inout [Finding]) {
        var named: [(String, JSON?)] = [
            ("/sbom/path", value["sbom"]?["path"]), ("/generation/promptPath", value["generation"]?["promptPath"]),
            ("/generation/contextPath", value["generation"]?["contextPath"]),
        ]
        for (index, tool) in (value["tools"]?.array ?? []).enumerated() {
            named.append(("/tools/\(index)/contract", tool["contract"]))
        }
        for (index, evidence) in (value["evidence"]?.array ?? []).enumerated() {
            named.append(("/evidence/\(index)/path", evidence["path"]))
        }
        for (index, test) in (value["smokeTests"]?.array ?? []).enumerated() {
            named.append(("/smokeTests/\(index)/input", test["input"]))
        }
        for case (let place, .some(.string(let path))) in named where !contents.contains(path) {
            out.append(Rule.manifestFile.finding(place, "the package has no file \(Paths.place(path.utf8))"))
        }
    }

    private static func twice(_ names: [String?]?, _ place: String, _ member: String, _ out: inout [Finding]) {
        var seen: Set<String> = []
        for (index, name) in (names ?? []).enumerated() {
            guard let name, !seen.insert(name).inserted else { continue }
            out.append(
                Rule.manifestTwice.finding("\(place)/\(index)\(member)", "\(shown(name.prefix(100))) is named twice")
            )
        }
    }
}
