import Testing

@Suite("Trust") struct TrustPlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
