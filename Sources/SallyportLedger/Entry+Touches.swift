internal import SallyportBase

extension Entry {
    /// What the entry touched: computed from the line alone, so that every process sees the same.
    public var touches: Set<Touch> { [] }
}
