import Testing

@Suite("CLI") struct CLIPlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
