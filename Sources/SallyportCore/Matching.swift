/// Distinct people for slots: the largest bipartite matching by augmenting paths, since a loop that gives the first slot to the
/// first person leaves gates open that could be filled.
public enum Matching {
    /// Which person fills each slot.
    ///
    /// - Parameter candidates: for each slot the people who may fill it, in order of preference.
    /// - Returns: for each slot the person, or `nil` where the largest matching leaves it empty. Nobody fills two slots.
    public static func assign(_ candidates: [[String]]) -> [String?] {
        var slotOf: [String: Int] = [:]
        func place(_ slot: Int, _ seen: inout Set<String>) -> Bool {
            for person in candidates[slot] where seen.insert(person).inserted {
                guard let other = slotOf[person] else {
                    slotOf[person] = slot
                    return true
                }
                if place(other, &seen) {
                    slotOf[person] = slot
                    return true
                }
            }
            return false
        }
        for slot in candidates.indices {
            var seen: Set<String> = []
            _ = place(slot, &seen)
        }
        var out = [String?](repeating: nil, count: candidates.count)
        for (person, slot) in slotOf { out[slot] = person }
        return out
    }
}
