public import SallyportTrust

/// Policy lines that the grammar knows and this release does not hold. A policy with one is refused when it is installed: a gate that
/// people signed and nobody keeps would be worse than none.
public enum PolicySupport {
    /// One problem for each line that would not be held; empty when the policy can be installed.
    public static func problems(_ policy: Policy) -> [TextProblem] {
        policy.environments.flatMap { environment in
            unheld(environment).map { key in
                TextProblem(
                    "E-POLICY-UNSUPPORTED",
                    place: "\(key) of \(environment.name)",
                    expected: "a line that this release holds: leave \(key) out",
                    found: key
                )
            }
        }
    }

    private static func unheld(_ environment: Policy.Environment) -> [String] {
        var keys: [String] = []
        if environment.after != nil { keys.append("after=") }
        if environment.soak != nil { keys.append("soak=") }
        if environment.rollout.count > 1 || environment.rollout.first.map({ $0.percent != 100 }) == true {
            keys.append("rollout")
        }
        if !environment.windows.isEmpty { keys.append("window") }
        if !environment.freezes.isEmpty { keys.append("freeze") }
        if environment.onTaint != .alert { keys.append("on-taint") }
        if environment.floor != nil { keys.append("floor") }
        if environment.targets.contains(where: { $0 != "static" }) { keys.append("target") }
        if !environment.hooks.isEmpty { keys.append("hook") }
        if !environment.checks.isEmpty { keys.append("check") }
        return keys
    }
}
