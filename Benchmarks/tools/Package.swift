// swift-tools-version:6.2
import PackageDescription

let houseRules: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "benchmark-tools",
    products: [
        .executable(name: "stream-peer", targets: ["stream-peer"]),
        .executable(name: "body-rewrite", targets: ["body-rewrite"]),
        .executable(name: "parsing", targets: ["parsing"]),
    ],
    dependencies: [.package(url: "https://github.com/apple/swift-nio", exact: "2.101.2")],
    targets: [
        // A link into the main package, so that what is measured is what is shipped.
        .target(
            name: "LLMWire", swiftSettings: houseRules + [.strictMemorySafety()],
            // Programs without Foundation are not linked with it by themselves.
            linkerSettings: [.linkedLibrary("m")]),
        .executableTarget(name: "body-rewrite", dependencies: ["LLMWire"], swiftSettings: houseRules),
        .executableTarget(name: "parsing", dependencies: ["LLMWire"], swiftSettings: houseRules),
        .executableTarget(
            name: "stream-peer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "StreamPeerTests",
            dependencies: ["stream-peer", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: houseRules),
    ]
)
