// swift-tools-version:6.2
import PackageDescription

/// The parsers of the main package, compiled again with libFuzzer's instrumentation; `run` builds and starts it.
///
/// The sources are links into the main package, so that what is fuzzed is what is shipped.
let features: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let instrumented = features + [.unsafeFlags(["-sanitize=fuzzer,address"])]

let package = Package(
    name: "fuzzing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(
            name: "HTTP1",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: instrumented + [.strictMemorySafety()]),
        .target(
            name: "HTTP1Invariants",
            dependencies: ["HTTP1", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: instrumented),
        .target(name: "Pricing", dependencies: ["LLMWire"], swiftSettings: instrumented),
        .target(name: "WeirConfiguration", dependencies: ["LLMWire", "Pricing"], swiftSettings: instrumented),
        .target(
            name: "ProxyHandshake",
            dependencies: ["HTTP1", "WeirConfiguration", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: instrumented),
        .target(
            name: "ProxyInvariants",
            dependencies: ["ProxyHandshake", "WeirConfiguration", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: instrumented),
        .target(name: "LLMWire", swiftSettings: instrumented + [.strictMemorySafety()]),
        .target(name: "LLMWireInvariants", dependencies: ["LLMWire"], swiftSettings: instrumented),
        .target(
            name: "ConfigurationFile", dependencies: ["LLMWire", "Pricing", "WeirConfiguration", "Yams"],
            swiftSettings: instrumented),
        .target(
            name: "ConfigurationInvariants", dependencies: ["ConfigurationFile", "WeirConfiguration"],
            swiftSettings: instrumented),
        // Without what needs a cryptographic library.
        .target(
            name: "Policy", dependencies: ["HTTP1", "LLMWire", "WeirConfiguration"],
            sources: ["AddressClass.swift", "Refusal.swift", "Target.swift", "UniversalTarget.swift"],
            swiftSettings: instrumented),
        .target(name: "PolicyInvariants", dependencies: ["Policy", "WeirConfiguration"], swiftSettings: instrumented),
        .target(name: "CLibFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CLibFuzzer", "ConfigurationInvariants", "HTTP1Invariants", "LLMWireInvariants", "PolicyInvariants",
                "ProxyInvariants",
            ],
            swiftSettings: features,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
    ]
)
