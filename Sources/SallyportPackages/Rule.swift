public import SallyportBase

/// Every rule that a package can break: stable code, weight, and what the author can do about it. `docs` and tests read this table.
public enum Rule: String, CaseIterable, Sendable {
    // The container
    case containerUnknown = "F-CONTAINER-UNKNOWN"
    case containerUnsupported = "F-CONTAINER-UNSUPPORTED"
    case gzipDamaged = "F-GZIP-DAMAGED"
    case gzipMembers = "F-GZIP-MEMBERS"
    case trailingData = "F-TRAILING-DATA"
    case truncated = "F-TRUNCATED"
    case empty = "F-EMPTY"
    case ratio = "F-RATIO"
    case packageSize = "F-SIZE-PACKAGE"
    case unpackedSize = "F-SIZE-UNPACKED"
    case count = "F-COUNT"
    case tarChecksum = "F-TAR-CHECKSUM"
    case tarMalformed = "F-TAR-MALFORMED"
    case tarAmbiguous = "F-TAR-AMBIGUOUS"
    case tarGlobal = "F-TAR-GLOBAL"
    case tarSparse = "F-TAR-SPARSE"
    case tarAttributes = "F-TAR-XATTR"
    case tarHeaderSize = "F-TAR-HEADER-SIZE"
    // Entries
    case symbolicLink = "F-KIND-SYMLINK"
    case hardLink = "F-KIND-HARDLINK"
    case device = "F-KIND-DEVICE"
    case fifo = "F-KIND-FIFO"
    case otherKind = "F-KIND-OTHER"
    case mode = "F-MODE-SPECIAL"
    case duplicate = "F-DUPLICATE"
    case collision = "F-CASE-COLLISION"
    case fileAsDirectory = "F-FILE-AS-DIRECTORY"
    case proof = "F-PROOF-RESERVED"
    // Names
    case absolute = "F-PATH-ABSOLUTE"
    case traversal = "F-PATH-TRAVERSAL"
    case drive = "F-PATH-DRIVE"
    case unc = "F-PATH-UNC"
    case backslash = "F-PATH-BACKSLASH"
    case control = "F-PATH-CONTROL"
    case invisible = "F-PATH-BIDI"
    case encoding = "F-PATH-UTF8"
    case emptyPart = "F-PATH-EMPTY-PART"
    case dot = "F-PATH-DOT"
    case trailing = "F-PATH-TRAILING"
    case reserved = "F-PATH-RESERVED"
    case length = "F-PATH-LENGTH"
    case depth = "F-PATH-DEPTH"
    // The parser
    case parserDied = "F-PARSER-DIED"
    case parserDisagrees = "F-PARSER-DISAGREES"
    case parserProtocol = "F-PARSER-PROTOCOL"
    case timeout = "F-TIMEOUT"
    // The manifest
    case manifestMissing = "F-MANIFEST-MISSING"
    case manifestSize = "F-MANIFEST-SIZE"
    case manifestJSON = "F-MANIFEST-JSON"
    case manifestType = "F-MANIFEST-TYPE"
    case manifestValue = "F-MANIFEST-VALUE"
    case manifestPattern = "F-MANIFEST-PATTERN"
    case manifestRequired = "F-MANIFEST-REQUIRED"
    case manifestUnknown = "F-MANIFEST-UNKNOWN"
    case manifestRange = "F-MANIFEST-RANGE"
    case manifestUnique = "F-MANIFEST-UNIQUE"
    case manifestJustification = "F-MANIFEST-JUSTIFICATION"
    case manifestName = "F-MANIFEST-NAME"
    case manifestFile = "F-MANIFEST-FILE"
    case manifestCapabilities = "F-MANIFEST-CAPABILITIES"
    case manifestTwice = "F-MANIFEST-TWICE"
    // The list itself
    case more = "F-MORE"
    // The drop: it waits, nothing is judged
    case dropKind = "F-DROP-KIND"
    case dropUnreadable = "F-DROP-UNREADABLE"
    // The environment's policy and the history of the slot
    case requestOpen = "F-REQUEST-OPEN"
    case versionTaken = "F-VERSION-TAKEN"
    case versionOld = "F-VERSION-OLD"
    case buildMissing = "F-BUILD-MISSING"
    case rollbackMissing = "F-ROLLBACK-MISSING"
    case payloadBad = "F-PAYLOAD-BAD"
    case payloadOnceBad = "F-PAYLOAD-ONCE-BAD"
    case submitterUnknown = "F-SUBMITTER-UNKNOWN"
    case submitterScope = "F-SUBMITTER-SCOPE"

    /// What the author can do about it.
    public var remedy: String {
        switch self {
        case .containerUnknown: "pack the agent as tar.gz: sallyport package pack DIR -o FILE"
        case .containerUnsupported: "this format is not taken yet; pack as tar.gz: sallyport package pack DIR -o FILE"
        case .gzipDamaged, .truncated: "copy the file again and compare its SHA-256 with the original's"
        case .gzipMembers: "compress once, into one stream; do not append to a .gz file"
        case .trailingData: "end the file where the archive ends; do not append to it"
        case .empty: "put the agent's files into the archive"
        case .ratio: "leave out generated files that compress this well, or fetch them where the agent is built"
        case .packageSize, .unpackedSize, .count: "leave out what the agent does not need at run time"
        case .tarChecksum, .tarMalformed, .tarAmbiguous, .parserDisagrees:
            "write the archive with a current tar: sallyport package pack DIR -o FILE"
        case .tarGlobal: "write the archive without global pax headers other than a comment"
        case .tarSparse: "write the archive without --sparse"
        case .tarAttributes:
            "write the archive without extended attributes and ACLs: tar --no-xattrs --no-acls, bsdtar --no-mac-metadata"
        case .tarHeaderSize: "shorten the name or leave out the extended header"
        case .symbolicLink, .hardLink:
            "put a copy of the file in the place of the link: tar --dereference --hard-dereference"
        case .device, .fifo, .otherKind: "pack regular files and directories only"
        case .mode: "remove setuid, setgid and sticky bits: chmod u-s,g-s,-t"
        case .duplicate: "pack every path once"
        case .collision: "rename one of them: on many file systems both are the same file"
        case .fileAsDirectory: "give the file and the directory different names"
        case .proof: "rename it: PROOF is where a release keeps its approvals"
        case .absolute, .traversal, .drive, .unc, .emptyPart, .dot:
            "pack with paths relative to the agent's root: tar -C DIR -czf FILE ."
        case .backslash: "separate the parts of a path by /"
        case .control, .invisible, .encoding, .trailing, .reserved, .length, .depth:
            "rename it: letters, digits, dot, dash and underscore are safe everywhere"
        case .parserDied, .parserProtocol: "the package made the parser fail; pack it again with a current tar"
        case .timeout: "make the package smaller; if it is small, tell your operators"
        case .manifestMissing: "put agent.json at the archive's root or into its single top-level directory"
        case .manifestSize: "move long texts into files and name them in the manifest"
        case .manifestJSON:
            "make agent.json one strict JSON object: no comments, trailing commas, duplicate keys or fractions"
        case .manifestType, .manifestValue, .manifestPattern, .manifestRange: "correct the value: see docs/manifest.md"
        case .manifestRequired: "add the member: see docs/manifest.md"
        case .manifestUnknown: "remove the member, or put your own data under extensions with a reverse-DNS key"
        case .manifestUnique, .manifestTwice: "name it once"
        case .manifestJustification: "say why the whole slot must switch at once, in rollout.justification"
        case .manifestName: "choose another name: none and unknown mean the absence of an agent"
        case .manifestFile: "put the file into the package or correct the path"
        case .manifestCapabilities: "split the agent: what reviewers cannot read they cannot approve"
        case .more: "repair those above and check again"
        case .dropKind: "drop the package as a regular file"
        case .dropUnreadable: "let the runner read it: chmod 644, then drop it again"
        case .requestOpen: "nothing to do: sallyport status shows the request"
        case .versionTaken: "raise the version: an approved one is never used for other bytes"
        case .versionOld: "raise the version; to go back use: sallyport rollback"
        case .buildMissing: "pack with: sallyport package pack, which fills build from git"
        case .rollbackMissing:
            "add \"rollback\": {\"stateCompatible\": true} when older versions can run after it"
        case .payloadBad:
            "fix the cause; the same files come back only after: sallyport order lift-hold with a root cause"
        case .payloadOnceBad: "read the root cause of the lifted hold"
        case .submitterUnknown: "submit with a signed ticket: sallyport submit FILE --env ENV --key KEY"
        case .submitterScope: "submit with a key whose scope covers this agent, tenant and environment"
        }
    }

    /// What a finding of this rule weighs.
    public var severity: Finding.Severity { self == .payloadOnceBad ? .warning : .error }

    /// The finding of this rule at a place.
    ///
    /// - Parameter remedy: the remedy with the names of the case at hand; `nil` for the general one.
    public func finding(_ place: String, _ text: String, remedy: String? = nil) -> Finding {
        Finding(rawValue, severity, place: place, text, remedy: remedy ?? self.remedy)
    }
}
