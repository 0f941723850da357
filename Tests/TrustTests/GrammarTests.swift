import SallyportBase
import SallyportTrust
import Testing

@Suite struct GrammarTests {
    @Test func samplesAreAcceptedAndPrintedBack() throws {
        #expect(codes(Approval.unverified(bytes(Samples.approval))) == ["accepted"])
        #expect(string(try Approval.unverified(bytes(Samples.approval)).get().text()) == Samples.approval)
        #expect(string(try Approval.unverified(bytes(Samples.rejection)).get().text()) == Samples.rejection)
        #expect(string(try Order.unverified(bytes(Samples.order)).get().text()) == Samples.order)
        #expect(string(try Order.unverified(bytes(Samples.liftHold)).get().text()) == Samples.liftHold)
        #expect(string(try Ticket.unverified(bytes(Samples.ticket)).get().text()) == Samples.ticket)
        #expect(codes(Policy.unverified(bytes(Samples.policy))) == ["accepted"])
        #expect(codes(Keyring.unverified(bytes(try Samples.keyring()))) == ["accepted"])
        for (text, kind): (String, DocumentKind) in [
            (Samples.approval, .approval), (Samples.order, .order), (Samples.ticket, .ticket),
            (Samples.policy, .policy),
            (try Samples.keyring(), .keyring),
        ] { #expect(sniffKind(bytes(text)) == kind) }
        #expect(sniffKind(bytes("sallyport-statement v1\n")) == nil)
        #expect(sniffKind([]) == nil)
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        let why: String
        let codes: [String]
        let place: String
        let change: @Sendable (String) -> String
        init(_ why: String, _ codes: [String], _ place: String, _ change: @escaping @Sendable (String) -> String) {
            self.why = why
            self.codes = codes
            self.place = place
            self.change = change
        }
        var testDescription: String { why }
    }

    static let faults: [Fault] = [
        Fault("nothing", ["E-GRAMMAR-END"], "line 0") { _ in "" },
        Fault("magic only", ["E-GRAMMAR-END"], "line 1") { _ in "sallyport-approval v1\n" },
        Fault("end only", ["E-GRAMMAR-MAGIC"], "line 1") { _ in "end\n" },
        Fault("another kind's magic", ["E-GRAMMAR-MAGIC"], "line 1") {
            $0.replacing("sallyport-approval", with: "sallyport-order")
        },
        Fault("version 2", ["E-GRAMMAR-VERSION"], "line 1") { $0.replacing("approval v1", with: "approval v2") },
        Fault("cut before end", ["E-GRAMMAR-END"], "line 24") { $0.replacing("end\n", with: "") },
        Fault("no LF after end", ["E-GRAMMAR-END"], "line 25") { String($0.dropLast()) },
        Fault("a line after end", ["E-GRAMMAR-AFTER-END"], "line 26") { $0 + "x: y\n" },
        Fault("CR", ["E-GRAMMAR-CR"], "line 4") { $0.replacing("issue: 1", with: "issue: 1\r") },
        Fault("TAB", ["E-GRAMMAR-BYTE"], "line 4") { $0.replacing("issue: 1", with: "issue:\t1") },
        Fault("NUL", ["E-GRAMMAR-BYTE"], "line 4") { $0.replacing("issue: 1", with: "issue: 1\0") },
        Fault("UTF-8", ["E-GRAMMAR-BYTE"], "line 24") { $0.replacing("read everything", with: "schön") },
        Fault("BOM", ["E-GRAMMAR-BYTE"], "line 1") { "\u{FEFF}" + $0 },
        Fault("trailing space", ["E-GRAMMAR-TRAILING-SPACE"], "line 4") { $0.replacing("issue: 1", with: "issue: 1 ") },
        Fault("blank line", ["E-GRAMMAR-BLANK-LINE"], "line 5") { $0.replacing("issue: 1", with: "issue: 1\n") },
        Fault("line of 201 bytes", ["E-GRAMMAR-LINE-LENGTH"], "line 24") {
            $0.replacing("read everything", with: String(repeating: "x", count: 193))
        },
        Fault("513 lines", ["E-GRAMMAR-LINES"], "-") {
            $0.replacing("submitter:", with: String(repeating: "capability: a b\n", count: 488) + "submitter:")
        },
        Fault("64 KiB and one", ["E-GRAMMAR-SIZE"], "-") { $0 + String(repeating: "x", count: 64 << 10) },
        Fault("385 capabilities", ["E-GRAMMAR-COUNT"], "line 399 (capability)") {
            $0.replacing("submitter:", with: String(repeating: "capability: a b\n", count: 382) + "submitter:")
        },
        Fault("a line missing", ["E-GRAMMAR-MISSING"], "line 4") { $0.replacing("issue: 1\n", with: "") },
        Fault("two SHA256 lines", ["E-GRAMMAR-MISSING"], "line 13") {
            $0.replacing(
                "SHA256 (agent.json) = 0f343b0931126a20f133d67c2b018a3b1d2c5d4e6f708192a3b4c5d6e7f80910\n",
                with: ""
            )
        },
        Fault("unknown line", ["E-GRAMMAR-UNKNOWN"], "line 5") { $0.replacing("issue: 1", with: "issue: 1\nnote: x") },
        Fault("key in other case", ["E-GRAMMAR-UNKNOWN", "E-GRAMMAR-MISSING"], "line 4") {
            $0.replacing("issue: 1", with: "Issue: 1")
        },
        Fault("repeated", ["E-GRAMMAR-REPEATED"], "line 6 (decision)") {
            $0.replacing("decision: approve", with: "decision: approve\ndecision: reject")
        },
        Fault("out of order", ["E-GRAMMAR-MISSING", "E-GRAMMAR-ORDER"], "line 4") {
            $0.replacing("issue: 1\ndecision: approve", with: "decision: approve\nissue: 1")
        },
        Fault("no separator", ["E-GRAMMAR-SEPARATOR", "E-GRAMMAR-MISSING"], "line 4") {
            $0.replacing("issue: 1", with: "issue 1")
        },
        Fault("no space after the colon", ["E-GRAMMAR-SEPARATOR", "E-GRAMMAR-MISSING"], "line 4") {
            $0.replacing("issue: 1", with: "issue:1")
        },
        Fault("two spaces after the colon", ["E-GRAMMAR-VALUE"], "line 4 (issue)") {
            $0.replacing("issue: 1", with: "issue:  1")
        },
        Fault("leading zero", ["E-GRAMMAR-VALUE"], "line 4 (issue)") { $0.replacing("issue: 1", with: "issue: 01") },
        Fault("sign", ["E-GRAMMAR-VALUE"], "line 4 (issue)") { $0.replacing("issue: 1", with: "issue: +1") },
        Fault("too great", ["E-GRAMMAR-VALUE"], "line 4 (issue)") {
            $0.replacing("issue: 1", with: "issue: 9999999999999999999999")
        },
        Fault("digest in upper case", ["E-GRAMMAR-VALUE"], "line 12 (SHA256)") {
            $0.replacing("0f343b09", with: "0F343b09")
        },
        Fault("a decision that is none", ["E-GRAMMAR-VALUE"], "line 5 (decision)") {
            $0.replacing("approve", with: "approved")
        },
        Fault("reserved agent", ["E-GRAMMAR-VALUE"], "line 9 (agent)") {
            $0.replacing("agent: invoice-triage", with: "agent: none")
        },
        Fault("a date that is none", ["E-GRAMMAR-VALUE"], "line 22 (expires)") {
            $0.replacing("2026-11-22T02", with: "2026-11-31T02")
        },
        Fault("a time zone", ["E-GRAMMAR-VALUE"], "line 22 (expires)") {
            $0.replacing("02:12:09Z", with: "02:12:09+00:00")
        },
        Fault("version with v", ["E-GRAMMAR-VALUE"], "line 10 (version)") {
            $0.replacing("version: 1.5.0", with: "version: v1.5.0")
        },
        Fault("package of another name", ["E-GRAMMAR-RULE"], "SHA256") {
            $0.replacing("triage-1.5.0.tar", with: "triage-1.5.1.tar")
        },
        Fault("manifest of another name", ["E-GRAMMAR-RULE"], "line 12 (SHA256)") {
            $0.replacing("(agent.json)", with: "(Agent.json)")
        },
        Fault("file name that climbs", ["E-GRAMMAR-VALUE"], "line 12 (SHA256)") {
            $0.replacing("(agent.json)", with: "(../agent.json)")
        },
        Fault("policy of another environment", ["E-GRAMMAR-RULE"], "policy") {
            $0.replacing("policy: production", with: "policy: staging")
        },
        Fault("finding in an approval", ["E-GRAMMAR-RULE"], "finding") {
            $0.replacing("accepts:", with: "finding: error - x\nremedy: y\naccepts:")
        },
        Fault("accepts in a rejection", ["E-GRAMMAR-RULE"], "accepts") { $0.replacing("approve", with: "reject") },
        Fault("finding without remedy", ["E-GRAMMAR-MISSING"], "line 24") {
            $0.replacing("accepts:", with: "finding: error - x\naccepts:")
        },
        Fault("rule without F-", ["E-GRAMMAR-VALUE"], "line 23 (accepts)") { $0.replacing("F-EGRESS", with: "EGRESS") },
        Fault(
            "three mistakes, all told",
            ["E-GRAMMAR-VALUE", "E-GRAMMAR-VALUE", "E-GRAMMAR-UNKNOWN"],
            "line 4 (issue)"
        ) {
            $0.replacing("issue: 1", with: "issue: 0").replacing("size: 48211", with: "size: x\ncolour: red")
        },
    ]

    @Test("each fault of an approval has its code and place", arguments: faults)
    func refuses(_ fault: Fault) {
        guard case .failure(let problems) = Approval.unverified(bytes(fault.change(Samples.approval))) else {
            Issue.record("accepted")
            return
        }
        #expect(problems.problems.map(\.code) == fault.codes, "\(problems.problems)")
        #expect(problems.problems.first?.place == fault.place)
    }

    @Test func ordersHaveTheLinesOfTheirName() throws {
        let order = try Order.unverified(bytes(Samples.order)).get()
        let release = try #require(ReleaseName("1.5.0-r1884"))
        for name in Order.Name.allCases {
            var other = order
            other.order = name
            other.request = nil
            other.from = nil
            other.to = nil
            switch name {
            case .rollback: (other.from, other.to) = (release, .lastGood)
            case .advance, .pause, .resume, .abort: (other.from, other.to) = (release, .release(release))
            case .hold, .pin, .unpin, .retire: other.from = release
            case .liftHold: other.cause = .zero
            case .cancel, .annotate: other.request = 7
            case .freeze, .unfreeze: (other.tenant, other.agent) = (nil, nil)
            }
            let text = try other.text()
            #expect(try Order.unverified(text).get() == other, "\(name)")
            // And no line of another order's.
            var foreign = other
            foreign.cause = name == .liftHold ? nil : .zero
            #expect(code { () throws(TextProblem) in _ = try foreign.text() }.hasPrefix("E-GRAMMAR-"), "\(name)")
        }
        let swapped = Samples.order.replacing("expires: 2026-11-21T11", with: "expires: 2026-11-22T11")
        #expect(codes(Order.unverified(bytes(swapped))) == ["E-GRAMMAR-RULE"])
        let unknown = Samples.order.replacing("order: rollback", with: "order: rollforward")
        #expect(codes(Order.unverified(bytes(unknown))) == ["E-GRAMMAR-VALUE"])
        #expect(order.timeProblems(at: at("2026-11-21T10:01:00Z")).isEmpty)
        #expect(order.timeProblems(at: at("2026-11-21T10:00:59Z")).map(\.code) == ["E-ORDER-FUTURE"])
        #expect(order.timeProblems(at: at("2026-11-21T11:11:00Z")).map(\.code) == ["E-EXPIRED"])
        let ticket = try Ticket.unverified(bytes(Samples.ticket)).get()
        #expect(ticket.timeProblems(at: at("2026-11-21T02:12:09Z")).isEmpty)
        #expect(ticket.timeProblems(at: at("2026-11-21T02:12:08Z")).map(\.code) == ["E-EXPIRES-FAR"])
        #expect(ticket.timeProblems(at: at("2026-11-22T02:12:09Z")).map(\.code) == ["E-EXPIRED"])
    }

    @Test("one changed byte is refused or says something else, never the same in another spelling")
    func malleability() throws {
        var random = Seeded(state: 3)
        let texts = [Samples.approval, Samples.rejection].map(bytes)
        for text in texts {
            let original = try Approval.unverified(text).get()
            for index in text.indices {
                for _ in 0..<3 {
                    var changed = text
                    changed[index] = UInt8.random(in: 0...255, using: &random)
                    guard changed != text, case .success(let value) = Approval.unverified(changed) else { continue }
                    #expect(value != original)
                    #expect(try value.text() == changed)
                }
            }
        }
    }

    @Test("generated values survive their text")
    func roundTrip() throws {
        var random = Seeded(state: 4)
        let base = try Approval.unverified(bytes(Samples.approval)).get()
        func words(_ count: Int) -> String {
            let letters = (0..<count).map { _ in UInt8.random(in: 0x21...0x7E, using: &random) }
            return string(letters)
        }
        for _ in 0..<300 {
            var value = base
            value.decision = Approval.Decision.allCases.randomElement(using: &random) ?? .approve
            value.accepts = []
            value.issue = UInt64.random(in: 1...(1 << 32), using: &random)
            value.request = RequestReference(
                number: UInt64.random(in: 0...UInt64.max, using: &random),
                leaf: Digest.of(words(5))
            )
            value.capabilities = (0..<Int.random(in: 0...384, using: &random)).map { "tool t\($0) read low" }
            value.replaces = Bool.random(using: &random) ? nil : ReleaseName("1.0.0-rc.1-r\(value.issue)")
            value.reason = words(Int.random(in: 1...192, using: &random))
            value.expires = Timestamp(seconds: Int64.random(in: 0...253_402_300_799, using: &random))
            if value.decision == .reject {
                value.findings = (0..<Int.random(in: 0...32, using: &random)).map { _ in
                    Approval.Defect(severity: .warning, place: words(9), text: words(20), remedy: words(30))
                }
            }
            let text = try value.text()
            #expect(try Approval.unverified(text).get() == value)
        }
    }

    @Test func whatAReviewerMayChange() throws {
        let wrote = try Approval.unverified(bytes(Samples.approval)).get()
        var signed = wrote
        signed.reason = "other words"
        signed.accepts = []
        #expect(signed.differences(from: wrote).isEmpty)
        signed.capabilities.removeLast()
        signed.issue = 2
        #expect(signed.differences(from: wrote).map(\.place) == ["issue", "capability 3"])
        #expect(signed.differences(from: wrote).map(\.code) == ["E-LINE-DIFFERS", "E-LINE-DIFFERS"])
        #expect(wrote.differences(from: signed).map(\.place) == ["issue", "capability 3"])
        var rejection = Approval(
            pipeline: wrote.pipeline,
            request: wrote.request,
            issue: 1,
            decision: .reject,
            reviewer: "alice",
            environment: wrote.environment,
            tenant: wrote.tenant,
            agent: wrote.agent,
            version: wrote.version,
            package: wrote.package,
            manifest: wrote.manifest,
            report: wrote.report,
            size: wrote.size,
            capabilities: wrote.capabilities,
            submitter: "unknown",
            replaces: nil,
            rollback: .no,
            policy: wrote.policy,
            expires: wrote.expires
        )
        #expect(string(try rejection.text()).contains("finding: error - -\nremedy: -\nreason: -\nend\n"))
        #expect(rejection.missingWords.map(\.place) == ["reason", "finding 1", "remedy 1"])
        #expect(rejection.fileName == "r1884.alice.reject")
        rejection.findings = []
        rejection.reason = "no"
        #expect(rejection.missingWords.isEmpty)
    }

    @Test func combinedFilesSplitAfterEnd() throws {
        let signature = try Samples.sign(Samples.approval, .approval, "alice")
        let both = try #require(splitCombined(bytes(Samples.approval) + signature))
        #expect(string(both.text) == Samples.approval)
        #expect(both.signature == signature)
        #expect(splitCombined(bytes(Samples.approval)) == nil)
        #expect(splitCombined([]) == nil)
    }

    @Test func documentationNamesEveryLine() {
        let table = grammarMarkdown()
        for kind in DocumentKind.allCases {
            for part in TextGrammar.of(kind).parts {
                for rule in part.lines { #expect(table.contains("| `\(rule.key)` |")) }
            }
        }
        #expect(
            table.contains("| `cause` | `sha256:<64 hex>` | once | lift-hold | the file dropped as <order>.cause |")
        )
    }
}
