import Testing

@Suite("Runner") struct RunnerPlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
