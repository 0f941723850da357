import Foundation
import SallyportBase
@testable import SallyportPackages
import Testing

@Suite("The report") struct ReportTests {
    static func report(live: LiveRelease?, demo: Bool = false) -> Report {
        Report(
            package: Digest.of("package"),
            size: 1,
            environment: "production",
            tenant: "emea",
            submitter: "dave",
            live: live,
            demo: demo
        )
    }

    @Test("new, changed and removed capabilities stand first and are marked") func marks() throws {
        let old = try inspect(Archive.good().gzip)
        let text = goodManifest.replacingOccurrences(
            of: #""tools": ["#,
            with: #""tools": [{"name": "erp.pay", "access": "write", "risk": "high", "auth": "mtls"}, "#
        ).replacingOccurrences(of: #"["erp.internal:443"]"#, with: #"["api.example.com:443"]"#)
            .replacingOccurrences(of: #""risk": "low", "auth": "mtls"}]"#, with: #""risk": "medium", "auth": "mtls"}]"#)
        var archive = Archive()
        archive.add("agent.json", text)
        archive.add("run.sh", "#!/bin/sh\nexit\n", mode: "0000755")
        archive.add("tools/read.json", "{}")
        archive.add("new.txt")
        let new = try inspect(archive.gzip)
        #expect(new.findings == [])
        let live = LiveRelease(release: "1.4.2-r1702", manifest: try #require(old.manifest), entries: old.entries)
        let markdown = Self.report(live: live).markdown(new)
        for line in [
            "- **NEW** `erp.pay` write, risk high, auth mtls",
            "- **NEW** `api.example.com:443`, outside the organisation",
            "- **REMOVED** `erp.internal:443`",
            "- **CHANGED** `erp.read` read, risk medium, auth mtls, contract `tools/read.json`; "
                + "was read, risk low, auth mtls, contract `tools/read.json`",
            "- **NEW** `new.txt` 0644 1 bytes", "- **CHANGED** `run.sh` 10 → 15 bytes",
            "## Risk: high", "**CHANGED**: what is live is medium.", "| replaces | `1.4.2-r1702` |",
        ] { #expect(markdown.contains(line), "\(line)") }
        #expect(!markdown.contains("DEMO"))
        #expect(markdown == Self.report(live: live).markdown(new))
        #expect(Self.report(live: nil, demo: true).markdown(new).hasPrefix("**DEMO KEYS"))
    }

    @Test("nothing in the manifest changes unseen: other members, and tools with a slash in their name")
    func statements()
        throws
    {
        func manifest(_ description: String, _ runtime: String) -> String {
            goodManifest.replacingOccurrences(of: "erp.read\"", with: "erp/read\", \"description\": \"\(description)\"")
                .replacingOccurrences(of: "./run.sh", with: runtime)
        }
        let old = try inspect(Archive.good(manifest("reads", "./run.sh")).gzip)
        let new = try inspect(Archive.good(manifest("reads all", "sh")).gzip)
        let live = LiveRelease(release: "1.4.2-r1702", manifest: try #require(old.manifest), entries: old.entries)
        let lines = Self.report(live: live).markdown(new).split(separator: "\n")
        #expect(lines.contains("- **CHANGED** `/tools/erp~1read/description` `\"reads all\"`; was `\"reads\"`"))
        #expect(lines.contains("- **CHANGED** `/runtime/entrypoint/command` `\"sh\"`; was `\"./run.sh\"`"))
        #expect(lines.count { $0.contains("**CHANGED**") } == 3)
    }

    @Test("package text cannot begin a heading, a tag, a link, or leave its block") func escaped() throws {
        let hostile = [
            ##""description": "a\n# APPROVED\n```\n<script>alert(1)</script>\n[x](javascript:1)\u202e","##,
            ##""displayName": "# <b>x</b> [l](http://x) ![i](y)", "ticket": "`x` ``", "version""##,
        ].joined(separator: " ")
        let inspection = try inspect(
            Archive.good(goodManifest.replacingOccurrences(of: #""version""#, with: hostile)).gzip
        )
        #expect(inspection.findings == [])
        let lines = Self.report(live: nil).markdown(inspection).split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("# APPROVED") || $0.hasPrefix("```") || $0.hasPrefix("<") })
        #expect(lines.contains("    # APPROVED"))
        #expect(lines.contains(##"\# \<b\>x\</b\> \[l\](http\://x) \!\[i\](y)"##))
        #expect(lines.contains("- change reference: ``` `x` `` ```"))
        #expect(lines.contains { $0.contains("\\u{202e}") })
    }

    @Test("the feedback names every finding, its place and its remedy") func feedback() throws {
        let inspection = try inspect(Archive.good("{}").gzip)
        let text = Feedback.markdown(inspection.findings, file: "my agent.tar.gz")
        #expect(text.hasPrefix("# my agent.tar.gz was refused\n"))
        for finding in inspection.findings {
            #expect(text.contains("## \(finding.rule)"))
            #expect(text.contains("`\(finding.place)`"))
        }
        #expect(text.contains("sallyport package check FILE"))
    }

    @Test("every rule has a remedy and a code of its own") func rules() {
        #expect(Set(Rule.allCases.map(\.rawValue)).count == Rule.allCases.count)
        for rule in Rule.allCases {
            #expect(rule.rawValue.hasPrefix("F-"))
            #expect(!rule.remedy.isEmpty)
        }
    }
}
