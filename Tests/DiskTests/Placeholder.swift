import Testing

@Suite("Disk") struct DiskPlaceholderTests {
    @Test func builds() { #expect(Bool(true)) }
}
