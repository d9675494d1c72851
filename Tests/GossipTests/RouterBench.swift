import CryptoCore
import Gossip
import PeerProtocols

/// One router, and peers that a test speaks for.
struct RouterBench {
    var router: GossipRouter
    var now = MonotonicInstant(nanoseconds: 1_000_000_000_000)
    let topic = GossipTests.topic("t")
    /// Everything that the router asked for since the last `take…`.
    private(set) var effects: [GossipEffect] = []

    init(_ change: (inout GossipConfiguration) -> Void = { _ in }) throws {
        var configuration = GossipConfiguration()
        configuration.scoring.topics[GossipTests.topic("t")] = TopicScoreParameters()
        change(&configuration)
        router = try GossipRouter(
            identity: identity(1),
            configuration: configuration,
            seed: Block(1, 2),
            firstSequenceNumber: 1_000,
            now: now
        )
    }

    /// The peer with a number from 2 on.
    static func peer(_ number: Int) -> PeerIdentity { identity(UInt64(number)) }

    mutating func perform(_ event: (inout GossipRouter, MonotonicInstant) throws -> [GossipEffect]) rethrows {
        effects += try event(&router, now)
    }

    /// Connects peers that joined the topic, all inbound unless told.
    mutating func connect(
        _ numbers: ClosedRange<Int>,
        version: GossipVersion = .v1_2,
        isOutbound: Bool = false,
        joins: Bool = true
    ) {
        for number in numbers {
            let id = Self.peer(number).id
            let version = version
            perform { $0.connect(id, version: version, isOutbound: isOutbound, group: nil, now: $1) }
            if joins { receive(GossipRPC(subscriptions: [.init(topic: topic, isJoined: true)]), from: number) }
        }
    }

    mutating func join() {
        let topic = topic
        perform { $0.join(topic, now: $1) }
    }

    mutating func receive(_ rpc: GossipRPC, from number: Int) {
        perform { $0.receive(rpc, from: Self.peer(number).id, now: $1) }
    }

    mutating func report(_ verdict: ValidationVerdict, of id: MessageID) {
        perform { $0.report(verdict, of: id, now: $1) }
    }

    /// Lets time pass, with all heartbeats.
    mutating func pass(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while router.nextWake <= end {
            now = router.nextWake
            perform { $0.advance(to: $1) }
        }
        now = end
    }

    /// Lets `count` heartbeats pass.
    mutating func heartbeat(_ count: Int = 1) {
        for _ in 0..<count {
            now = router.nextWake
            perform { $0.advance(to: $1) }
        }
    }

    /// What a peer was sent since the last call for it, as one RPC.
    mutating func takeSent(to number: Int) -> GossipRPC {
        var sum = GossipRPC()
        effects.removeAll { effect in
            guard case .send(let rpc, let id) = effect, id == Self.peer(number).id else { return false }
            sum.subscriptions += rpc.subscriptions
            sum.messages += rpc.messages
            sum.have += rpc.have
            sum.want += rpc.want
            sum.graft += rpc.graft
            sum.prune += rpc.prune
            sum.unwanted += rpc.unwanted
            return true
        }
        return sum
    }

    /// The effects that are no RPCs, since the last call.
    mutating func takeOthers() -> [GossipEffect] {
        let others = effects.filter { if case .send = $0 { false } else { true } }
        effects.removeAll { if case .send = $0 { false } else { true } }
        return others
    }

    /// The messages to validate, since the last call.
    mutating func takeValidations() -> [MessageID] {
        takeOthers().compactMap { if case .validate(_, let id, _) = $0 { id } else { nil } }
    }

    mutating func clear() {
        effects = []
    }

    var mesh: [PeerID] { router.mesh(of: topic) ?? [] }

    func inMesh(_ number: Int) -> Bool { mesh.contains(Self.peer(number).id) }

    func score(_ number: Int) -> Double { router.score(of: Self.peer(number).id) }

    /// Gives a peer points for what a message that it brought first is worth.
    mutating func earn(_ number: Int, _ points: Double) {
        router.setApplicationScore(points, of: Self.peer(number).id)
    }

    /// A message signed by the peer with this number.
    func message(_ text: String, by number: Int, sequenceNumber: UInt64 = 1, byteCount: Int = 0) throws -> GossipMessage
    {
        let padding = [UInt8](repeating: 0, count: byteCount)
        guard
            let message = MessageSigning.sign(
                Array(text.utf8) + padding,
                topic: topic,
                sequenceNumber: sequenceNumber,
                author: Self.peer(number)
            )
        else { throw MessageSigningError.badSignature }
        return message
    }

    /// The same message with a signature that is not its author's.
    func forge(_ message: GossipMessage) -> GossipMessage {
        var signature = Array(message.signature)
        signature[signature.count - 1] ^= 1
        return GossipMessage(
            topic: message.topic,
            data: Array(message.data),
            source: message.source,
            sequenceNumber: message.sequenceNumber,
            signature: signature
        )
    }

    func id(_ message: GossipMessage) throws -> MessageID {
        guard let id = MessageID.origin(message) else { throw MessageSigningError.missingField }
        return id
    }
}
