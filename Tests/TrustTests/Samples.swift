import SallyportBase
import SallyportTrust
import Testing

/// Texts that are right, and the trust around them.
enum Samples {
    static let pipeline = "5f2c6f0a9d3e4b7c8a1d2e3f40516273"
    static let block = "sha256:4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce"

    /// formats.md §2, byte for byte but for the pre-filled dash.
    static let approval = """
        sallyport-approval v1
        pipeline: 5f2c6f0a9d3e4b7c8a1d2e3f40516273
        request: r1884 sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
        issue: 1
        decision: approve
        reviewer: alice
        environment: production
        tenant: emea
        agent: invoice-triage
        version: 1.5.0
        SHA256 (invoice-triage-1.5.0.tar.gz) = f45f7870c441d7b6ae4e8702c85e5ebd069edd8f193d6249cca31567201f74a1
        SHA256 (agent.json) = 0f343b0931126a20f133d67c2b018a3b1d2c5d4e6f708192a3b4c5d6e7f80910
        SHA256 (report.md) = 77aa01bc9e8d7c6b5a493827160504f3e2d1c0bfaebdaccb9a8978675645342f
        size: 48211
        capability: tool erp.read_invoice read low
        capability: tool erp.post_credit_note write high
        capability: egress erp.internal:443
        submitter: dave
        replaces: 1.4.2-r1702
        rollback: allowed
        policy: production 12 sha256:4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce
        expires: 2026-11-22T02:12:09Z
        accepts: F-EGRESS-PUBLIC until 2026-12-31T00:00:00Z risk acknowledged, CHG-20417
        reason: read everything
        end

        """

    static let rejection = approval.replacing("decision: approve", with: "decision: reject")
        .replacing(
            "accepts: F-EGRESS-PUBLIC until 2026-12-31T00:00:00Z risk acknowledged, CHG-20417",
            with: "finding: error tools/erp.json writes without limit\nremedy: set a limit"
        )

    static let order = """
        sallyport-order v1
        pipeline: 5f2c6f0a9d3e4b7c8a1d2e3f40516273
        order: rollback
        operator: carol
        environment: production
        tenant: shared
        agent: invoice-triage
        from: 1.5.0-r1884
        to: last-good
        reason: error rate 12 % since 10:05
        incident: INC-4711
        nonce: 3f7a1c9be2d84f60b5c6d7e8f9012345
        issued: 2026-11-21T10:11:00Z
        expires: 2026-11-21T11:11:00Z
        end

        """

    static let liftHold = order.replacing("order: rollback", with: "order: lift-hold")
        .replacing(
            "from: 1.5.0-r1884\nto: last-good",
            with: "cause: sha256:77aa01bc9e8d7c6b5a493827160504f3e2d1c0bfaebdaccb9a8978675645342f"
        )

    static let ticket = """
        sallyport-ticket v1
        pipeline: 5f2c6f0a9d3e4b7c8a1d2e3f40516273
        environment: production
        tenant: shared
        submitter: dave
        SHA256 (invoice-triage-1.5.0.tar.gz) = f45f7870c441d7b6ae4e8702c85e5ebd069edd8f193d6249cca31567201f74a1
        size: 48211
        change: CHG-1
        nonce: 3f7a1c9be2d84f60b5c6d7e8f9012345
        expires: 2026-11-22T02:12:09Z
        end

        """

    static let policy = """
        sallyport-policy v1
        pipeline: 5f2c6f0a9d3e4b7c8a1d2e3f40516273
        version: 1
        previous: none
        context: orchestration, owner agent-platform
        flag: enable-deployment-pipeline on
        environment: staging production=no
        gate: need=1 role=reviewer
        rollout: 100%
        target: static
        environment: production production=yes after=staging soak=24h
        gate: need=1 role=reviewer
        gate: need=1 role=security
        gate: tier=critical need=1 role=risk-owner
        distinct: yes
        review-for: 24h
        approved-for: 7d
        rollback-window: 30d
        retain: 10
        rollout: 5%/15m/50 20%/30m/200 50%/60m/200 100%
        window: mon-thu 08:00-16:00 Europe/Berlin
        freeze: 2026-12-18T00:00:00Z 2027-01-07T00:00:00Z need=3 role=security
        unknown-submitter: deny
        reason: required
        build: required
        on-taint: alert
        settle: 10s
        target: static
        hook: smoke sha256:4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce
        check: license-scan sha256:4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce
        end

        """

    static func line(_ name: String) throws -> String { SSHPublicKey.ed25519(try key(name).publicKey).line }

    static let dates = "from=2026-01-01T00:00:00Z until=2027-01-01T00:00:00Z"

    static func keyring(version: Int = 1, previous: String = "none", threshold: Int = 2) throws -> String {
        """
        sallyport-keyring v1
        pipeline: 5f2c6f0a9d3e4b7c8a1d2e3f40516273
        version: \(version)
        previous: \(previous)
        expires: 2027-06-01T00:00:00Z
        root-threshold: \(threshold)
        root: carol sshsig \(try line("root-carol"))
        root: erin sshsig \(try line("root-erin"))
        log: ledger.example/adp1+869f0227+AeuKMMA4GJL6tEs4vPFc1aNy2VtoMjXdgzHQ/roqP0HB from=2026-01-01T00:00:00Z
        person: alice
        person: bob
        person: carol
        person: dave
        person: mallory
        key: alice/1 sshsig \(try line("alice")) roles=reviewer,security env=* tenant=* agent=* \(dates)
        key: alice/2 sshsig \(try line("alice-2")) roles=reviewer env=staging tenant=* agent=* \(dates)
        key: bob/1 minisign RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3 roles=reviewer env=* tenant=* agent=inv* \(dates)
        key: carol/1 sshsig \(try line("carol")) roles=operator env=staging,production tenant=* agent=* \(dates)
        key: dave/1 sshsig \(try line("dave")) roles=submitter env=* tenant=* agent=inv* \(dates)
        key: mallory/1 sshsig \(try line("mallory")) roles=reviewer,operator env=* tenant=* agent=* \(dates)
        submitter-uid: dave 1007
        revoked: mallory/1 2026-10-20T00:00:00Z compromised since=2026-09-30T00:00:00Z
        end

        """
    }

    static let day = at("2026-11-21T12:00:00Z")

    static func sign(_ text: String, _ kind: DocumentKind, _ name: String) throws -> [UInt8] {
        SSHSignature.sign(text: bytes(text), namespace: kind.namespace, with: try key(name))
    }

    static func installedKeyring() throws -> Verified<Keyring> {
        let text = try keyring()
        let signatures = try [sign(text, .keyring, "root-carol"), sign(text, .keyring, "root-erin")]
        return try verified(
            checkKeyring(bytes(text), signatures: signatures, after: nil, pin: Digest.of(text), at: day)
        )
    }
}
