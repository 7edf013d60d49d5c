// swift-tools-version: 6.1
import PackageDescription

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

/// What reads bytes of others.
let fuzzed: [Target.Dependency] = [
  "Checkpoint", "CZlib", "GRPC", "HTTP2", "DocumentFiles", "JSON", "Messages", "TestSupport", "Tokenizer",
  .product(name: "NIOCore", package: "swift-nio"),
]

/// The fuzzers' bodies are part of the tests, which replay regressions; scripts/fuzz.sh makes a program of them.
let fuzzers: Target =
  if Context.environment["SCIMULT_FUZZ"] == nil {
    .testTarget(
      name: "FuzzTests", dependencies: fuzzed, path: "Fuzz",
      exclude: ["corpus", "regressions", "make_corpus.py", "Driver"], sources: ["Targets", "Tests"])
  } else {
    .executableTarget(
      name: "fuzz", dependencies: fuzzed, path: "Fuzz",
      exclude: ["corpus", "regressions", "make_corpus.py", "Tests"], sources: ["Targets", "Driver"])
  }

let package = Package(
  name: "scimult-serve",
  products: [
    .executable(name: "scimult", targets: ["scimult"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    // C libraries of the system, and our own C.
    .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CSciMultProto", dependencies: ["CProtobufC"]),
    .target(name: "CKernels"),

    // Bytes of JSON, and values.
    .target(name: "JSON"),

    // SHA-256.
    .target(name: "Digest", dependencies: [.product(name: "NIOSSL", package: "swift-nio-ssl")]),

    // The engine.
    .target(name: "Tensor", dependencies: ["CKernels"]),
    .target(name: "Tokenizer", dependencies: ["JSON", "Digest"]),
    .target(name: "Checkpoint", dependencies: ["CZlib", "JSON"]),
    .target(name: "Transformer", dependencies: ["Tensor", "Checkpoint", "JSON", "Digest"]),
    .target(
      name: "Batching",
      dependencies: [
        "Transformer", "Tensor", .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ] + nio),

    // The wire.
    .target(
      name: "HTTP2",
      dependencies: [
        "CNGHTTP2", .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
      ] + nio),
    .target(
      name: "GRPC", dependencies: ["HTTP2", "CZlib", .product(name: "DequeModule", package: "swift-collections")] + nio),
    .target(
      name: "Messages",
      dependencies: ["CProtobufC", "CSciMultProto", .product(name: "NIOCore", package: "swift-nio")]),

    // What the server does, and its commands.
    .target(
      name: "Service",
      dependencies: [
        "GRPC", "Messages", "Tokenizer", "Batching", "Digest",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    .target(
      name: "Telemetry",
      dependencies: [
        "Service", "Messages", .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ] + nio),
    .target(
      name: "Admin",
      dependencies: [
        "HTTP2", "Service", "Telemetry", .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ] + nio),
    .target(
      name: "DocumentFiles",
      dependencies: ["JSON", "Messages", "CZlib", .product(name: "SystemPackage", package: "swift-system")]),
    .executableTarget(
      name: "scimult",
      dependencies: [
        "Service", "Telemetry", "Admin", "CZlib", "DocumentFiles", "JSON",
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .executableTarget(
      name: "tokenizer-benchmark", dependencies: ["Tokenizer"], path: "Benchmarks/tokenizer", exclude: ["compare.py"]),

    // Tests, named after the module whose promises they hold; GoldenTests hold PyTorch's numbers.
    .target(name: "TestSupport", dependencies: ["CNGHTTP2"], path: "Tests/TestSupport"),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "DigestTests", dependencies: ["Digest"]),
    .testTarget(name: "TokenizerTests", dependencies: ["Tokenizer"]),
    .testTarget(name: "CheckpointTests", dependencies: ["Checkpoint", "CZlib"]),
    .testTarget(name: "TensorTests", dependencies: ["Tensor", "CKernels", "TestSupport"]),
    .testTarget(name: "TransformerTests", dependencies: ["Transformer", "Checkpoint", "Tensor", "TestSupport"]),
    .testTarget(name: "BatchingTests", dependencies: ["Batching", "Transformer", "Checkpoint", "TestSupport"]),
    .testTarget(
      name: "MessagesTests",
      dependencies: [
        "Messages", "CProtobufC", "CSciMultProto", "TestSupport", .product(name: "NIOCore", package: "swift-nio"),
      ]),
    .testTarget(
      name: "GRPCTests",
      dependencies: [
        "GRPC", "HTTP2", "CZlib", "TestSupport", .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ] + nio),
    .testTarget(
      name: "HTTP2Tests",
      dependencies: ["HTTP2", "CNGHTTP2", "TestSupport", .product(name: "Logging", package: "swift-log")] + nio),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "Service", "Messages", "GRPC", "HTTP2", "Transformer", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ] + nio),
    .testTarget(
      name: "TelemetryTests",
      dependencies: [
        "Telemetry", "Messages", "GRPC", "HTTP2", .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ] + nio),
    .testTarget(
      name: "AdminTests",
      dependencies: [
        "Admin", "GRPC", "HTTP2", "Batching", "Service", .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ] + nio),
    .testTarget(name: "DocumentFilesTests", dependencies: ["DocumentFiles", "JSON", "TestSupport"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "scimult", "JSON", "Messages", "HTTP2", "Telemetry", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ] + nio),
    .testTarget(
      name: "GoldenTests", dependencies: ["Service", "Messages", "Transformer", "Checkpoint", "TestSupport"]),
    fuzzers,
  ],
  swiftLanguageModes: [.v6]
)
