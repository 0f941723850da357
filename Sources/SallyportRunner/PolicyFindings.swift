internal import SallyportBase
internal import SallyportCore
internal import SallyportPackages
internal import SallyportTrust

/// What the policy and the history of a slot say about a package that is sound in itself.
struct PolicyFindings {
    let projection: Projection
    let environment: Policy.Environment
    let manifest: Manifest
    let package: Digest
    let payload: Digest
    let tenant: String
    let submitter: String?

    /// Every finding at once.
    func findings() -> [Finding] {
        let slot = projection.slot("\(environment.name)/\(tenant)/\(manifest.name)")
        var out: [Finding] = []
        if let same = projection.openRequests.first(where: {
            $0.package == package && $0.environment == environment.name && $0.tenant == tenant
        }) {
            out.append(
                Rule.requestOpen.finding(
                    "-",
                    "the same bytes wait for review as \(same.id)",
                    remedy: "nothing to do: see sallyport status \(same.id)"
                )
            )
        }
        let version = manifest.version.description
        // The same files may come back under the same number, after a hold was lifted: that is a new request for old bytes.
        let isTaken = slot.releases.contains {
            $0.version == version && ($0.payload != payload || $0.name == slot.live)
        }
        if isTaken
            || projection.openRequests.contains(where: {
                $0.slot == slot.name && $0.version == version && $0.state == .approved
            })
        {
            out.append(Rule.versionTaken.finding("/version", "version \(version) was approved here already"))
        } else if let live = slot.liveRelease, let current = SemanticVersion(live.version), manifest.version < current {
            out.append(
                Rule.versionOld.finding(
                    "/version",
                    "version \(version) is older than \(live.version), which is live",
                    remedy:
                        "raise the version; to go back use: sallyport rollback \(manifest.name) --env \(environment.name)"
                )
            )
        }
        if environment.buildRequired, manifest.build == nil {
            out.append(Rule.buildMissing.finding("/build", "this environment asks for the build's origin"))
        }
        if !slot.releases.isEmpty, manifest.rollback == nil {
            out.append(
                Rule.rollbackMissing.finding(
                    "/rollback",
                    "from the second version on the manifest says how it goes back"
                )
            )
        }
        if slot.isCondemned(payload) {
            out.append(Rule.payloadBad.finding("-", "these files were rolled back from in \(slot.name)"))
        } else if slot.bad[payload] != nil {
            out.append(Rule.payloadOnceBad.finding("-", "these files were rolled back from in \(slot.name) before"))
        }
        if submitter == nil, environment.unknownSubmitter == .deny {
            out.append(
                Rule.submitterUnknown.finding(
                    "-",
                    "nobody known submitted it",
                    remedy: "submit with a signed ticket: sallyport submit FILE --env \(environment.name) --key KEY"
                )
            )
        }
        return out
    }
}
