// swift-tools-version: 6.2
// The manifest reads as the picture in docs/architecture.md, bottom to top. It is built with
// `--explicit-target-dependency-import-check error`, so this graph is the truth about who may import whom.
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "sallyport",
    products: [.executable(name: "sallyport", targets: ["sallyport"])],
    targets: [
        // C libraries of Debian, one module map each, and one small shim for what Swift's Glibc does not show.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "CArchive"),  // libarchive, loaded with dlopen in the parser helper and nowhere else
        .target(name: "CLinux"),

        // Values and encodings: digests, times, names, strict JSON. No disk, no keys.
        .target(name: "SallyportBase", dependencies: ["CSodium", "CCrypto", "CJansson"], swiftSettings: strict),
        // Directory descriptors, durable replace, locks.
        .target(name: "SallyportDisk", dependencies: ["SallyportBase", "CLinux"], swiftSettings: strict),
        // The Ed25519 rule, envelopes, signed texts.
        .target(name: "SallyportTrust", dependencies: ["SallyportBase", "CSodium"], swiftSettings: strict),
        // Containers, findings, manifest, report. Sees no secret and no disk but its descriptor.
        .target(
            name: "SallyportPackages",
            dependencies: ["SallyportBase", "CArchive", "CLinux"],
            swiftSettings: strict
        ),
        // Entries, append, Merkle tree, checkpoints, verification.
        .target(
            name: "SallyportLedger",
            dependencies: ["SallyportBase", "SallyportDisk", "SallyportTrust"],
            swiftSettings: strict
        ),
        // Pure: projection, states, gates. No I/O at all.
        .target(
            name: "SallyportCore",
            dependencies: ["SallyportBase", "SallyportTrust", "SallyportPackages", "SallyportLedger"],
            swiftSettings: strict
        ),
        // Drops, stages, effects, publishing.
        .target(
            name: "SallyportRunner",
            dependencies: [
                "SallyportBase", "SallyportDisk", "SallyportTrust", "SallyportPackages", "SallyportLedger",
                "SallyportCore", "CLinux",
            ],
            swiftSettings: strict
        ),
        // One file a verb; text and JSON faces.
        .target(
            name: "SallyportCLI",
            dependencies: [
                "SallyportBase", "SallyportDisk", "SallyportTrust", "SallyportPackages", "SallyportLedger",
                "SallyportCore", "SallyportRunner", "CLinux",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "sallyport",
            dependencies: ["SallyportCLI", "SallyportPackages"],
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport",
            dependencies: ["SallyportBase", "SallyportDisk", "CLinux"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BaseTests",
            dependencies: ["SallyportBase", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DiskTests",
            dependencies: ["SallyportDisk", "SallyportBase", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TrustTests",
            dependencies: ["SallyportTrust", "SallyportBase", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PackagesTests",
            dependencies: ["SallyportPackages", "SallyportBase", "TestSupport", "sallyport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["SallyportLedger", "SallyportTrust", "SallyportDisk", "SallyportBase", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CoreTests",
            dependencies: [
                "SallyportCore", "SallyportLedger", "SallyportTrust", "SallyportPackages", "SallyportBase",
                "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RunnerTests",
            dependencies: [
                "SallyportRunner", "SallyportCore", "SallyportLedger", "SallyportTrust", "SallyportPackages",
                "SallyportDisk", "SallyportBase", "TestSupport", "sallyport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "SallyportCLI", "SallyportLedger", "SallyportTrust", "SallyportDisk", "SallyportBase", "TestSupport",
                "sallyport",
            ],
            exclude: ["Snapshots"],
            swiftSettings: strict
        ),
    ]
)
