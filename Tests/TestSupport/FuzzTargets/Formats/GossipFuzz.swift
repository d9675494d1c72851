import Gossip
import PeerProtocols

/// The input is a stream of RPCs.
enum GossipFuzz {
    private struct Outcome: Equatable {
        var rpcs: [GossipRPC] = []
        var error: GossipRPCError?
    }

    static func run(_ bytes: [UInt8]) throws {
        let limits = GossipLimits()
        let whole = try read([bytes], limits)
        for chunking in Chunking.allCases {
            try requireEqual(try read(chunking.cut(bytes), limits), whole, "a stream in portions: \(chunking)")
        }
        for rpc in whole.rpcs { try check(rpc, limits) }
        // The same bytes as the body of one RPC: fuzzers are not good at lengths.
        if let rpc = try? GossipRPC(decoding: bytes, limits: limits) { try check(rpc, limits) }
        var narrow = GossipLimits()
        narrow.rpcByteCountMax = 512
        narrow.subscriptionCountMax = 2
        narrow.messageCountMax = 2
        narrow.controlEntryCountMax = 4
        narrow.idCountMax = 6
        narrow.exchangedPeerCountMax = 2
        narrow.signedRecordByteCountMax = 16
        if let rpc = try? GossipRPC(decoding: bytes, limits: narrow) {
            try require(rpc.subscriptions.count <= 2 && rpc.messages.count <= 2, "more entries than allowed")
            let ids = rpc.want.count + rpc.unwanted.count + rpc.have.reduce(0) { $0 + $1.ids.count }
            try require(ids <= 6 && rpc.have.count + rpc.graft.count + rpc.prune.count <= 4, "more ids than allowed")
            let peers = rpc.prune.flatMap(\.peers)
            try require(peers.count <= 2, "more peers than allowed")
            try require(peers.allSatisfy { $0.signedRecord?.count ?? 0 <= 16 }, "a longer record than allowed")
        }
    }

    private static func read(_ chunks: [[UInt8]], _ limits: GossipLimits) throws -> Outcome {
        var decoder = GossipFrameDecoder(limits: limits)
        var outcome = Outcome()
        for chunk in chunks {
            decoder.append(chunk)
            do throws(GossipRPCError) {
                while let rpc = try decoder.next() { outcome.rpcs.append(rpc) }
            } catch {
                outcome.error = error
                return outcome
            }
            try require(decoder.bufferedByteCount <= limits.rpcByteCountMax + 9, "a decoder holds much")
        }
        return outcome
    }

    private static func check(_ rpc: GossipRPC, _ limits: GossipLimits) throws {
        let encoded = rpc.encoded
        try requireEqual(try GossipRPC(decoding: encoded, limits: limits), rpc, "an RPC written and read again")
        try require(encoded.count <= rpc.byteCountBound, "an RPC is longer than its bound")
        try requireEqual(rpc.isEmpty, encoded.isEmpty, "an empty RPC")
        for message in rpc.messages {
            try requireEqual(try GossipMessage(encoded: message.encoded), message, "a message")
            _ = MessageID.origin(message)
            try require(
                (try? MessageSigning.verify(message)) == nil || RouterFuzz.isSigned(message),
                "a message that nobody signed"
            )
        }
        var parts = rpc.split(limits)
        try requireEqual(Self.joined(parts), Self.joined([rpc]), "an RPC in parts")
        var narrow = limits
        narrow.rpcByteCountMax = 1_024
        parts = rpc.split(narrow)
        try requireEqual(Self.joined(parts), Self.joined([rpc]), "an RPC in small parts")
        for part in parts {
            _ = try GossipRPC(decoding: part.encoded, limits: limits)
            let entryCount =
                part.messages.count + part.prune.count + part.subscriptions.count + part.graft.count + part.want.count
                + part.unwanted.count + part.have.reduce(0) { $0 + $1.ids.count }
            try require(part.encoded.count <= 1_024 || entryCount == 1, "a part of several entries is too long")
        }
        var outbox = GossipOutbox(bulkByteCountMax: 4_096, urgentByteCountMax: 4_096)
        let outcome = outbox.append(rpc)
        try require(outbox.byteCount <= 8_192, "a queue holds more than it may")
        var taken: [GossipRPC] = []
        while let next = outbox.next() { taken.append(next) }
        try requireEqual(outbox.byteCount, 0, "an empty queue")
        if outcome == .queued { try requireEqual(Self.joined(taken), Self.joined([rpc]), "an RPC through a queue") }
    }

    /// The entries of several RPCs as those of one, advertisements by their ids: an empty one says nothing.
    private static func joined(_ rpcs: [GossipRPC]) -> GossipRPC {
        var all = GossipRPC()
        for rpc in rpcs {
            all.subscriptions += rpc.subscriptions
            all.messages += rpc.messages
            all.want += rpc.want
            all.graft += rpc.graft
            all.prune += rpc.prune
            all.unwanted += rpc.unwanted
            for advertisement in rpc.have {
                for id in advertisement.ids { all.have.append(.init(topic: advertisement.topic, ids: [id])) }
            }
        }
        return all
    }

    static func seeds() throws -> [[UInt8]] {
        guard let topic = GossipTopic("t"), let other = GossipTopic("topic/\u{e9}") else { return [] }
        let messages = RouterFuzz.messages
        let ids = messages.compactMap(MessageID.origin)
        let peer = FuzzIdentities.all[3].id
        let all = GossipRPC(
            subscriptions: [.init(topic: topic, isJoined: true), .init(topic: other, isJoined: false)],
            messages: [messages[0]],
            have: [.init(topic: topic, ids: Array(ids.prefix(3))), .init(topic: other, ids: [])],
            want: Array(ids.prefix(2)),
            graft: [topic, other],
            prune: [
                .init(
                    topic: topic,
                    peers: [.init(id: peer, signedRecord: [1, 2, 3]), .init(id: peer)],
                    backoffSeconds: 60
                )
            ],
            unwanted: Array(ids.suffix(2))
        )
        let big = GossipRPC(prune: [.init(topic: topic, backoffSeconds: 1 << 63 - 1)])
        return [
            all.frame,
            all.encoded,
            FuzzScriptWriter.joined(GossipRPC(messages: [messages[1]]).frame, GossipRPC(want: ids).frame),
            GossipRPC(graft: [topic]).frame,
            big.frame,
            GossipRPC().frame,
            [0x80, 0x80, 0x80, 1],
            [0xff, 0xff, 0x3f],
            [0x1a, 5, 0x22, 3, 0x0a, 1, 0x74],
            [0x0a, 0],
            [0x1a, 2, 0x0a, 0],
        ]
    }
}
