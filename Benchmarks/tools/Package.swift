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
    products: [.executable(name: "stream-peer", targets: ["stream-peer"])],
    dependencies: [.package(url: "https://github.com/apple/swift-nio", exact: "2.101.2")],
    targets: [
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
