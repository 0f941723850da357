internal import SallyportBase

extension Entry {
    /// What the entry touched: computed from the line alone, so that every process sees the same.
    ///
    /// * a request, from the subject `r<seq>` or `data.request`;
    /// * a slot, from a subject `environment/tenant/agent` or `data.slot`;
    /// * a drop, from `data.drop {dev, ino}`;
    /// * on `package.received`, the same bytes for the same environment, from `data.environment` and `data.package`;
    /// * trust, from `keyring.installed`, `policy.installed`, `slot.frozen` and `slot.unfrozen`.
    public var touches: Set<Touch> {
        Touch.all(type: type, subject: subject, data: data)
    }
}

extension Touch {
    static func all(type: EventType?, subject: String?, data: JSON?) -> Set<Touch> {
        var touches: Set<Touch> = []
        for name in [subject, data?["request"]?.string, data?["slot"]?.string] {
            guard let name else { continue }
            if let number = Names.requestNumber(name) {
                touches.insert(.request(number))
            } else if isSlot(name) {
                touches.insert(.slot(name))
            }
        }
        if let number = data?["request"]?.int, number >= 0 { touches.insert(.request(UInt64(number))) }
        if let device = data?["drop"]?["dev"]?.int, let inode = data?["drop"]?["ino"]?.int {
            touches.insert(.drop("\(device):\(inode)"))
        }
        switch type {
        case .packageReceived:
            if let digest = data?["package"]?.string, let environment = data?["environment"]?.string {
                touches.insert(.package(digest, in: environment))
            }
        case .keyringInstalled, .policyInstalled, .slotFrozen, .slotUnfrozen: touches.insert(.trust)
        default: break
        }
        return touches
    }

    private static func isSlot(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 3 && parts.allSatisfy { Names.isName($0) }
    }
}
