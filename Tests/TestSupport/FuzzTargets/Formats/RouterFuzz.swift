import CryptoCore
import Gossip
import PeerProtocols

/// The input is a script: peers come, go, send RPCs; the application judges; time passes.
enum RouterFuzz {
    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        var play = try RouterPlay()
        while !script.isEmpty { try play.step(&script) }
    }

    /// Topics without surprises.
    static let topics = ["t", "u"].compactMap { GossipTopic($0) }

    /// Messages that peers really signed.
    static let messages: [GossipMessage] = (0..<8).compactMap { (number: Int) -> GossipMessage? in
        let byteCounts = [3, 40, 900, 1_500]
        return MessageSigning.sign(
            [UInt8](repeating: UInt8(number), count: byteCounts[number % 4]),
            topic: topics[number % 5 == 4 ? 1 : 0],
            sequenceNumber: UInt64(number),
            author: FuzzIdentities.all[1 + number % 4]
        )
    }

    /// Whether the fields that a signature covers are those of a message that was signed.
    static func isSigned(_ message: GossipMessage) -> Bool {
        messages.contains {
            $0.topic == message.topic && $0.data == message.data && $0.sourceBytes == message.sourceBytes
                && $0.sequenceNumberBytes == message.sequenceNumberBytes
        }
    }

    static func seeds() throws -> [[UInt8]] {
        let enter = (0..<4).flatMap { (peer: UInt8) -> [UInt8] in [0, peer, 1, 2, peer, 0, 5, peer, 0] }
        func rpc(_ peer: UInt8, _ rpc: GossipRPC) -> [UInt8] {
            var writer = FuzzScriptWriter()
            writer.byte(3)
            writer.byte(peer)
            writer.block(rpc.encoded)
            return writer.bytes
        }
        let ids = messages.compactMap(MessageID.origin)
        return [
            FuzzScriptWriter.joined(enter, [4, 0, 0, 4, 1, 0, 8, 0, 0, 10, 4, 4, 2, 0, 8, 0, 1]),
            FuzzScriptWriter.joined(enter, [4, 0, 0, 8, 0, 0, 4, 1, 2, 8, 0, 1, 4, 2, 3, 8, 0, 2], [10, 10, 10, 10]),
            FuzzScriptWriter.joined(enter, [6, 0, 0xff, 7, 1, 0xff, 10, 20, 10, 20, 10, 20]),
            FuzzScriptWriter.joined(enter, [9, 0, 10, 4, 1, 0, 1, 1, 10, 8, 0, 0, 1]),
            FuzzScriptWriter.joined(
                enter,
                rpc(0, GossipRPC(have: [.init(topic: topics[0], ids: ids)], want: ids, unwanted: ids)),
                [10, 16]
            ),
            FuzzScriptWriter.joined(
                enter,
                rpc(1, GossipRPC(prune: [.init(topic: topics[0], backoffSeconds: 1 << 61)])),
                [5, 1, 0, 10, 4]
            ),
            FuzzScriptWriter.joined(
                enter,
                rpc(2, GossipRPC(messages: Array(messages.prefix(3)))),
                [8, 0, 0, 8, 0, 0, 8, 0, 2]
            ),
            FuzzScriptWriter.joined(enter, [11, 0, 2, 0, 0, 11, 0, 5, 0, 0]),
        ]
    }
}

private struct RouterPlay {
    private var router: GossipRouter
    private var now = FuzzIdentities.start
    private var connected: Set<PeerID> = []
    /// Messages that wait for a verdict.
    private var pending: [(id: MessageID, message: GossipMessage)] = []
    /// What may be sent on.
    private var accepted: Set<GossipMessage> = []
    private let configuration: GossipConfiguration

    init() throws {
        var configuration = GossipConfiguration()
        configuration.meshDegree = 2
        configuration.meshDegreeMin = 1
        configuration.meshDegreeMax = 3
        configuration.meshDegreeByScore = 1
        configuration.meshDegreeOutbound = 0
        configuration.lazyDegree = 1
        configuration.seenCountMax = 6
        configuration.pendingCountMax = 3
        configuration.promiseCountMax = 4
        configuration.backoffCountMax = 3
        configuration.meshChangeCountMax = 8
        configuration.wantedIDCountMax = 12
        configuration.unwantedIDCountMax = 4
        configuration.advertisedIDCountMax = 6
        configuration.peerTopicCountMax = 3
        configuration.messageByteCountMax = 1_000
        configuration.historyByteCountMax = 2_000
        configuration.pendingByteCountMax = 2_500
        configuration.unwantedByteCountMin = 500
        for topic in RouterFuzz.topics { configuration.scoring.topics[topic] = TopicScoreParameters() }
        self.configuration = configuration
        router = try GossipRouter(
            identity: FuzzIdentities.own,
            configuration: configuration,
            seed: Block(1, 2),
            firstSequenceNumber: 1,
            now: now
        )
        try follow(router.join(RouterFuzz.topics[0], now: now))
    }

    mutating func step(_ script: inout FuzzScript) throws {
        switch script.choice(12) {
        case 0:
            let peer = peer(&script)
            let isOutbound = script.choice(2) == 1
            connected.insert(peer)
            let version: GossipVersion = peer == FuzzIdentities.all[2].id ? .v1_1 : .v1_2
            try follow(router.connect(peer, version: version, isOutbound: isOutbound, group: nil, now: now))
        case 1:
            let peer = peer(&script)
            connected.remove(peer)
            router.disconnect(peer, now: now)
        case 2: try send(&script) { $0.subscriptions = [.init(topic: $1, isJoined: true)] }
        case 3:
            let peer = peer(&script)
            if let rpc = try? GossipRPC(decoding: script.block(), limits: configuration.limits) {
                try follow(router.receive(rpc, from: peer, now: now), isAnswer: !rpc.want.isEmpty)
            } else {
                try follow(router.reportMalformedStream(of: peer, now: now))
            }
        case 4:
            let peer = peer(&script)
            let message = RouterFuzz.messages[script.choice(RouterFuzz.messages.count)]
            var encoded = message.encoded
            if script.choice(4) == 3 { _ = script.bend(&encoded) }
            guard let bent = try? GossipMessage(encoded: encoded) else { return }
            try follow(router.receive(GossipRPC(messages: [bent]), from: peer, now: now))
        case 5: try send(&script) { $0.graft = [$1] }
        case 6: try announce(&script)
        case 7:
            let peer = peer(&script)
            let ids = ids(script.byte())
            try follow(router.receive(GossipRPC(want: ids), from: peer, now: now), isAnswer: true)
        case 8:
            let place = script.choice(max(pending.count, 1))
            let verdict: ValidationVerdict = [.accept, .reject, .ignore][script.choice(3)]
            guard pending.indices.contains(place) else { return }
            let (id, message) = pending.remove(at: place)
            if verdict == .accept { accepted.insert(message) }
            try follow(router.report(verdict, of: id, now: now))
        case 9:
            let data = [UInt8](repeating: 7, count: Int(script.word()))
            guard let (_, effects) = try? router.publish(data, to: RouterFuzz.topics[0], now: now) else { return }
            try follow(effects)
        case 10:
            now = now.advanced(by: .milliseconds(250 * (1 + Int64(script.byte()))))
            while router.nextWake <= now { try follow(router.advance(to: now)) }
        default:
            let topic = RouterFuzz.topics[1]
            try follow(script.choice(2) == 0 ? router.join(topic, now: now) : router.leave(topic, now: now))
        }
        try checkBounds()
    }

    private func peer(_ script: inout FuzzScript) -> PeerID { FuzzIdentities.all[1 + script.choice(5)].id }

    private func ids(_ mask: UInt8) -> [MessageID] {
        RouterFuzz.messages.enumerated().filter { mask >> $0.offset & 1 == 1 }.compactMap {
            MessageID.origin($0.element)
        }
    }

    private mutating func send(_ script: inout FuzzScript, _ body: (inout GossipRPC, GossipTopic) -> Void) throws {
        let peer = peer(&script)
        var rpc = GossipRPC()
        body(&rpc, RouterFuzz.topics[script.choice(2)])
        try follow(router.receive(rpc, from: peer, now: now))
    }

    private mutating func announce(_ script: inout FuzzScript) throws {
        let peer = peer(&script)
        let ids = ids(script.byte())
        let rpc = GossipRPC(have: [.init(topic: RouterFuzz.topics[0], ids: ids)], unwanted: ids)
        try follow(router.receive(rpc, from: peer, now: now))
    }

    /// Does what the router says, which must be allowed.
    private mutating func follow(_ effects: [GossipEffect], isAnswer: Bool = false) throws {
        for effect in effects {
            switch effect {
            case .send(let rpc, let peer):
                try require(connected.contains(peer), "an RPC to a peer that is not there")
                try require(!rpc.isEmpty, "an RPC that says nothing")
                try requireEqual(try GossipRPC(decoding: rpc.encoded, limits: configuration.limits), rpc, "an RPC sent")
                for message in rpc.messages {
                    let isOwn = message.source == FuzzIdentities.own.id
                    try require(isOwn || accepted.contains(message), "a message goes on that was not accepted")
                    // An author that asks for its own message gets it.
                    try require(message.source != peer || isAnswer, "a message goes back to its author")
                }
                if peer == FuzzIdentities.all[2].id { try require(rpc.unwanted.isEmpty, "IDONTWANT to version 1.1") }
            case .validate(let message, let id, let bringer):
                try require(connected.contains(bringer), "a message from nobody")
                try require(RouterFuzz.isSigned(message), "a message that nobody signed is validated")
                try require(message.data.count <= configuration.messageByteCountMax, "a long message is validated")
                try requireEqual(MessageID.origin(message), id, "a message's id")
                pending.removeAll { $0.id == id }
                pending.append((id, message))
            case .connect(let peer, _): try require(peer != FuzzIdentities.own.id, "a connection to oneself")
            case .disconnect(let peer, let reason):
                try require(connected.contains(peer), "the end of a connection that is not there")
                if reason == .graylisted { try require(router.isGraylisted(peer), "a good peer is sent away") }
            }
        }
    }

    private func checkBounds() throws {
        let occupancy = router.occupancy
        try require(occupancy.seenCount <= configuration.seenCountMax, "too many ids are remembered")
        try require(occupancy.pendingCount <= configuration.pendingCountMax, "too many messages wait")
        try require(occupancy.pendingByteCount <= configuration.pendingByteCountMax, "messages that wait are long")
        try require(occupancy.cachedByteCount <= configuration.historyByteCountMax, "too many messages are kept")
        try require(occupancy.promiseCount <= configuration.promiseCountMax, "too many promises are followed")
        try require(occupancy.backoffCount <= 2 * configuration.backoffCountMax, "too many backoffs")
        try require(occupancy.scoreCount <= 5, "scores of strangers")
        for peer in FuzzIdentities.others { try require(router.score(of: peer.id).isFinite, "a score is no number") }
        for topic in router.topics {
            let mesh = router.mesh(of: topic) ?? []
            try require(mesh.allSatisfy { connected.contains($0) }, "a mesh with a peer that is not there")
        }
        try requireEqual(Set(router.connectedPeers), connected, "the connected peers")
    }
}
