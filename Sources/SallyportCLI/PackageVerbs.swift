/// The verbs below `package`.
public let packageVerbs: [any Verb.Type] = [PackageCheck.self]
