// swift-tools-version:6.2
import PackageDescription

let nio = "swift-nio"

/// What every target of ours is held to.
let houseRules: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "weir",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(
            name: "HTTP1",
            dependencies: [.product(name: "NIOCore", package: nio)],
            swiftSettings: houseRules + [.strictMemorySafety()]),
        .target(name: "CCRC32C"),
        .target(name: "LLMWire", swiftSettings: houseRules + [.strictMemorySafety()]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", providers: [.apt(["libbrotli-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "ContentCoding",
            dependencies: ["CZlib", "CBrotli", "CZstd"],
            swiftSettings: houseRules + [.strictMemorySafety()]),
        .target(
            name: "Recording",
            dependencies: [
                "CCRC32C",
                "HTTP1",
                "LLMWire",
                "ContentCoding",
                "Pricing",
                .product(name: "NIOCore", package: nio),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: houseRules),
        .target(name: "Pricing", dependencies: ["LLMWire"], swiftSettings: houseRules),
        .target(name: "WeirConfiguration", dependencies: ["LLMWire", "Pricing"], swiftSettings: houseRules),
        .target(
            name: "ConfigurationFile",
            dependencies: ["LLMWire", "Pricing", "WeirConfiguration", "Yams"],
            swiftSettings: houseRules),
        .target(
            name: "Policy",
            dependencies: [
                "HTTP1", "LLMWire", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: houseRules),
        .target(
            name: "ProxyHandshake",
            dependencies: ["HTTP1", "WeirConfiguration", .product(name: "NIOCore", package: nio)],
            swiftSettings: houseRules),
        .target(name: "RequestLog", swiftSettings: houseRules),
        .target(name: "CTCPInfo"),
        .target(
            name: "Upstream",
            dependencies: [
                "CTCPInfo", "HTTP1", "ProxyHandshake", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOTLS", package: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: houseRules),
        .target(
            name: "Gateway",
            dependencies: [
                "HTTP1", "LLMWire", "Policy", "Recording", "RequestLog", "Upstream", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOTLS", package: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: houseRules),
        .executableTarget(
            name: "weir",
            dependencies: [
                "ConfigurationFile", "Gateway", "Mock", "Policy", "Pricing", "Recording", "RequestLog", "Upstream",
                "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: houseRules),
        .target(
            name: "Mock",
            dependencies: [
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "MockTests",
            dependencies: [
                "Mock",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: houseRules),
        .target(
            name: "TestSupport",
            dependencies: [
                "Gateway", "Recording", "Upstream", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
            ],
            path: "Tests/TestSupport",
            swiftSettings: houseRules),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "HTTP1", "Policy", "Recording", "TestSupport", "Upstream", "WeirConfiguration", "weir",
                .product(name: "NIOCore", package: nio),
            ],
            swiftSettings: houseRules),
        .testTarget(name: "EndToEndTests", dependencies: ["TestSupport", "weir"], swiftSettings: houseRules),
        .testTarget(
            name: "RecordingTests",
            dependencies: ["CCRC32C", "HTTP1", "LLMWire", "Recording", .product(name: "NIOCore", package: nio)],
            swiftSettings: houseRules),
        .target(
            name: "HTTP1Invariants",
            dependencies: ["HTTP1", .product(name: "NIOCore", package: nio)],
            path: "Tests/HTTP1Invariants",
            swiftSettings: houseRules),
        .testTarget(
            name: "HTTP1Tests",
            dependencies: [
                "HTTP1",
                "HTTP1Invariants",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOEmbedded", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: houseRules),
        .target(
            name: "ProxyInvariants",
            dependencies: ["ProxyHandshake", "WeirConfiguration", .product(name: "NIOCore", package: nio)],
            path: "Tests/ProxyInvariants",
            swiftSettings: houseRules),
        .testTarget(
            name: "ProxyHandshakeTests",
            dependencies: [
                "ProxyHandshake", "ProxyInvariants", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
            ],
            swiftSettings: houseRules),
        .target(
            name: "PolicyInvariants", dependencies: ["Policy", "WeirConfiguration"], path: "Tests/PolicyInvariants",
            swiftSettings: houseRules),
        .testTarget(
            name: "PolicyTests",
            dependencies: [
                "HTTP1", "HTTP1Invariants", "LLMWire", "Policy", "PolicyInvariants", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "UpstreamTests",
            dependencies: [
                "HTTP1", "ProxyHandshake", "TestSupport", "Upstream", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOEmbedded", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "WeirTests", dependencies: ["LLMWire", "TestSupport", "WeirConfiguration", "weir"],
            swiftSettings: houseRules),
        .testTarget(name: "RequestLogTests", dependencies: ["RequestLog"], swiftSettings: houseRules),
        .target(
            name: "LLMWireInvariants",
            dependencies: ["LLMWire"],
            path: "Tests/LLMWireInvariants",
            swiftSettings: houseRules),
        .testTarget(
            name: "LLMWireTests", dependencies: ["LLMWire", "LLMWireInvariants"], swiftSettings: houseRules),
        .testTarget(name: "PricingTests", dependencies: ["LLMWire", "Pricing"], swiftSettings: houseRules),
        .target(
            name: "ConfigurationInvariants", dependencies: ["ConfigurationFile", "WeirConfiguration"],
            path: "Tests/ConfigurationInvariants", swiftSettings: houseRules),
        .testTarget(
            name: "ConfigurationFileTests",
            dependencies: [
                "ConfigurationFile", "ConfigurationInvariants", "Pricing", "TestSupport", "WeirConfiguration", "Yams",
                "weir",
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "OutboundProxyTests",
            dependencies: [
                "HTTP1", "Gateway", "TestSupport", "Upstream", "WeirConfiguration",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "ContentCodingTests", dependencies: ["ContentCoding", "CZlib", "CZstd"], swiftSettings: houseRules),
        .systemLibrary(
            name: "CBrotliEncoder", path: "Tests/CBrotliEncoder", providers: [.apt(["libbrotli-dev"])]),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "CBrotliEncoder", "CZlib", "CZstd", "ContentCoding", "HTTP1", "LLMWire",
                .product(name: "NIOCore", package: nio),
            ],
            exclude: ["Cases"],
            swiftSettings: houseRules),
        .testTarget(
            name: "SessionFilesTests", dependencies: ["Recording", "LLMWire", "Pricing", "CZlib"],
            swiftSettings: houseRules),
    ]
)
