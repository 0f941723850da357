import SallyportTrust
import Testing

@Suite struct Ed25519Tests {
    @Test func identityKeyIsRefused() { #expect(CheckedKey([1] + [UInt8](repeating: 0, count: 31)) == nil) }
}
