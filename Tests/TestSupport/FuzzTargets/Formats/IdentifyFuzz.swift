import CryptoCore
import PeerProtocols

/// The input is what a peer sends on the stream.
enum IdentifyFuzz {
    private struct Outcome: Equatable {
        var message: IdentifyMessage?
        var error: IdentifyError?
        var left: [UInt8] = []
    }

    static func run(_ bytes: [UInt8]) throws {
        let whole = read([bytes])
        for chunking in Chunking.allCases {
            try requireEqual(read(chunking.cut(bytes)), whole, "a message in portions: \(chunking)")
        }
        if let message = whole.message {
            try require(message.listenAddresses.count <= 256 && message.protocols.count <= 256, "too many entries")
            for text in [message.protocolVersion, message.agentVersion].compactMap({ $0 }) {
                try require(text.utf8.count <= 256, "a long text")
                let isPrintable = text.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value)
                }
                try require(isPrintable, "a text that controls a terminal")
            }
            let again = read([message.encoded()])
            try requireEqual(again.message, message, "what was read, written and read again")
            try require(again.left.isEmpty, "a message leaves bytes behind")
        }
        var echo = PingEcho()
        let answer = echo.receive(bytes)
        try requireEqual(answer, Array(bytes.prefix(bytes.count / 32 * 32)), "a ping comes back")
        var slow = PingEcho()
        try requireEqual(Chunking.uneven.cut(bytes).flatMap { slow.receive($0) }, answer, "a ping in portions")
    }

    private static func read(_ chunks: [[UInt8]]) -> Outcome {
        var outcome = Outcome()
        var input = ByteQueue()
        do throws(IdentifyError) {
            for (index, chunk) in chunks.enumerated() {
                input.append(chunk)
                guard let message = try IdentifyMessage.take(from: &input) else { continue }
                outcome.message = message
                outcome.left = input.takeAll() + chunks[(index + 1)...].joined()
                return outcome
            }
        } catch {
            outcome.error = error
        }
        return outcome
    }

    static func seeds() throws -> [[UInt8]] {
        let peer = FuzzIdentities.own
        let address = try Multiaddr("/ip4/203.0.113.7/tcp/4001")
        let full = IdentifyMessage(
            protocolVersion: "tabellion/1/0x00",
            agentVersion: "tabellion/1.0",
            publicKey: peer.publicKey,
            listenAddresses: [
                address, try Multiaddr("/ip6/2001:db8::1/tcp/4001"), try Multiaddr("/dns4/a.example/tcp/1"),
            ],
            observedAddress: address.with(peer.id),
            protocols: [.ping, .identify, "/tabellion/sync/1"],
            signedPeerRecord: [1, 2, 3, 4]
        )
        var odd = ProtobufWriter()
        odd.bytes([0xff, 0xfe, 0x1b, 0x5b, 0x41], field: 5)
        odd.bytes([UInt8](repeating: 0xc3, count: 300), field: 6)
        odd.bytes([0x2f, 0xff], field: 3)
        odd.varint(7, field: 9)
        return [
            full.encoded(),
            IdentifyMessage().encoded(),
            FuzzScriptWriter.joined(full.encoded(), full.encoded()),
            FuzzScriptWriter.joined(UnsignedVarint.encode(UInt64(odd.bytes.count)), odd.bytes),
            [0x80, 0x80, 1],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            [0x80, 0x80, 0x80],
            [3, 0x38, 0xff, 1],
        ]
    }
}
