private import CLinux
private import Glibc

/// One child's answer: frames on one socket, the wait status on another. Closing both is the order to kill the child.
final class Answer {
    enum End: Equatable {
        /// The child has ended; its wait status.
        case status(Int32)
        /// The reader has had enough.
        case stopped
        /// The time is over.
        case timeout
        /// Neither frames nor a status come any more.
        case gone
    }
    private let frames: Int32
    private let status: Int32
    private let deadline: Int64

    /// Asks the helper on `socket` for a child.
    init(asking socket: Int32, _ words: [Int64], package: Int32, seconds: Int) throws(ParserError) {
        var frames: [Int32] = [-1, -1]
        var status: [Int32] = [-1, -1]
        guard unsafe cl_pair(&frames) == 0 else { throw ParserError.helperGone("no socket: errno \(errno)") }
        guard unsafe cl_pair(&status) == 0 else {
            frames.forEach { close($0) }
            throw ParserError.helperGone("no socket: errno \(errno)")
        }
        let asked = unsafe cl_helper_ask(socket, words, package, frames[1], status[1])
        let reason = errno
        close(frames[1])
        close(status[1])
        self.frames = frames[0]
        self.status = status[0]
        deadline = Self.now() + Int64(seconds) * 1_000
        guard asked == 0 else { throw ParserError.helperGone("it does not take a request: errno \(reason)") }
    }

    deinit {
        close(frames)
        close(status)
    }

    private static func now() -> Int64 {
        var t = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &t)
        return Int64(t.tv_sec) * 1_000 + Int64(t.tv_nsec) / 1_000_000
    }

    /// Hands every frame to `take` until it says no, the child has ended, or the time is over.
    func read(_ take: (UInt8, ArraySlice<UInt8>) throws -> Bool) throws -> End {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 131_072)
        while true {
            let count = receive(frames, &chunk)
            if count == -1 { return .timeout }
            if count <= 0 { break }
            buffer += chunk.prefix(count)
            var at = 0
            while buffer.count - at >= 5 {
                let size = (1...4).reversed().reduce(0) { $0 << 8 | Int(buffer[at + $1]) }
                guard size <= Frame.most else {
                    _ = try take(0, [])
                    return .stopped
                }
                guard buffer.count - at - 5 >= size else { break }
                guard try take(buffer[at], buffer[(at + 5)..<(at + 5 + size)]) else { return .stopped }
                at += 5 + size
            }
            buffer.removeFirst(at)
        }
        var four = [UInt8](repeating: 0, count: 4)
        let count = receive(status, &four)
        if count == -1 { return .timeout }
        guard count == 4 else { return .gone }
        return .status(four.reversed().reduce(0) { $0 << 8 | Int32($1) })
    }

    /// Bytes read, 0 at the end, -1 when the time is over, -2 on an error.
    private func receive(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
        while true {
            let left = deadline - Self.now()
            guard left > 0 else { return -1 }
            var p = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&p, 1, Int32(min(left, 60_000)))
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            return count < 0 ? -2 : count
        }
    }
}
