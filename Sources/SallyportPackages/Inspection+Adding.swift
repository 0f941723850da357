public import SallyportBase

extension Inspection {
    /// The same inspection with findings of the caller's own (policy, history) behind the package's.
    public func adding(findings more: [Finding]) -> Inspection {
        guard !more.isEmpty else { return self }
        return Inspection(
            findings: findings + more,
            entries: entries,
            rootPrefix: rootPrefix,
            manifest: manifest,
            manifestBytes: manifestBytes,
            isIncomplete: isIncomplete,
            kept: kept
        )
    }
}
