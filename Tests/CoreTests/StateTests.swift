import SallyportCore
import Testing

@Suite("request state machine")
struct StateTests {
    /// Every legal pair; all others must be refused by name.
    static let legal: [(RequestState, RequestEvent, RequestState)] = [
        (.inReview, .reissued, .inReview), (.approved, .reissued, .inReview), (.inReview, .approved, .approved),
        (.approved, .activated, .live), (.live, .succeeded, .retired), (.live, .condemned, .condemned),
        (.retired, .restored, .live), (.inReview, .rejected, .rejected), (.approved, .rejected, .rejected),
        (.inReview, .expired, .expired), (.approved, .expired, .expired), (.inReview, .cancelled, .cancelled),
        (.approved, .cancelled, .cancelled), (.inReview, .superseded, .superseded),
        (.approved, .superseded, .superseded),
    ]

    @Test("every pair of state and event, legal or refused by both halves' names")
    func everyPair() {
        for state in RequestState.allCases {
            for event in RequestEvent.allCases {
                let expected = Self.legal.first { $0.0 == state && $0.1 == event }?.2
                do throws(IllegalTransition) {
                    #expect(try state.applying(event) == expected)
                } catch {
                    #expect(expected == nil)
                    #expect(error.state == state && error.event == event)
                }
            }
        }
    }

    @Test("nothing that ended opens again, and only what was approved becomes live")
    func ends() {
        for (from, event, to) in Self.legal {
            if !from.isOpen { #expect(!to.isOpen) }
            if to == .live { #expect(from == .approved || (from == .retired && event == .restored)) }
        }
    }
}

@Suite("matching")
struct MatchingTests {
    @Test("a person who could fill the last open slot is not spent on another")
    func greedyFails() {
        // alice may do both, bob only the first: a loop that takes alice first fails.
        #expect(Matching.assign([["alice", "bob"], ["alice"]]) == ["bob", "alice"])
    }

    @Test("as many slots as brute force fills, nobody twice, nobody unasked: 4,000 random cases")
    func bruteForce() {
        var random = SplitMix(seed: 7)
        for _ in 0..<4000 {
            let slots = Int(random.next() % 5) + 1
            let people = ["a", "b", "c", "d", "e"].prefix(Int(random.next() % 5) + 1)
            let candidates = (0..<slots).map { _ in people.filter { _ in random.next() % 2 == 0 } }
            let found = Matching.assign(candidates)
            #expect(found.compactMap { $0 }.count == Self.best(candidates[...], []))
            #expect(Set(found.compactMap { $0 }).count == found.compactMap { $0 }.count)
            for (slot, person) in found.enumerated() {
                if let person { #expect(candidates[slot].contains(person)) }
            }
        }
    }

    private static func best(_ slots: ArraySlice<[String]>, _ used: Set<String>) -> Int {
        guard let first = slots.first else { return 0 }
        var most = best(slots.dropFirst(), used)
        for person in first where !used.contains(person) {
            most = max(most, 1 + best(slots.dropFirst(), used.union([person])))
        }
        return most
    }
}

struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
