import Testing

@Suite("Ledger") struct LedgerPlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
