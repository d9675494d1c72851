internal import Attestations
internal import CryptoCore
internal import Discovery
internal import EthereumCodec
internal import Gossip
internal import NodeCore
internal import PeerProtocols
internal import Records
internal import WireFormat

/// What all participants of a run share: the network, its members, and the results of signature checks.
final class SimulatedNetwork {
    /// The moment at which runs begin on calendars, in Unix milliseconds.
    static let unixBeginning: Int64 = 1_760_000_000_000

    /// Nodes that everybody knows; the first ones.
    static let bootstrapCount = 4
    /// The network's name.
    let id = NetworkID(named: "tabellion simulation")
    /// The keys of all participants, honest ones first.
    let keys: [Secp256k1PrivateKey]
    /// Signatures of gossip, each verified once.
    let signatures = SharedSignatureCheck()
    /// Records, each decoded and verified once.
    let records = SharedRecordCheck()
    /// How every honest node behaves; bootstrap peers are each node's own.
    let configuration: NodeConfiguration
    /// The protocols whose streams carry frames, and how long their frames may be.
    let framedProtocols: [ProtocolName: Int]
    /// Where notarizations are published.
    var topic: GossipTopic { configuration.notarizationTopic }

    /// The network of a run.
    init(_ options: SimulationOptions, random: BlockPRG) throws {
        var random = random
        var keys: [Secp256k1PrivateKey] = []
        while keys.count < options.nodeCount {
            // One in 2^128 blocks of bytes is no key.
            if let key = try? Secp256k1PrivateKey(bytes: random.bytes(32)) { keys.append(key) }
        }
        self.keys = keys
        var configuration = NodeConfiguration(network: id)
        let signatures = signatures
        configuration.gossip.hasGoodSignature = { signatures.isGood($0) }
        configuration.recordCheck = records
        configuration.recordEntries = SharedEntries()
        // As in a network's file: some nodes that everybody knows.
        configuration.discovery?.bootstrap = (0..<min(Self.bootstrapCount, options.honestCount)).map { index in
            SimulatedAddresses.address(of: index, id: PeerIdentity(privateKey: keys[index]).id)
        }
        if !options.usesFullDiscovery { configuration.discovery?.scaleDown(keepsRoom: options.fault.hasAdversaries) }
        configuration.membership = ListedSigners(keys.prefix(options.honestCount).map(\.publicKey.ethereumAddress))
        self.configuration = configuration
        var protocols = [FramedProtocol.sync.name: FramedProtocol.sync.frameByteCountMax]
        for name in configuration.discovery?.protocols ?? [] {
            protocols[name] = configuration.discovery?.limits.messageByteCountMax
        }
        framedProtocols = protocols
    }

    /// The header of a session that never was, with about so many bytes as a record.
    func header(
        by author: Int,
        byteCount: Int,
        unixMilliseconds: UInt64,
        random: inout BlockPRG
    ) throws -> AttestationHeader {
        // What a record of the shortest parts has; the rest is the server's name, its key and the hashes.
        var room = max(0, byteCount - 600)
        let keyByteCount = 65 + min(room, 133 - 65)
        room -= keyByteCount - 65
        let hashByteCount = 32 + min(room / 2, 32)
        room -= 2 * (hashByteCount - 32)
        let name = "s\(UInt32.random(in: 0..<1_000_000, using: &random)).example"
        let padding = String(repeating: "a", count: min(room, RevealedServer.nameByteCountMax - name.utf8.count - 1))
        return try AttestationHeader(
            network: id,
            sessionID: Self.bytes32(&random),
            mode: .mpc,
            engineVersion: 1,
            tls: TLSFacts(
                version: 0x0303,
                cipherSuite: 0xc02b,
                group: 0x0017,
                serverEphemeralKey: random.bytes(keyByteCount),
                clientRandom: Self.bytes32(&random),
                serverRandom: Self.bytes32(&random),
                sessionHash: random.bytes(hashByteCount),
                serverFinishedHash: random.bytes(hashByteCount)
            ),
            server: .revealed(
                RevealedServer(
                    name: padding.isEmpty ? name : padding + "." + name,
                    certificateFingerprint: Self.bytes32(&random),
                    validatedAt: unixMilliseconds
                )
            ),
            startTime: unixMilliseconds - 3_000,
            endTime: unixMilliseconds,
            transcript: TranscriptSummary(
                sentLength: 1_024,
                receivedLength: 2_048,
                complete: true,
                leafCount: 2,
                root: Self.bytes32(&random)
            ),
            purpose: AttestationPurpose(
                owner: keys[author].publicKey.ethereumAddress,
                contextHash: Self.bytes32(&random),
                declaredValue: UInt256(1_000),
                currency: "EUR/100",
                nonce: Self.bytes32(&random),
                expiry: unixMilliseconds + 86_400_000
            ),
            notary: keys[author].publicKey.ethereumAddress
        )
    }

    /// A record that is not acceptable: signed by an outsider, or with a signature of bytes.
    func invalidRecord(
        _ header: AttestationHeader,
        isOwn: Bool,
        key: Secp256k1PrivateKey,
        random: inout BlockPRG
    ) -> [UInt8]? {
        if isOwn {
            guard let attestation = try? Attestation(signing: header, contextText: nil, with: key) else { return nil }
            return Notarization(attestation).bytes
        }
        var writer = WireWriter()
        writer.uint8(RecordKind.notarization.rawValue)
        writer.uint8(Notarization.formatVersion)
        header.encode(into: &writer)
        writer.fixed(random.bytes(64) + [27])
        return writer.bytes
    }

    static func bytes32(_ random: inout BlockPRG) -> Bytes32 { Bytes32(random.bytes(32)) ?? .zero }
}
