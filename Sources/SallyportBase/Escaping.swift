/// Text from outside, made safe to show: control, bidi and zero-width characters become `\u{…}`.
public func shown(_ text: some StringProtocol) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
        if JSON.isUnsafeToShow(scalar) {
            out += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            out.unicodeScalars.append(scalar)
        }
    }
    return out
}

/// A file name as bytes: percent-encoded outside `[A-Za-z0-9._+~-]`, as drop names appear in JSON and in messages.
public func percentEncoded(_ bytes: some Collection<UInt8>) -> String {
    var out = ""
    for byte in bytes {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2B, 0x7E, 0x2D:
            out.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let hex = String(byte, radix: 16, uppercase: true)
            out += "%" + (hex.count == 1 ? "0" + hex : hex)
        }
    }
    return out
}
