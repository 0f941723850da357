internal import Glibc
internal import SallyportBase
internal import SallyportRunner

extension Clock {
    /// The wall clock of this machine (`clock_gettime(CLOCK_REALTIME)`), in microseconds.
    static let system = Clock {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

extension Timestamp {
    /// The whole second in which it lies: what a signed text can spell.
    var wholeSecond: Timestamp { Timestamp(seconds: seconds) }
}
