internal import PeerProtocols

/// The streams of Kademlia: one for each question of this node, some for each peer's.
struct KademliaStreams: Sendable {
    /// Streams that one peer may have open.
    private static let peerStreamCountMax = 8
    /// How long a peer's stream may be idle.
    private static let idleTimeout = Duration.seconds(60)

    private var questions: [StreamID: (peer: PeerID, body: [UInt8])] = [:]
    private var inbound: [StreamID: (peer: PeerID, usedAt: MonotonicInstant)] = [:]

    /// All streams.
    var count: Int { questions.count + inbound.count }

    /// A question to a peer waits for its stream.
    mutating func ask(_ peer: PeerID, _ body: [UInt8], on stream: StreamID) {
        questions[stream] = (peer, body)
    }

    /// What is to be asked on a stream of this node.
    func question(on stream: StreamID) -> [UInt8]? { questions[stream]?.body }

    /// The question on a stream is over; whom it was for, nil if there was none.
    mutating func endQuestion(on stream: StreamID) -> PeerID? { questions.removeValue(forKey: stream)?.peer }

    /// Whose a stream is.
    func peer(of stream: StreamID) -> PeerID? { questions[stream]?.peer ?? inbound[stream]?.peer }

    /// The stream of the question to a peer.
    func stream(to peer: PeerID) -> StreamID? { questions.first { $0.value.peer == peer }?.key }

    /// A peer opened a stream; false if it has too many.
    mutating func open(_ stream: StreamID, by peer: PeerID, now: MonotonicInstant) -> Bool {
        guard inbound.values.count(where: { $0.peer == peer }) < Self.peerStreamCountMax else { return false }
        inbound[stream] = (peer, now)
        return true
    }

    /// A peer asked something on its stream; who it is, nil if the stream is not one of these.
    mutating func use(_ stream: StreamID, now: MonotonicInstant) -> PeerID? {
        inbound[stream]?.usedAt = now
        return inbound[stream]?.peer
    }

    /// A peer's stream is gone.
    mutating func close(_ stream: StreamID) {
        inbound[stream] = nil
    }

    /// A peer is gone.
    mutating func disconnect(_ peer: PeerID) {
        questions = questions.filter { $0.value.peer != peer }
        inbound = inbound.filter { $0.value.peer != peer }
    }

    /// Takes out the streams of peers on which nothing happened for too long, in order.
    mutating func takeIdle(now: MonotonicInstant) -> [StreamID] {
        guard !inbound.isEmpty else { return [] }
        let idle = inbound.filter { $0.value.usedAt.advanced(by: Self.idleTimeout) <= now }.keys.sorted()
        for stream in idle { inbound[stream] = nil }
        return idle
    }
}
