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
    ],
    targets: [
        .target(
            name: "HTTP1",
            dependencies: [.product(name: "NIOCore", package: nio)],
            swiftSettings: houseRules + [.strictMemorySafety()]),
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
                "HTTP1",
                "LLMWire",
                "ContentCoding",
                .product(name: "NIOCore", package: nio),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: houseRules),
        .executableTarget(
            name: "weir",
            dependencies: [
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: houseRules),
        .testTarget(name: "LLMWireTests", dependencies: ["LLMWire"], swiftSettings: houseRules),
        .testTarget(
            name: "ContentCodingTests", dependencies: ["ContentCoding", "CZlib", "CZstd"], swiftSettings: houseRules),
        .testTarget(
            name: "SessionFilesTests", dependencies: ["Recording", "LLMWire", "CZlib"], swiftSettings: houseRules),
    ]
)
