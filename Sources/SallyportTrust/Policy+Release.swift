internal import SallyportBase

extension Policy {
    /// Lines that the grammar knows and that this release does not act on, each as a problem.
    ///
    /// The grammar is final so that texts written today stay readable; but whoever signs `window:` or `soak=` believes that it holds.
    /// A policy that asks for what does not happen yet is refused when it arrives, not obeyed in part. What only says what happens
    /// anyway (`rollout: 100%`, `target: static`, `on-taint: alert`) is accepted. `retain:` is accepted too: nothing is deleted yet.
    public var notActedOnYet: [TextProblem] {
        var out: [TextProblem] = []
        func refuse(_ line: String, _ expected: String, _ found: String) {
            out.append(TextProblem("E-POLICY-LATER", place: line, expected: expected, found: found))
        }
        for name in flags.keys.sorted() where name != Self.pipelineFlag {
            refuse("flag", Self.pipelineFlag, name)
        }
        for environment in environments {
            let name = environment.name
            let none = "none: this release does not act on it"
            if let after = environment.after { refuse("\(name): after", none, after) }
            if environment.rollout.count > 1 {
                refuse("\(name): rollout", "100%: this release has no steps", "\(environment.rollout.count) steps")
            }
            if !environment.windows.isEmpty { refuse("\(name): window", none, "\(environment.windows.count)") }
            if !environment.freezes.isEmpty { refuse("\(name): freeze", none, "\(environment.freezes.count)") }
            if environment.onTaint != .alert {
                refuse("\(name): on-taint", "alert", environment.onTaint.rawValue)
            }
            if let floor = environment.floor { refuse("\(name): floor", none, floor.description) }
            for target in environment.targets where target != "static" {
                refuse("\(name): target", "static", target)
            }
            for hook in environment.hooks { refuse("\(name): hook", none, hook.name) }
            for check in environment.checks { refuse("\(name): check", none, check.name) }
        }
        return out
    }

    /// The one flag of this release: `off` stops activations.
    public static let pipelineFlag = "enable-deployment-pipeline"
}
