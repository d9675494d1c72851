internal import Attestations
internal import KeyValueStorage
internal import PeerProtocols
internal import Records
internal import WireFormat

/// Answers what peers ask of this node's records, within what each and all together may use.
struct SyncServer: Sendable {
    private struct Client {
        var requests: Allowance
        var refusals: Allowance
        var bytes: Allowance
        var share: ServingBudget.Share
        var streams: Set<StreamID> = []
        /// When it asked last.
        var askedAt: MonotonicInstant
        var isGone = false
    }

    /// What an answer costs besides its bytes: about what finding it takes.
    private static let answerCost = 4_096
    /// How long a peer that asked counts among those that share the budget.
    private static let askingTime = Duration.seconds(10)
    /// Peers whose allowances are remembered after they left.
    private static let goneCountMax = 1_024

    private let parameters: SyncParameters
    private var budget: ServingBudget
    private var clients: [PeerID: Client] = [:]
    private var streams: [StreamID: (peer: PeerID, usedAt: MonotonicInstant)] = [:]

    /// What to do with a question.
    enum Reaction {
        /// Send this.
        case answer([UInt8])
        /// Close the stream: too many questions, or none.
        case refuse(Misconduct)
        /// The stream is not one of this server.
        case unknown
        /// Send this, and the store is to be looked at.
        case failed(StorageError, [UInt8])
    }

    init(parameters: SyncParameters, now: MonotonicInstant) {
        self.parameters = parameters
        budget = ServingBudget(
            capacity: parameters.servedByteBurst,
            perSecond: parameters.servedBytesPerSecond,
            shareMax: max(parameters.servedByteBurst / 16, Self.most(parameters)),
            now: now
        )
    }

    /// What one answer takes of the budget at most.
    private static func most(_ parameters: SyncParameters) -> Int {
        parameters.answerByteCountMax + answerCost
    }

    /// Streams of peers.
    var streamCount: Int { streams.count }

    /// A peer opened a stream; false if it has too many.
    mutating func open(_ stream: StreamID, by peer: PeerID, now: MonotonicInstant) -> Bool {
        var client = clients[peer] ?? newClient(now: now)
        guard client.streams.count < parameters.peerStreamCountMax else { return false }
        client.isGone = false
        client.streams.insert(stream)
        clients[peer] = client
        streams[stream] = (peer, now)
        return true
    }

    private func newClient(now: MonotonicInstant) -> Client {
        Client(
            requests: Allowance(
                capacity: parameters.requestBurst,
                perSecond: parameters.requestsPerSecond,
                now: now
            ),
            refusals: Allowance(capacity: parameters.refusalBurst, perSecond: 1, now: now),
            bytes: Allowance(capacity: parameters.byteBurst, perSecond: parameters.bytesPerSecond, now: now),
            share: budget.newShare(Self.most(parameters), now: now),
            askedAt: now
        )
    }

    /// Who opened a stream; nil if it is not one of this server.
    func peer(of stream: StreamID) -> PeerID? { streams[stream]?.peer }

    /// A stream is gone.
    mutating func close(_ stream: StreamID) {
        guard let peer = streams.removeValue(forKey: stream)?.peer else { return }
        clients[peer]?.streams.remove(stream)
    }

    /// A peer is gone, and its streams with it; what it used is remembered, so that it gains nothing by coming again.
    mutating func disconnect(_ peer: PeerID) {
        guard let client = clients[peer] else { return }
        for stream in client.streams { streams[stream] = nil }
        clients[peer]?.streams = []
        clients[peer]?.isGone = true
        let gone = clients.filter { $0.value.isGone }
        guard gone.count > Self.goneCountMax else { return }
        let first = gone.min { left, right in
            left.value.askedAt == right.value.askedAt
                ? left.key.bytes.lexicographicallyPrecedes(right.key.bytes) : left.value.askedAt < right.value.askedAt
        }
        if let first { clients[first.key] = nil }
    }

    /// Forgets what those used who left long ago.
    mutating func forget(now: MonotonicInstant) {
        guard clients.values.contains(where: \.isGone) else { return }
        clients = clients.filter { !$0.value.isGone || $0.value.askedAt.advanced(by: parameters.clientMemory) > now }
    }

    /// Takes out the streams on which nothing happened for too long, in order.
    mutating func takeIdle(now: MonotonicInstant) -> [StreamID] {
        guard !streams.isEmpty else { return [] }
        let idle = streams.filter { $0.value.usedAt.advanced(by: parameters.idleTimeout) <= now }.keys.sorted()
        for stream in idle { close(stream) }
        return idle
    }

    /// Answers a question.
    mutating func receive(
        _ frame: [UInt8],
        on stream: StreamID,
        store: any KeyValueReader,
        now: MonotonicInstant
    ) -> Reaction {
        guard let peer = streams[stream]?.peer, var client = clients[peer] else { return .unknown }
        streams[stream]?.usedAt = now
        client.askedAt = now
        clients[peer]?.askedAt = now
        defer { clients[peer] = client }
        guard client.requests.take(1, now: now) else {
            // Who asks, one question after the other, on a short way is no offender; who asks on after this answer is.
            guard client.refusals.take(1, now: now) else { return .refuse(.excess) }
            return Self.busy(client.requests.delay(until: parameters.requestBurst / 2 + 1, now: now))
        }
        guard let request = try? SyncRequest(wireBytes: frame, limit: SyncRequest.byteCountMax) else {
            return .refuse(.malformedFrame)
        }
        let byteCount = parameters.answerByteCountMax
        guard client.bytes.take(byteCount, now: now) else {
            return Self.busy(client.bytes.delay(until: byteCount, now: now))
        }
        let most = Self.most(parameters)
        let asking = clients.values.count { !$0.isGone && $0.askedAt.advanced(by: Self.askingTime) > now }
        if let delay = budget.take(most, of: &client.share, askingCount: asking, now: now) {
            client.bytes.giveBack(byteCount)
            return Self.busy(delay)
        }
        do throws(StorageError) {
            let answer = try SyncPages(store: store, parameters: parameters).answer(request).wireBytes
            client.bytes.giveBack(byteCount - answer.count)
            budget.giveBack(most - answer.count - Self.answerCost, to: &client.share)
            return .answer(answer)
        } catch {
            return .failed(error, SyncResponse.refused(.unavailable, retryMilliseconds: 60_000).wireBytes)
        }
    }

    /// Nothing now; to be asked again after some time.
    private static func busy(_ delay: Duration) -> Reaction {
        let milliseconds = UInt32(clamping: delay.wholeMilliseconds + 1)
        return .answer(SyncResponse.refused(.busy, retryMilliseconds: milliseconds).wireBytes)
    }
}
