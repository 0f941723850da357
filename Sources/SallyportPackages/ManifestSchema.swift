public import SallyportBase

/// `agent.schema.json` as a table.
public enum ManifestSchema {
    /// Every place where the document does not conform.
    public static func violations(in document: JSON) -> [Finding] { [] }
}
