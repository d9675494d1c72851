import CryptoCore
import Gossip
import PeerProtocols
import Testing

struct CodecTests {
    private let limits = GossipLimits()

    @Test func independentEncodingsAreReadAndWritten() throws {
        let data = try GossipRPC(decoding: CodecVectors.data, limits: limits)
        #expect(try data == CodecVectors.decodedData())
        #expect(data.encoded == CodecVectors.data)
        let control = try GossipRPC(decoding: CodecVectors.control, limits: limits)
        #expect(control == CodecVectors.decodedControl)
        #expect(control.encoded == CodecVectors.control)
        #expect(try GossipRPC(decoding: [], limits: limits).isEmpty)
    }

    @Test func messagesKeepTheirFields() throws {
        let message = try GossipMessage(encoded: CodecVectors.signed)
        #expect(Array(message.data) == Array("attested".utf8))
        #expect(message.source == CodecVectors.author.id)
        #expect(message.sequenceNumber == 0x0001_0203_0405_0607)
        #expect(message.topic == topic("notarizations"))
        #expect(message.key.isEmpty)
        #expect(MessageID.origin(message)?.bytes == CodecVectors.author.id.bytes + [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func framesArriveByteByByte() throws {
        let rpcs = [
            try CodecVectors.decodedData(), CodecVectors.decodedControl, GossipRPC(), CodecVectors.decodedControl,
        ]
        var decoder = GossipFrameDecoder(limits: limits)
        var arrived: [GossipRPC] = []
        for byte in rpcs.flatMap(\.frame) {
            decoder.append([byte])
            while let rpc = try decoder.next() { arrived.append(rpc) }
            #expect(decoder.bufferedByteCount < 300)
        }
        #expect(arrived == rpcs)
        #expect(decoder.bufferedByteCount == 0)
        decoder.append(rpcs.flatMap(\.frame))
        arrived = []
        while let rpc = try decoder.next() { arrived.append(rpc) }
        #expect(arrived == rpcs)
    }

    /// Strings count as equal when they look alike; topics do not.
    @Test func topicsAreTheirBytes() throws {
        let composed = topic("caf\u{e9}")
        let decomposed = topic("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, topic("caf\u{e9}")]).count == 2)
        #expect((composed < decomposed) != (decomposed < composed))
        let rpc = GossipRPC(graft: [composed, decomposed])
        #expect(try GossipRPC(decoding: rpc.encoded, limits: limits) == rpc)
    }

    @Test func theLongestBackoffComesThrough() throws {
        let rpc = GossipRPC(prune: [.init(topic: topic("t"), backoffSeconds: 1 << 63 - 1)])
        #expect(try GossipRPC(decoding: rpc.encoded, limits: limits) == rpc)
    }

    @Test func oversizeFramesAreRefusedByTheirLength() {
        var decoder = GossipFrameDecoder(limits: limits)
        decoder.append(UnsignedVarint.encode(UInt64(limits.rpcByteCountMax) + 1))
        #expect(throws: GossipRPCError.oversize(announced: UInt64(limits.rpcByteCountMax) + 1)) {
            try decoder.next()
        }
        var endless = GossipFrameDecoder(limits: limits)
        endless.append([UInt8](repeating: 0xff, count: 20))
        #expect(throws: GossipRPCError.malformed(.invalidVarint)) { try endless.next() }
        var exact = GossipFrameDecoder(limits: limits)
        exact.append(UnsignedVarint.encode(UInt64(limits.rpcByteCountMax)))
        #expect(throws: Never.self) { try exact.next() }
    }

    @Test func truncatedRPCsAreRefusedOrShorter() throws {
        for whole in [CodecVectors.data, CodecVectors.control] {
            for length in whole.indices {
                guard let rpc = try? GossipRPC(decoding: Array(whole.prefix(length)), limits: limits) else { continue }
                // A prefix that ends between fields is an RPC of its own.
                #expect(rpc.encoded == Array(whole.prefix(length)))
            }
        }
    }

    @Test func alteredBytesNeverTrap() throws {
        var random = BlockPRG(seed: Block(7, 7))
        var accepted = 0
        for round in 0..<20_000 {
            var hostile = round.isMultiple(of: 2) ? CodecVectors.data : CodecVectors.control
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: hostile.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: hostile[index] = UInt8.random(in: 0...255, using: &random)
                case 1: hostile.remove(at: index)
                default: hostile.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            guard let rpc = try? GossipRPC(decoding: hostile, limits: limits) else { continue }
            accepted += 1
            #expect(try GossipRPC(decoding: rpc.encoded, limits: limits) == rpc)
            for message in rpc.messages { _ = try? MessageSigning.verify(message) }
        }
        #expect(accepted > 1_000)
        for _ in 0..<5_000 {
            let noise = random.bytes(Int.random(in: 0..<200, using: &random))
            if let rpc = try? GossipRPC(decoding: noise, limits: limits) {
                #expect(try GossipRPC(decoding: rpc.encoded, limits: limits) == rpc)
            }
        }
    }

    @Test func unknownFieldsAreSkippedInRPCsAndKeptInMessages() throws {
        var writer = ProtobufWriter()
        writer.bytes([1, 2, 3], field: 9)
        let extended = try GossipRPC(decoding: CodecVectors.data + writer.bytes, limits: limits)
        #expect(try extended == CodecVectors.decodedData())
        let message = try GossipMessage(encoded: CodecVectors.signed + writer.bytes)
        #expect(message.encoded == CodecVectors.signed + writer.bytes)
        // The signature covers them, so they cannot be added later.
        #expect(throws: MessageSigningError.badSignature) { try MessageSigning.verify(message) }
    }

    @Test func limitsHoldForEachKind() {
        var limits = GossipLimits()
        limits.subscriptionCountMax = 2
        limits.messageCountMax = 2
        limits.controlEntryCountMax = 2
        limits.idCountMax = 4
        limits.exchangedPeerCountMax = 1
        limits.signedRecordByteCountMax = 5
        let t = topic("t")
        let message = GossipMessage(topic: t, data: [1], source: nil, sequenceNumber: nil)
        let peer = GossipRPC.ExchangedPeer(id: CodecVectors.author.id)
        let long = GossipRPC.ExchangedPeer(id: CodecVectors.author.id, signedRecord: [1, 2, 3, 4, 5, 6])
        for hostile in [
            GossipRPC(subscriptions: [GossipRPC.Subscription](repeating: .init(topic: t, isJoined: true), count: 3)),
            GossipRPC(messages: [message, message, message]),
            GossipRPC(graft: [t, t, t]),
            GossipRPC(have: [.init(topic: t, ids: [id("a"), id("b"), id("c"), id("d"), id("e")])]),
            GossipRPC(want: [id("a"), id("b"), id("c")], unwanted: [id("d"), id("e")]),
            GossipRPC(prune: [.init(topic: t, peers: [peer, peer])]),
            GossipRPC(prune: [.init(topic: t, peers: [long])]),
        ] {
            #expect(throws: GossipRPCError.tooMany) { try GossipRPC(decoding: hostile.encoded, limits: limits) }
            #expect(throws: Never.self) { try GossipRPC(decoding: hostile.encoded, limits: GossipLimits()) }
        }
    }

    @Test func malformedPartsAreRefused() {
        let topicTwice: [UInt8] = [0x22, 1, 0x61, 0x22, 1, 0x61]
        #expect(throws: ProtobufError.invalidField(4)) { try GossipMessage(encoded: topicTwice) }
        #expect(throws: ProtobufError.missingField(4)) { try GossipMessage(encoded: [0x12, 1, 0]) }
        #expect(throws: ProtobufError.invalidField(4)) { try GossipMessage(encoded: [0x22, 1, 0xff]) }
        #expect(throws: ProtobufError.invalidField(4)) { try GossipMessage(encoded: [0x22, 0]) }
        let emptyID: [UInt8] = [0x1a, 4, 0x12, 2, 0x0a, 0]
        #expect(throws: GossipRPCError.malformed(.invalidField(1))) { try GossipRPC(decoding: emptyID, limits: limits) }
        let group: [UInt8] = [0x0b]
        #expect(throws: GossipRPCError.malformed(.unsupportedWireType(3))) {
            try GossipRPC(decoding: group, limits: limits)
        }
    }

    @Test func longRPCsAreSplitWithoutLoss() throws {
        var limits = GossipLimits()
        limits.rpcByteCountMax = 4_096
        let topics = (0..<300).map { topic("topic \($0)") }
        let messages = (0..<10).map {
            GossipMessage(
                topic: topics[$0],
                data: [UInt8](repeating: UInt8($0), count: 1_500),
                source: nil,
                sequenceNumber: 1
            )
        }
        let ids = (0..<9_000).map { id("id \($0)") }
        let whole = GossipRPC(
            subscriptions: topics.map { .init(topic: $0, isJoined: true) },
            messages: messages,
            have: [.init(topic: topics[0], ids: ids), .init(topic: topics[1], ids: Array(ids.prefix(5)))],
            want: Array(ids.prefix(700)),
            graft: topics,
            prune: topics.map { .init(topic: $0, backoffSeconds: .max) },
            unwanted: Array(ids.suffix(700))
        )
        let parts = whole.split(limits)
        for part in parts {
            #expect(part.encoded.count <= limits.rpcByteCountMax)
            #expect(part.encoded.count <= part.byteCountBound)
            #expect(throws: Never.self) { try GossipRPC(decoding: part.encoded, limits: limits) }
        }
        #expect(parts.flatMap(\.subscriptions) == whole.subscriptions)
        #expect(parts.flatMap(\.messages) == messages)
        #expect(parts.flatMap(\.want) == whole.want)
        #expect(parts.flatMap(\.unwanted) == whole.unwanted)
        #expect(parts.flatMap(\.graft) == topics)
        #expect(parts.flatMap(\.prune) == whole.prune)
        #expect(parts.flatMap(\.have).filter { $0.topic == topics[0] }.flatMap(\.ids) == ids)
        #expect(parts.flatMap(\.have).filter { $0.topic == topics[1] }.flatMap(\.ids) == Array(ids.prefix(5)))
        #expect(CodecVectors.decodedControl.split(limits) == [CodecVectors.decodedControl])
    }
}
