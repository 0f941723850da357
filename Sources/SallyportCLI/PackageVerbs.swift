/// The verbs below `package`.
public let packageVerbs: [any Verb.Type] = [PackagePack.self, PackageCheck.self]
