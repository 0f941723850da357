import SallyportBase
import Testing

@Suite("timestamp")
struct TimestampTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let why: String
        let text: String
        let seconds: Int64
        var testDescription: String { why }
    }

    @Test(
        "reads and prints the one spelling",
        arguments: [
            Case(why: "the epoch", text: "1970-01-01T00:00:00Z", seconds: 0),
            Case(why: "a leap day", text: "2024-02-29T12:00:00Z", seconds: 1_709_208_000),
            Case(why: "January, whose year begins in March", text: "2027-01-15T08:00:00Z", seconds: 1_800_000_000),
            Case(why: "the last second of a century", text: "2099-12-31T23:59:59Z", seconds: 4_102_444_799),
        ]
    )
    func spelling(_ example: Case) {
        #expect(Timestamp(text: example.text)?.seconds == example.seconds)
        #expect(Timestamp(seconds: example.seconds).text == example.text)
        let precise = example.text.dropLast() + ".000001Z"
        #expect(Timestamp(preciseText: precise)?.microseconds == example.seconds * 1_000_000 + 1)
    }

    @Test(
        "refuses every other spelling",
        arguments: [
            "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-1-1T00:00:00Z",
            "1969-12-31T23:59:59Z", "", "2026-01-01T00:00:00.5Z",
        ]
    )
    func refused(_ text: String) {
        #expect(Timestamp(text: text) == nil)
    }

    @Test("every day of four centuries survives the round trip")
    func everyDay() {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let instant = Timestamp(seconds: day * 86_400 + 43_201)
            #expect(Timestamp(text: instant.text) == instant)
        }
    }
}
