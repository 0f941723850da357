import SallyportBase
import SallyportCore
import Testing

@Suite("deadlines and terms")
struct TermsTests {
    @Test("terms differ when the policy block or the live release does")
    func differ() {
        let terms = Terms(policy: "production 1 sha256:00", replaces: "none")
        #expect(terms == Terms(policy: "production 1 sha256:00", replaces: "none"))
        #expect(terms != Terms(policy: "production 2 sha256:00", replaces: "none"))
        #expect(terms != Terms(policy: "production 1 sha256:00", replaces: "1.0.0-r1"))
    }
}
