internal import SallyportBase

extension ValueType {
    static let rootLine = ValueType("<person> sshsig <type> <base64> [verify-required] | <person> minisign RW…") {
        value throws(TextProblem) in try Keyring.Root(value)
    }
    static let logLine = ValueType("<vkey> from=<time>") { value throws(TextProblem) in try Keyring.LogKey(value) }
    static let keyLine = ValueType(
        "<person>/<n> sshsig <type> <base64> | minisign RW…, then roles= env= tenant= agent= from= until= "
            + "[verify-required]"
    ) { value throws(TextProblem) in try Keyring.Key(value) }
    static let agentKeyLine = ValueType("<agent>/<n> ed25519 <base64> env= tenant= from= until=") {
        value throws(TextProblem) in try Keyring.AgentKey(value)
    }
    static let submitterUID = ValueType("<person> <uid>") { Keyring.SubmitterUID($0) != nil }
    static let revocation = ValueType("<key id> <time> retired | lost | compromised [since=<time>]") {
        Keyring.Revocation($0) != nil
    }
}

/// The words of a line, taken from the left; one space between two.
private struct Words {
    private var rest: ArraySlice<String>
    private let line: String

    init(_ line: String) {
        self.line = line
        rest = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)[...]
    }

    mutating func take(_ what: String) throws(TextProblem) -> String {
        guard let word = rest.popFirst(), !word.isEmpty else { throw wrong(what, "nothing") }
        return word
    }

    mutating func take(_ what: String, if holds: (String) -> Bool) throws(TextProblem) -> String {
        let word = try take(what)
        guard holds(word) else { throw wrong(what, word) }
        return word
    }

    /// `name=value`.
    mutating func field<Value>(_ name: String, _ read: (String) -> Value?) throws(TextProblem) -> Value {
        let word = try take("\(name)=…")
        guard word.hasPrefix("\(name)="), let value = read(String(word.dropFirst(name.utf8.count + 1))) else {
            throw wrong("\(name)=…", word)
        }
        return value
    }

    mutating func flag(_ name: String) -> Bool {
        guard rest.first == name else { return false }
        rest = rest.dropFirst()
        return true
    }

    func end() throws(TextProblem) {
        guard rest.isEmpty else { throw wrong("the end of the line", rest.joined(separator: " ")) }
    }

    func wrong(_ expected: String, _ found: String) -> TextProblem {
        TextProblem("E-GRAMMAR-VALUE", expected: expected, found: "\(found) in: \(line)")
    }

    /// `sshsig <type> <base64>` or `minisign RW…`.
    mutating func material() throws(TextProblem) -> KeyMaterial {
        let scheme = try take("sshsig or minisign") { $0 == "sshsig" || $0 == "minisign" }
        if scheme == "minisign" {
            return .minisign(try MinisignPublicKey(base64: try take("RW…")))
        }
        let type = try take("a key type")
        let base64 = try take("base64")
        switch try SSHPublicKey(line: type + " " + base64) {
        case .ed25519(let key): return .ssh(key)
        case .ed25519SK(let key, let application):
            return .fido(key, application: application, verifyRequired: false)
        }
    }

    /// `verify-required` belongs to FIDO keys alone.
    mutating func verifyRequired(_ material: KeyMaterial) -> KeyMaterial {
        guard case .fido(let key, let application, _) = material, flag("verify-required") else { return material }
        return .fido(key, application: application, verifyRequired: true)
    }
}

/// `alice/1`: owner and a number from 1.
private func keyOwner(_ id: String) -> String? {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, Names.isName(parts[0]), canonicalNumber(parts[1], in: 1...1_000_000) != nil else {
        return nil
    }
    return String(parts[0])
}

extension Keyring.Root {
    init(_ line: String) throws(TextProblem) {
        var words = Words(line)
        person = try words.take("a person") { Names.isName($0) }
        let material = try words.material()
        key = words.verifyRequired(material)
        try words.end()
    }

    /// The id under which root keys appear in proofs; no `key:` line can have it, its second part being no number.
    var id: String { "\(person)/root" }
}

extension Keyring.LogKey {
    init(_ line: String) throws(TextProblem) {
        var words = Words(line)
        vkey = try words.take("a vkey")
        _ = try NoteVerifier(vkey: vkey)
        from = try words.field("from", time)
        try words.end()
    }
}

extension Keyring.Key {
    init(_ line: String) throws(TextProblem) {
        var words = Words(line)
        id = try words.take("<person>/<n>") { keyOwner($0) != nil }
        person = keyOwner(id) ?? ""
        let material = try words.material()
        roles = try words.field("roles", Self.roles)
        scope = Scope(
            environments: try words.field("env") { NamePattern($0) },
            tenants: try words.field("tenant") { NamePattern($0) },
            agents: try words.field("agent") { NamePattern($0) }
        )
        from = try words.field("from", time)
        until = try words.field("until", time)
        self.material = words.verifyRequired(material)
        try words.end()
    }

    private static func roles(_ text: String) -> Set<Role>? {
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        let roles = names.compactMap { Role(rawValue: String($0)) }
        guard roles.count == names.count, Set(roles).count == roles.count else { return nil }
        return Set(roles)
    }
}

extension Keyring.AgentKey {
    init(_ line: String) throws(TextProblem) {
        var words = Words(line)
        id = try words.take("<agent>/<n>") { keyOwner($0).map { Names.isAgent($0) } ?? false }
        agent = keyOwner(id) ?? ""
        _ = try words.take("ed25519") { $0 == "ed25519" }
        let text = try words.take("base64")
        guard let bytes = Base64.decode(text), bytes.count == 32 else { throw words.wrong("32 bytes in base64", text) }
        guard let point = CheckedKey(bytes) else {
            throw TextProblem("E-KEY-POINT", expected: "an Ed25519 point of prime order", found: text)
        }
        key = point
        environment = try words.field("env") { NamePattern($0) }
        tenant = try words.field("tenant") { NamePattern($0) }
        from = try words.field("from", time)
        until = try words.field("until", time)
        try words.end()
    }
}

extension Keyring.SubmitterUID {
    init?(_ line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, Names.isName(parts[0]),
            let uid = canonicalNumber(parts[1], in: 0...UInt64(UInt32.max - 1))
        else { return nil }
        person = String(parts[0])
        self.uid = UInt32(uid)
    }
}

extension Keyring.Revocation {
    init?(_ line: String) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 || parts.count == 4, keyOwner(parts[0]) != nil, let at = Timestamp(text: parts[1]),
            let cause = Cause(rawValue: parts[2])
        else { return nil }
        var since: Timestamp?
        if parts.count == 4 {
            guard cause == .compromised, parts[3].hasPrefix("since="),
                let value = Timestamp(text: parts[3].dropFirst(6)), value <= at
            else { return nil }
            since = value
        }
        keyID = parts[0]
        self.at = at
        self.cause = cause
        self.since = since
    }

    /// The first instant of arrival that is void.
    var start: Timestamp { cause == .compromised ? since ?? Timestamp(microseconds: .min) : at }
}
