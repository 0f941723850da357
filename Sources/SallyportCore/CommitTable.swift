/// The commit table: for each entry, what is durable before it, what follows from it, and what a crash on either side leaves.
/// `docs/disk.md` shows it; a test compares the two.
public enum CommitTable {
    /// One row.
    public struct Row: Sendable {
        /// The ledger entry that is the commit point.
        public let entry: String
        /// Durable before the entry is written.
        public let before: String
        /// What the entry makes true on the disk, by this run or any later one.
        public let effect: String
        /// What a crash before the entry leaves, and what the next run does with it.
        public let crashBefore: String
        /// What a crash between the entry and the end of its effect leaves.
        public let crashAfter: String
    }

    /// Every row of this release.
    public static let rows: [Row] = [
        Row(
            entry: "package.received",
            before: "`.state/staged/<run>.<n>/`: package, `agent.json`, `findings.json`, `report.md`",
            effect: "→ `review/r<seq>-…/`, derived files, drop removed, outbox",
            crashBefore: "the drop lies in `incoming/`; the staged directory of a dead run is swept",
            crashAfter: "the next run renames the staged directory, removes the drop by its identity"
        ),
        Row(
            entry: "package.refused",
            before: "staged (package or its first 1 MiB, `findings.json`, `feedback.md`)",
            effect: "→ `archive/…/r<seq>-refused/`, drop removed, outbox",
            crashBefore: "as above",
            crashAfter: "as above, into the archive"
        ),
        Row(
            entry: "approval.accepted",
            before: "text and signature in `ledger/evidence/`",
            effect: "drop removed, copy in the request's directory, outbox",
            crashBefore: "the drop lies in `incoming/`; evidence without an entry is harmless and found again",
            crashAfter: "the next run copies the texts from the evidence and removes the drop"
        ),
        Row(
            entry: "approval.refused",
            before: "text and signature in `ledger/evidence/`",
            effect: "drop removed, outbox",
            crashBefore: "as for approval.accepted",
            crashAfter: "as for approval.accepted"
        ),
        Row(
            entry: "order.refused",
            before: "text and signature in `ledger/evidence/`",
            effect: "drop removed, outbox",
            crashBefore: "as for approval.accepted",
            crashAfter: "as for approval.accepted"
        ),
        Row(
            entry: "document.refused",
            before: "text and signature in `ledger/evidence/`",
            effect: "drop removed, outbox",
            crashBefore: "as for approval.accepted",
            crashAfter: "as for approval.accepted"
        ),
        Row(
            entry: "request.reissued",
            before: "the new report, staged",
            effect: "`report.md` and derived files rewritten, older texts to `stale/`; `approved/` → `review/`",
            crashBefore: "nothing has changed; the staged report of a dead run is swept",
            crashAfter: "the next run moves the staged report and rewrites the texts"
        ),
        Row(
            entry: "request.rejected",
            before: "–",
            effect: "directory → `archive/…`, `feedback.md`, outbox",
            crashBefore: "the vote is entered; the next run decides again",
            crashAfter: "the next run renames the directory"
        ),
        Row(
            entry: "request.expired",
            before: "–",
            effect: "directory → `archive/…`, outbox",
            crashBefore: "the next run decides again",
            crashAfter: "the next run renames the directory"
        ),
        Row(
            entry: "request.superseded",
            before: "–",
            effect: "directory → `archive/…`, outbox",
            crashBefore: "the next run decides again",
            crashAfter: "the next run renames the directory"
        ),
        Row(
            entry: "release.approved",
            before: "–",
            effect: "`review/…` → `approved/…`",
            crashBefore: "the votes are entered; the next run decides again",
            crashAfter: "the next run renames the directory"
        ),
        Row(
            entry: "release.activated",
            before:
                "`.state/staged/release-r<seq>/`: payload unpacked again, its digest equal; a published checkpoint that "
                + "covers `release.approved`; PROOF; all synced",
            effect:
                "tree → `releases/<version>-r<seq>/`, `routes.json`, `current`, state, history, notice; request → `archive/…`; "
                + "outbox",
            crashBefore: "the staged release is built again from the package",
            crashAfter: "the next run renames the tree and switches `current`"
        ),
        Row(
            entry: "release.rolled-back",
            before: "the target's files hashed again; the order in `ledger/evidence/`",
            effect: "`routes.json`, `current`, then state, notice, outbox",
            crashBefore: "the order lies in `incoming/`",
            crashAfter: "the next run switches `current`"
        ),
        Row(
            entry: "slot.released",
            before: "order and root cause in `ledger/evidence/`",
            effect: "drop removed, state, outbox",
            crashBefore: "the order lies in `incoming/`",
            crashAfter: "the next run rewrites `state.json` and removes the drop"
        ),
        Row(
            entry: "keyring.installed",
            before: "text and signatures in `ledger/evidence/`",
            effect: "`trust/…` replaced, drop removed",
            crashBefore: "the candidate lies in `incoming/trust/`",
            crashAfter: "the next run replaces `trust/…` from the evidence"
        ),
        Row(
            entry: "policy.installed",
            before: "text and signatures in `ledger/evidence/`",
            effect: "`trust/…` replaced, `incoming/packages/<environment>/` made, drop removed",
            crashBefore: "the candidate lies in `incoming/trust/`",
            crashAfter: "the next run replaces `trust/…` from the evidence"
        ),
        Row(
            entry: "disk.contradicted",
            before: "–",
            effect: "the request or slot is frozen while it lasts; exit 70",
            crashBefore: "the next run finds it again",
            crashAfter: "nothing to finish"
        ),
    ]

    /// The table as `docs/disk.md` shows it.
    public static var markdown: String {
        var out = "| entry = commit point | durable before it | effect, by this run or any later one "
        out += "| a crash before it leaves | a crash after it leaves |\n|---|---|---|---|---|\n"
        for row in rows {
            out += "| `\(row.entry)` | \(row.before) | \(row.effect) | \(row.crashBefore) | \(row.crashAfter) |\n"
        }
        return out
    }
}
