import Testing

@Suite("Packages") struct PackagesPlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
