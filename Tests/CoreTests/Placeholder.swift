import Testing

@Suite("Core") struct CorePlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
