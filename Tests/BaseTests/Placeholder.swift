import Testing

@Suite("Base") struct BasePlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
