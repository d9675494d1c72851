import Attestations
import CryptoCore
import EthereumCodec
import Foundation
import NetworkDefinition
import PeerProtocols
import Testing

/// The file that describes a network.
@Suite struct NetworkFileTests {
    private static let peer = "16Uiu2HAmN2Q8mAfyNrS1aRkvaQ1ZKkFZ6GvRmCQsWQ9NfVZ1a2yV"

    private static func genesis(
        name: String = "a-network",
        created: UInt64 = 1_795_132_800,
        disputeWindow: UInt32 = 3600,
        clockSkew: UInt32 = 60,
        newsAge: UInt32 = 600,
        records: UInt32 = 4096,
        signers: Genesis.Signers = .anyone
    ) throws(NetworkFileError) -> Genesis {
        try Genesis(
            name: name,
            created: created,
            disputeWindow: disputeWindow,
            clockSkew: clockSkew,
            newsAge: newsAge,
            recordsPerSignerAndMinute: records,
            signers: signers
        )
    }

    private static func text(_ change: (inout String) -> Void = { _ in }) throws -> String {
        var text = try NetworkFile(genesis: try genesis(), bootstrap: [], isLocal: false).yaml
        change(&text)
        return text
    }

    private static func address(_ byte: UInt8) throws -> EthereumAddress {
        try #require(EthereumAddress(bytes: [UInt8](repeating: byte, count: 20)))
    }

    @Test func theIDIsTheHashOfTheEncoding() throws {
        // Written out by hand from the documentation: texts have four bytes of length, numbers are big-endian.
        func text(_ value: String) -> [UInt8] { [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8) }
        let encoding =
            text("tabellion genesis v1") + text("a-network")
            + [0, 0, 0, 0, 0x6a, 0xff, 0x8d, 0x80]
            + [0, 0, 0x0e, 0x10] + [0, 0, 0, 60] + [0, 0, 0x02, 0x58] + [0, 0, 0x10, 0x00] + [0]
        #expect(try Self.genesis().networkID.value.bytes == Keccak256.hash(encoding))
    }

    @Test func everyValueChangesTheID() throws {
        let genesis = [
            try Self.genesis(), try Self.genesis(name: "b-network"), try Self.genesis(created: 1_795_132_801),
            try Self.genesis(disputeWindow: 3601), try Self.genesis(clockSkew: 61), try Self.genesis(newsAge: 601),
            try Self.genesis(records: 4097), try Self.genesis(signers: .listed([try Self.address(1)])),
            try Self.genesis(signers: .listed([try Self.address(2)])),
            try Self.genesis(signers: .listed([try Self.address(1), try Self.address(2)])),
        ]
        #expect(Set(genesis.map(\.networkID)).count == genesis.count)
    }

    @Test func theOrderOfSignersDoesNotMatter() throws {
        let (one, two) = (try Self.address(1), try Self.address(2))
        let first = try Self.genesis(signers: .listed([one, two]))
        #expect(try Self.genesis(signers: .listed([two, one, two])) == first)
    }

    @Test(arguments: [false, true])
    func whatIsWrittenIsRead(isLocal: Bool) throws {
        let key = try Secp256k1PrivateKey(bytes: [UInt8](repeating: 7, count: 32))
        let address = try Multiaddr("/ip4/203.0.113.7/tcp/7047/p2p/\(PeerID(publicKey: key.publicKey))")
        let file = try NetworkFile(
            genesis: try Self.genesis(name: "42", signers: isLocal ? .anyone : .listed([key.ethereumAddress])),
            bootstrap: isLocal ? [] : [address],
            isLocal: isLocal
        )
        #expect(try NetworkFile(yaml: file.yaml) == file)
    }

    @Test func aChangedGenesisIsRefused() throws {
        let changed = try Self.text { $0 = $0.replacing("window-seconds: 3600", with: "window-seconds: 60") }
        let original = try Self.genesis().networkID
        let other = try Self.genesis(disputeWindow: 60).networkID
        #expect(throws: NetworkFileError.otherID(stated: "\(original)", computed: other)) {
            try NetworkFile(yaml: changed)
        }
    }

    @Test(arguments: [
        ("local: false", "locale: false", "unknown key \"locale\""),
        ("name: a-network", "name: A Network", "name of the network file must be"),
        ("created: 1795132800", "created: soon", "created of the network file must be a whole number"),
        ("created: 1795132800", "created: -1", "created of the network file must be a whole number"),
        ("created: 1795132800", "created: 18446744073709551616", "must be a whole number"),
        ("clock-skew-seconds: 60", "clock-skew-seconds: 0", "clock-skew-seconds of the network file must be 1 to 600"),
        ("  clock-skew-seconds: 60\n", "", "genesis has no clock-skew-seconds"),
        ("signers: anyone", "signers: everyone", "signers of the network file must be anyone, or a list"),
        ("signers: anyone", "signers: []", "anyone, or 1 to 4096 addresses"),
        ("signers: anyone", "signers: [\"0x12\"]", "0x and 40 hexadecimal digits"),
        ("bootstrap: []", "bootstrap: [/ip4/1.2.3.4/tcp/1]", "end with /p2p/"),
        ("bootstrap: []", "bootstrap: [nowhere]", "addresses such as"),
        ("bootstrap: []", "bootstrap: 5", "a list of at most 256"),
        ("local: false", "local: perhaps", "local of the network file must be true or false"),
        ("genesis:", "genesis: 1\nother:", "unknown key \"other\""),
        ("local: false", "local: false\nlocal: true", "malformed"),
        ("local: false", "local: [", "it is no YAML"),
    ])
    func aBadValueIsNamed(original: String, replacement: String, message: String) throws {
        let text = try Self.text { $0 = $0.replacing(original, with: replacement) }
        let error = #expect(throws: NetworkFileError.self) { try NetworkFile(yaml: text) }
        #expect("\(try #require(error))".contains(message), "\(String(describing: error))")
    }

    /// The files of the repository: an id that changes is another network, whose nodes and records nobody here knows.
    @Test(arguments: [
        (
            "devnet", "tabellion-devnet", UInt32(3_600), true,
            "0x0cabe14043c6c232c39c5838d519f707108899ab73aeff6657e6502a8d76b893"
        ),
        (
            "testnet.example", "tabellion-testnet-example", UInt32(86_400), false,
            "0x8be19005e6dd897ce2551bf67928726eae174552ff013d8742e6851f577f9d3c"
        ),
    ])
    func theFilesOfTheRepositoryAreOfTheirNetworks(
        folder: String,
        name: String,
        disputeWindow: UInt32,
        isLocal: Bool,
        id: String
    ) throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = repository.appendingPathComponent("network/\(folder)/network.yaml")
        let file = try NetworkFile(yaml: String(contentsOf: path, encoding: .utf8))
        #expect(try file.genesis == Self.genesis(name: name, disputeWindow: disputeWindow))
        #expect("\(file.network)" == id)
        #expect(file.network == file.genesis.networkID)
        #expect(file.bootstrap.isEmpty && file.isLocal == isLocal)
    }

    @Test func otherThingsAreRefused() {
        for text in ["", "[]", "5", "id: x", String(repeating: "#", count: (1 << 20) + 1)] {
            #expect(throws: NetworkFileError.self) { try NetworkFile(yaml: text) }
        }
    }
}
