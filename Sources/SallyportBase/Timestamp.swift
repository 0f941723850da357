/// An instant in UTC: microseconds since 1970-01-01T00:00:00Z. Leap seconds do not exist in it.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Microseconds since 1970.
    public let microseconds: Int64

    /// An instant by its microseconds since 1970.
    public init(microseconds: Int64) { self.microseconds = microseconds }
    /// An instant by its whole seconds since 1970.
    public init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 { microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000 }

    /// This instant and so many seconds more.
    public func adding(seconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds + seconds * 1_000_000) }

    /// Earlier first.
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// `YYYY-MM-DDTHH:MM:SSZ`, the spelling in signed texts.
    public var text: String { dateText + "T" + clockText + "Z" }

    /// `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the spelling in the ledger.
    public var preciseText: String {
        let fraction = microseconds - seconds * 1_000_000
        return dateText + "T" + clockText + "." + Self.padded(fraction, 6) + "Z"
    }

    /// The same as ``text``.
    public var description: String { text }

    /// `YYYY` and `MM`, as the archive's directories are called.
    public var yearAndMonth: (year: String, month: String) {
        let (y, m, _) = Self.civil(fromDays: days)
        return (Self.padded(y, 4), Self.padded(m, 2))
    }

    private var days: Int64 { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }

    private var dateText: String {
        let (y, m, d) = Self.civil(fromDays: days)
        return Self.padded(y, 4) + "-" + Self.padded(m, 2) + "-" + Self.padded(d, 2)
    }

    private var clockText: String {
        let second = seconds - days * 86_400
        return Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2) + ":"
            + Self.padded(second % 60, 2)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Reads `YYYY-MM-DDTHH:MM:SSZ`, a real calendar date from year 1970 to 9999; `nil` for any other spelling.
    public init?(text: some StringProtocol) {
        guard text.utf8.count == 20, let value = Self.parse(Array(text.utf8)), value.text == text else { return nil }
        self = value
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS.ffffffZ`; `nil` for any other spelling.
    public init?(preciseText text: some StringProtocol) {
        let ascii = Array(text.utf8)
        guard ascii.count == 27, ascii[19] == 0x2E, let whole = Self.parse(ascii[..<19] + [0x5A]) else { return nil }
        guard let fraction = Self.number(ascii[20..<26]) else { return nil }
        let value = Timestamp(microseconds: whole.microseconds + fraction)
        guard value.preciseText == text else { return nil }
        self = value
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    private static func parse(_ a: [UInt8]) -> Timestamp? {
        guard a.count == 20, let y = number(a[0..<4]), let m = number(a[5..<7]), let d = number(a[8..<10]),
            let h = number(a[11..<13]), let n = number(a[14..<16]), let s = number(a[17..<19]),
            y >= 1970, (1...12).contains(m), (1...31).contains(d), h < 24, n < 60, s < 60
        else { return nil }
        let value = Timestamp(seconds: days(y, m, d) * 86_400 + h * 3600 + n * 60 + s)
        // Printing it again refuses wrong separators and dates that do not exist.
        return value.text.utf8.elementsEqual(a) ? value : nil
    }

    // Days since 1970 in the proleptic Gregorian calendar, in eras of 400 years that begin on 1 March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
    }
}
