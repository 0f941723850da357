internal import SallyportBase

/// Text from packages inside Markdown: it can neither end what it stands in, nor begin a heading, link, image or tag.
enum Markdown {
    /// Text on one line: what could mean something in Markdown (GitHub's included: bare addresses, `$`) or HTML is escaped, line feeds
    /// become spaces, at most `most` characters.
    static func line(_ text: some StringProtocol, most: Int = 300) -> String {
        var out = ""
        var count = 0
        // `1.` and `1)` begin a list: true as long as only digits came before.
        var isNumber = true
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if count == most { return out + "…" }
            // Spaces at the beginning could make it a code block.
            if out.isEmpty, [" ", "\n", "\t"].contains(scalar) { continue }
            count += 1
            let next = index + 1 < scalars.count && count < most ? scalars[index + 1] : nil
            switch scalar {
            case "\n", "\t": out += " "
            case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "!", "|", "~", "&", "@", "$":
                out += "\\" + String(scalar)
            // In the middle of a line these are harmless, and a backslash would only hurt the reader of the plain text.
            case "+", "-", "=": out += (count == 1 ? "\\" : "") + String(scalar)
            case ".", ")":
                let beginsList = isNumber && (next.map { " \n\t".unicodeScalars.contains($0) } ?? true)
                out += (beginsList || endsInWWW(out) ? "\\" : "") + String(scalar)
            // http://x is a link without any brackets.
            case ":": out += next == "/" ? "\\:" : ":"
            default: out += JSON.isUnsafeToShow(scalar) ? shown(String(scalar)) : String(scalar)
            }
            if !("0"..."9").contains(scalar) { isNumber = false }
        }
        return out
    }

    private static func endsInWWW(_ text: String) -> Bool { text.suffix(3).lowercased() == "www" }

    /// Text of several lines as an indented block, which nothing inside can end; at most `most` lines.
    static func block(_ text: String, most: Int = 60) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var out = lines.prefix(most).map { "    " + shown($0) }
        if lines.count > most { out.append("    … \(lines.count - most) lines more") }
        return out.joined(separator: "\n") + "\n"
    }

    /// Text as code in a cell of a table, where a bar ends the cell even inside code.
    static func cell(_ text: String) -> String {
        code(text.replacing("\\", with: "\\u{5c}")).replacing("|", with: "\\|")
    }

    /// Text as code on one line, between more backticks than it holds; at most `most` characters.
    static func code(_ text: some StringProtocol, most: Int = 1_100) -> String {
        let safe = text.unicodeScalars.count > most ? shown(text.prefix(most)) + "…" : shown(text)
        var run = 0
        var longest = 0
        for character in safe.utf8 {
            run = character == 0x60 ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let space = safe.hasPrefix("`") || safe.hasSuffix("`") || safe.isEmpty ? " " : ""
        return fence + space + safe + space + fence
    }

    /// A list of marked lines, or what stands for none.
    static func list(_ lines: [Difference.Line], none: String, most: Int) -> String {
        if lines.isEmpty { return none + "\n" }
        var out = lines.prefix(most).map { "- " + ($0.mark.isEmpty ? "" : "**\($0.mark)** ") + $0.text }
        if lines.count > most { out.append("- … \(lines.count - most) more, unchanged ones last") }
        return out.joined(separator: "\n") + "\n"
    }
}
