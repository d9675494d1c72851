// swift-tools-version:6.2
import PackageDescription

/// Settings of every Swift target.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Settings of targets with hot loops: full speed in debug builds, too.
let hot = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// Arrows point down only: a target's dependencies stand in a folder below its own, or earlier in the same one.
let foundations: [Target] = [
    .target(
        name: "CKernels",
        path: "Sources/Foundations/CKernels",
        cSettings: [.unsafeFlags(["-O3"], .when(configuration: .debug))]
    ),
    .systemLibrary(
        name: "CLevelDB",
        path: "Sources/Foundations/CLevelDB",
        providers: [.apt(["libleveldb-dev"])]
    ),
    .systemLibrary(
        name: "COpenSSL",
        path: "Sources/Foundations/COpenSSL",
        pkgConfig: "libcrypto",
        providers: [.apt(["libssl-dev"])]
    ),
    .systemLibrary(
        name: "CSecp256k1",
        path: "Sources/Foundations/CSecp256k1",
        pkgConfig: "libsecp256k1",
        providers: [.apt(["libsecp256k1-dev"])]
    ),
    .target(
        name: "CryptoCore",
        dependencies: ["CKernels", "COpenSSL", "CSecp256k1"],
        path: "Sources/Foundations/CryptoCore",
        swiftSettings: hot
    ),
    .target(name: "WireFormat", path: "Sources/Foundations/WireFormat", swiftSettings: settings),
    .target(
        name: "BooleanCircuits",
        dependencies: ["CKernels", "CryptoCore"],
        path: "Sources/Foundations/BooleanCircuits",
        swiftSettings: hot
    ),
    .target(
        name: "EthereumCodec",
        dependencies: ["CryptoCore", "WireFormat"],
        path: "Sources/Foundations/EthereumCodec",
        swiftSettings: settings
    ),
]

let engine: [Target] = [
    .target(name: "PartyChannel", path: "Sources/Engine/PartyChannel", swiftSettings: settings),
    .target(
        name: "Correlations",
        dependencies: ["CKernels", "CryptoCore", "PartyChannel"],
        path: "Sources/Engine/Correlations",
        swiftSettings: hot
    ),
    .target(
        name: "GarbledCircuits",
        dependencies: ["BooleanCircuits", "CKernels", "CryptoCore"],
        path: "Sources/Engine/GarbledCircuits",
        swiftSettings: hot
    ),
    .target(
        name: "VOLEProofs",
        dependencies: ["BooleanCircuits", "CKernels", "CryptoCore"],
        path: "Sources/Engine/VOLEProofs",
        swiftSettings: hot
    ),
    .target(
        name: "TLSProtocol",
        dependencies: ["CryptoCore"],
        path: "Sources/Engine/TLSProtocol",
        swiftSettings: settings
    ),
    .target(
        name: "MPCTLS",
        dependencies: [
            "BooleanCircuits", "Correlations", "CryptoCore", "GarbledCircuits", "PartyChannel", "TLSProtocol",
            "VOLEProofs", "WireFormat",
        ],
        path: "Sources/Engine/MPCTLS",
        swiftSettings: hot
    ),
]

let notary: [Target] = [
    .target(
        name: "ServerIdentity",
        dependencies: ["TLSProtocol", asn1, crypto, cryptoExtras, x509],
        path: "Sources/Notary/ServerIdentity",
        swiftSettings: settings
    ),
    .target(
        name: "Attestations",
        dependencies: ["CryptoCore", "EthereumCodec", "WireFormat"],
        path: "Sources/Notary/Attestations",
        swiftSettings: settings
    ),
    .target(name: "HTTPTranscript", path: "Sources/Notary/HTTPTranscript", swiftSettings: settings),
    .target(
        name: "Records",
        dependencies: ["Attestations", "CryptoCore", "WireFormat"],
        path: "Sources/Notary/Records",
        swiftSettings: settings
    ),
]

let node: [Target] = [
    .target(
        name: "PeerProtocols",
        dependencies: ["CryptoCore", crypto],
        path: "Sources/Peers/PeerProtocols",
        swiftSettings: settings
    ),
    .target(
        name: "Gossip",
        dependencies: ["CryptoCore", "PeerProtocols"],
        path: "Sources/Peers/Gossip",
        swiftSettings: settings
    ),
    .target(
        name: "Discovery",
        dependencies: ["CryptoCore", "PeerProtocols", "WireFormat"],
        path: "Sources/Peers/Discovery",
        swiftSettings: settings
    ),
    .target(
        name: "KeyValueStorage",
        dependencies: ["WireFormat"],
        path: "Sources/Node/KeyValueStorage",
        swiftSettings: settings
    ),
    .target(
        name: "LevelDBStorage",
        dependencies: ["CLevelDB", "KeyValueStorage", "WireFormat"],
        path: "Sources/Node/LevelDBStorage",
        swiftSettings: settings
    ),
    .target(
        name: "NodeCore",
        dependencies: [
            "Attestations", "CryptoCore", "Discovery", "Gossip", "KeyValueStorage", "PeerProtocols", "Records",
            "WireFormat",
        ],
        path: "Sources/Node/NodeCore",
        swiftSettings: settings
    ),
    .target(
        name: "NetworkDefinition",
        dependencies: [
            "Attestations", "CryptoCore", "Discovery", "Gossip", "NodeCore", "PeerProtocols", "Records", "WireFormat",
            yams,
        ],
        path: "Sources/Node/NetworkDefinition",
        swiftSettings: settings
    ),
    .target(
        name: "PrometheusMetrics",
        dependencies: [coreMetrics],
        path: "Sources/Node/PrometheusMetrics",
        swiftSettings: settings
    ),
    .target(
        name: "LocalControl",
        dependencies: ["WireFormat", nioConcurrency, nioCore, nioHTTP1, nioPosix],
        path: "Sources/Node/LocalControl",
        swiftSettings: settings
    ),
    .target(
        name: "PeerNetworking",
        dependencies: ["PeerProtocols", nioConcurrency, nioCore, nioPosix],
        path: "Sources/Node/PeerNetworking",
        swiftSettings: settings
    ),
    .target(
        name: "NodeNetwork",
        dependencies: [
            "Attestations", "CryptoCore", "Gossip", "KeyValueStorage", "NodeCore", "PeerNetworking", "PeerProtocols",
            "Records", nioConcurrency,
        ],
        path: "Sources/Node/NodeNetwork",
        swiftSettings: settings
    ),
    .target(
        name: "NodeRuntime",
        dependencies: [
            "Attestations", "CKernels", "Correlations", "CryptoCore", "EthereumCodec", "HTTPTranscript", "MPCTLS",
            "NodeCore", "NodeNetwork", "PartyChannel", "PeerNetworking", "PeerProtocols", "Records", "ServerIdentity",
            "TLSProtocol", "WireFormat", logging, nioConcurrency, yams,
        ],
        path: "Sources/Node/NodeRuntime",
        swiftSettings: settings
    ),
    .target(
        name: "EngineBenchmarks",
        dependencies: [
            "BooleanCircuits", "CKernels", "Correlations", "CryptoCore", "GarbledCircuits", "PartyChannel",
            "VOLEProofs",
        ],
        path: "Sources/Node/EngineBenchmarks",
        swiftSettings: settings
    ),
    .target(
        name: "TabellionCommands",
        dependencies: [
            "Attestations", "CKernels", "Correlations", "CryptoCore", "Discovery", "EngineBenchmarks", "EthereumCodec",
            "Gossip", "HTTPTranscript", "KeyValueStorage", "LevelDBStorage", "LocalControl", "MPCTLS",
            "NetworkDefinition", "NodeCore", "NodeNetwork", "NodeRuntime", "PartyChannel", "PeerNetworking",
            "PeerProtocols", "PrometheusMetrics", "Records", "ServerIdentity", "TLSProtocol", "WireFormat",
            argumentParser, coreMetrics, logging,
        ],
        path: "Sources/Node/TabellionCommands",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "tabellion",
        dependencies: ["TabellionCommands"],
        path: "Sources/tabellion",
        swiftSettings: settings,
        // Functions of libraries are bound when the program starts: the first call of one would leave the registers of
        // its caller, keys among them, on the stack.
        linkerSettings: [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"])]
    ),
    .target(
        name: "NetworkSimulation",
        dependencies: [
            "Attestations", "CryptoCore", "Discovery", "EthereumCodec", "Gossip", "KeyValueStorage", "NodeCore",
            "PeerProtocols", "Records", "WireFormat",
        ],
        path: "Sources/NetworkSimulation",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "tabellion-sim",
        dependencies: ["Discovery", "NetworkSimulation", "WireFormat", argumentParser],
        path: "Sources/tabellion-sim",
        swiftSettings: settings
    ),
]

/// A test target in the folder of its name.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        exclude: exclude,
        swiftSettings: settings
    )
}

let testTargets: [Target] = [
    .target(name: "TestServers", path: "Tests/TestSupport/TestServers", swiftSettings: settings),
    .target(
        name: "StoreContract",
        dependencies: ["KeyValueStorage", "WireFormat"],
        path: "Tests/TestSupport/StoreContract",
        swiftSettings: settings
    ),
    .target(
        name: "RecordSamples",
        dependencies: ["Attestations", "CryptoCore", "Records"],
        path: "Tests/TestSupport/RecordSamples",
        swiftSettings: settings
    ),
    .target(
        name: "IndependentPeers",
        dependencies: ["Gossip", "PeerProtocols", nioConcurrency],
        path: "Tests/TestSupport/IndependentPeers",
        swiftSettings: settings
    ),
    .target(name: "CrashHarness", path: "Tests/TestSupport/CrashHarness", swiftSettings: settings),
    .target(
        name: "NodeHarness",
        dependencies: [
            "Attestations", "CryptoCore", "Discovery", "Gossip", "KeyValueStorage", "LevelDBStorage", "NodeCore",
            "NodeNetwork", "PeerNetworking", "PeerProtocols", "RecordSamples", "Records",
        ],
        path: "Tests/TestSupport/NodeHarness",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "store-crash-writer",
        dependencies: ["KeyValueStorage", "LevelDBStorage", "StoreContract"],
        path: "Tests/TestSupport/StoreCrashWriter",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "node-crash-writer",
        dependencies: [
            "Attestations", "KeyValueStorage", "LevelDBStorage", "NodeCore", "NodeHarness", "PeerProtocols",
            "RecordSamples", "StoreContract",
        ],
        path: "Tests/TestSupport/NodeCrashWriter",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "node-benchmark",
        dependencies: [
            "Attestations", "CLevelDB", "CryptoCore", "Gossip", "KeyValueStorage", "LevelDBStorage", "NodeCore",
            "NodeHarness", "NodeNetwork", "PeerNetworking", "PeerProtocols", "RecordSamples", "Records", "WireFormat",
        ],
        path: "Tests/TestSupport/NodeBenchmark",
        swiftSettings: settings
    ),
    // What fuzzing tries, in the tests for a few seconds and with scripts/fuzz for as long as one likes.
    .target(
        name: "FuzzTargets",
        dependencies: [
            "Attestations", "CryptoCore", "Discovery", "Gossip", "KeyValueStorage", "NetworkDefinition", "NodeCore",
            "PeerProtocols", "RecordSamples", "Records", "WireFormat",
        ],
        path: "Tests/TestSupport/FuzzTargets",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "tabellion-fuzz",
        dependencies: ["FuzzTargets"],
        path: "Tests/TestSupport/TabellionFuzz",
        swiftSettings: settings
    ),
    tests("FuzzTests", ["FuzzTargets"], exclude: ["Corpus"]),
    tests("CryptoCoreTests", ["CKernels", "CryptoCore"], exclude: ["Vectors"]),
    tests("WireFormatTests", ["WireFormat"]),
    tests("BooleanCircuitsTests", ["BooleanCircuits", "CKernels", "CryptoCore"]),
    tests("EthereumCodecTests", ["CryptoCore", "EthereumCodec", "WireFormat"]),
    tests("CorrelationsTests", ["CKernels", "Correlations", "CryptoCore", "PartyChannel"]),
    tests("GarbledCircuitsTests", ["BooleanCircuits", "CKernels", "CryptoCore", "GarbledCircuits"]),
    tests("VOLEProofsTests", ["BooleanCircuits", "CKernels", "CryptoCore", "VOLEProofs"]),
    tests("TLSProtocolTests", ["CryptoCore", "TLSProtocol", "TestServers"]),
    tests(
        "MPCTLSTests",
        [
            "BooleanCircuits", "Correlations", "CryptoCore", "MPCTLS", "PartyChannel", "TLSProtocol", "TestServers",
            "WireFormat",
        ]
    ),
    tests("ServerIdentityTests", ["CryptoCore", "ServerIdentity", "TLSProtocol", "TestServers"]),
    tests("AttestationsTests", ["Attestations", "CryptoCore", "EthereumCodec", "WireFormat"], exclude: ["Vectors"]),
    tests("HTTPTranscriptTests", ["HTTPTranscript"]),
    tests("RecordsTests", ["Attestations", "CryptoCore", "RecordSamples", "Records", "WireFormat"]),
    tests("KeyValueStorageTests", ["KeyValueStorage", "StoreContract", "WireFormat"]),
    tests(
        "LevelDBStorageTests",
        ["CrashHarness", "KeyValueStorage", "LevelDBStorage", "StoreContract", "store-crash-writer"]
    ),
    tests("PeerProtocolsTests", ["CryptoCore", "PeerProtocols"]),
    tests("GossipTests", ["CryptoCore", "Gossip", "PeerProtocols"]),
    tests("DiscoveryTests", ["CryptoCore", "Discovery", "PeerProtocols", "WireFormat"]),
    tests(
        "NodeCoreTests",
        [
            "Attestations", "CSecp256k1", "CryptoCore", "Discovery", "Gossip", "KeyValueStorage", "NodeCore",
            "PeerProtocols",
            "RecordSamples", "Records", "WireFormat",
        ]
    ),
    tests("NetworkDefinitionTests", ["Attestations", "CryptoCore", "NetworkDefinition", "PeerProtocols"]),
    tests("NetworkSimulationTests", ["CryptoCore", "Gossip", "NetworkSimulation", "PeerProtocols"]),
    tests("LocalControlTests", ["LocalControl", "WireFormat"]),
    tests("PrometheusMetricsTests", ["PrometheusMetrics", coreMetrics]),
    tests(
        "PeerNetworkingTests",
        [
            "CryptoCore", "Gossip", "IndependentPeers", "PeerNetworking", "PeerProtocols", crypto, nioConcurrency,
            nioCore, nioPosix,
        ]
    ),
    tests(
        "NodeNetworkTests",
        [
            "Attestations", "CrashHarness", "CryptoCore", "Discovery", "Gossip", "IndependentPeers", "KeyValueStorage",
            "LevelDBStorage", "NodeCore", "NodeHarness", "NodeNetwork", "PeerNetworking", "PeerProtocols",
            "RecordSamples", "Records", "StoreContract", "WireFormat", "node-crash-writer",
        ]
    ),
    tests(
        "NodeRuntimeTests",
        [
            "Attestations", "CryptoCore", "EthereumCodec", "HTTPTranscript", "MPCTLS", "NodeRuntime", "PartyChannel",
            "PeerNetworking", "PeerProtocols", "ServerIdentity", "TLSProtocol", "TestServers", "WireFormat",
            "tabellion", logging,
        ]
    ),
    tests(
        "TabellionCommandsTests",
        [
            "Attestations", "CryptoCore", "EthereumCodec", "HTTPTranscript", "PeerProtocols", "ServerIdentity",
            "TLSProtocol", "TabellionCommands", "TestServers", "WireFormat", argumentParser,
        ]
    ),
    // Depends on the program so that it is built; runs it as its users do.
    tests("CommandLineTests", ["TestServers", "tabellion"]),
]

let package = Package(
    name: "tabellion",
    products: [
        .executable(name: "tabellion", targets: ["tabellion"]),
        .library(name: "Attestations", targets: ["Attestations"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: foundations + engine + notary + node + testTargets
)
