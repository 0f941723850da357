internal import SallyportBase

/// The start-up test of the Ed25519 rule (formats.md §1): `nil` when all is well, else what is wrong. Fatal.
///
/// Half a millisecond. It finds a libsodium that cannot start, one with CVE-2025-69277, and one whose accept set is
/// not the one that the ledger was written under.
public func selfTest() -> TextProblem? {
    guard sodiumIsReady() else { return TextProblem("E-SELFTEST-SODIUM", expected: "sodium_init", found: "failure") }
    for point in SelfTestVectors.points where isValidPoint(Hex.decode(point.hex) ?? []) != point.valid {
        return TextProblem("E-SELFTEST-POINT", place: point.what, expected: "\(point.valid)", found: "\(!point.valid)")
    }
    // RFC 8032 §7.1, test 2: the message is one byte, 0x72.
    guard let key = Hex.decode(SelfTestVectors.rfcKey).flatMap({ CheckedKey($0) }),
        let signature = Hex.decode(SelfTestVectors.rfcSignature),
        verifyStrict(signature: signature, message: [0x72], key: key)
    else { return TextProblem("E-SELFTEST-VERIFY", expected: "RFC 8032 vector 2 accepted", found: "refused") }
    if verifyStrict(signature: signature, message: [0x73], key: key) {
        return TextProblem("E-SELFTEST-VERIFY", expected: "another message refused", found: "accepted")
    }
    // S + L: the same signature in a second spelling.
    guard let malleable = Hex.decode(SelfTestVectors.rfcMalleable),
        !verifyStrict(signature: malleable, message: [0x72], key: key)
    else { return TextProblem("E-SELFTEST-VERIFY", expected: "S above the group order refused", found: "accepted") }
    guard Hex.encode(blake2b512(Array("abc".utf8))).hasPrefix("ba80a53f981c4d0d") else {
        return TextProblem("E-SELFTEST-BLAKE2B", expected: "RFC 7693's value for abc", found: "another")
    }
    guard Hex.encode(sha512(Array("abc".utf8))).hasPrefix("ddaf35a193617aba"),
        Digest.of("abc").hex.hasPrefix("ba7816bf8f01cfea")
    else { return TextProblem("E-SELFTEST-SHA2", expected: "FIPS 180-4's values for abc", found: "others") }
    return nil
}

private enum SelfTestVectors {
    static let points: [(what: String, hex: String, valid: Bool)] = [
        ("base point", "58" + String(repeating: "66", count: 31), true),
        ("base point and a point of order 2 (CVE-2025-69277)", "95" + String(repeating: "99", count: 31), false),
        (
            "base point and a point of order 4", "5252cc0a7f208133b620acbd4537eba2a4123bf0a8c2e4f980c3b31bb69765ea",
            false
        ),
        (
            "base point and a point of order 8", "da99e28ba529cdde35a25fba9059e78ecaee239f99755b9b1aa4f65df00803e2",
            false
        ),
        ("identity", "01" + String(repeating: "00", count: 31), false),
    ]
    static let rfcKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    static let rfcSignature =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    static let rfcMalleable =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10"
}
