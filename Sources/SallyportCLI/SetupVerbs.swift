/// The verbs with which people set up and speak to a spool.
let setupVerbs: [any Verb.Type] = [
    Init.self, TrustInstall.self, TrustShow.self, TrustCheck.self, Submit.self, Approve.self, Reject.self,
    Rollback.self, LiftHold.self,
]
