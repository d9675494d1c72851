import Discovery
import PeerProtocols

/// The input is a stream of messages.
enum KademliaFuzz {
    static func run(_ bytes: [UInt8]) throws {
        let limits = KademliaLimits()
        let whole = try read([bytes], limits)
        for chunking in Chunking.allCases {
            let other = try read(chunking.cut(bytes), limits)
            try requireEqual(other.messages, whole.messages, "messages in portions: \(chunking)")
            try requireEqual(other.error, whole.error, "errors in portions: \(chunking)")
        }
        for message in whole.messages { try check(message, limits) }
        // The same bytes as one message: fuzzers are not good at lengths.
        try check(bytes, limits)
        var narrow = limits
        narrow.keyByteCountMax = 8
        narrow.peerCountMax = 2
        narrow.addressCountMax = 2
        if let message = try? KademliaMessage(decoding: bytes, limits: narrow) {
            try require(message.key.count <= 8 && message.closerPeers.count <= 2, "more than allowed")
            try require(message.closerPeers.allSatisfy { $0.endpoints.count <= 2 }, "more addresses than allowed")
        }
    }

    private static func read(
        _ chunks: [[UInt8]],
        _ limits: KademliaLimits
    ) throws -> (messages: [[UInt8]], error: KademliaMessageError?) {
        var decoder = KademliaFrameDecoder(limits: limits)
        var messages: [[UInt8]] = []
        for chunk in chunks {
            decoder.append(chunk)
            do throws(KademliaMessageError) {
                while let message = try decoder.next() { messages.append(message) }
            } catch {
                return (messages, error)
            }
            try require(decoder.bufferedByteCount <= limits.messageByteCountMax + 9, "a decoder holds much")
        }
        return (messages, nil)
    }

    private static func check(_ bytes: [UInt8], _ limits: KademliaLimits) throws {
        guard let message = try? KademliaMessage(decoding: bytes, limits: limits) else { return }
        let encoded = message.encoded
        try requireEqual(try KademliaMessage(decoding: encoded, limits: limits), message, "written and read again")
        // What was read is never longer in its own encoding, but for IPv4 addresses.
        try require(encoded.count <= bytes.count + 16, "an encoding grows")
    }

    static func seeds() throws -> [[UInt8]] {
        let peers = try (1..<4).map { number in
            KademliaMessage.Peer(
                id: FuzzIdentities.all[number].id,
                endpoints: try ["/ip4/203.0.113.\(number)/tcp/1", "/ip6/::ffff:1.2.3.4/tcp/2", "/dns/a.example/tcp/3"]
                    .compactMap { PeerEndpoint(try Multiaddr($0)) },
                connection: .connected
            )
        }
        let answer = KademliaMessage(.findNode, key: FuzzIdentities.own.id.bytes, closerPeers: peers)
        return [
            answer.frame,
            KademliaMessage(.findNode, key: [7], closerPeers: Array(peers.prefix(1))).encoded,
            answer.encoded,
            KademliaMessage(.ping).frame,
            KademliaMessage(.putValue, key: [1]).frame,
            KademliaMessage(.getProviders, key: [1, 2]).encoded,
            FuzzScriptWriter.joined(KademliaMessage(.findNode, key: [7]).frame, answer.frame),
            [0x80, 0x80, 4],
            [0x81, 0x80, 4],
            [0x42, 2, 0x0a, 0],
            [8, 9],
            [0x4a, 0],
        ]
    }
}
