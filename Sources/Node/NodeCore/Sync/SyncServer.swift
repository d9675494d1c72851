internal import Attestations
internal import KeyValueStorage
internal import PeerProtocols
internal import Records
internal import WireFormat

/// Answers what peers ask of this node's records, within what each may use.
struct SyncServer: Sendable {
    private struct Client {
        var requests: Allowance
        var bytes: Allowance
        var streams: Set<StreamID> = []
    }

    private let parameters: SyncParameters
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

    init(parameters: SyncParameters) {
        self.parameters = parameters
    }

    /// Streams of peers.
    var streamCount: Int { streams.count }

    /// A peer opened a stream; false if it has too many.
    mutating func open(_ stream: StreamID, by peer: PeerID, now: MonotonicInstant) -> Bool {
        var client =
            clients[peer]
            ?? Client(
                requests: Allowance(
                    capacity: parameters.requestBurst,
                    perSecond: parameters.requestsPerSecond,
                    now: now
                ),
                bytes: Allowance(capacity: parameters.byteBurst, perSecond: parameters.bytesPerSecond, now: now)
            )
        guard client.streams.count < parameters.peerStreamCountMax else { return false }
        client.streams.insert(stream)
        clients[peer] = client
        streams[stream] = (peer, now)
        return true
    }

    /// Who opened a stream; nil if it is not one of this server.
    func peer(of stream: StreamID) -> PeerID? { streams[stream]?.peer }

    /// A stream is gone.
    mutating func close(_ stream: StreamID) {
        guard let peer = streams.removeValue(forKey: stream)?.peer else { return }
        clients[peer]?.streams.remove(stream)
    }

    /// A peer is gone, and its streams with it.
    mutating func disconnect(_ peer: PeerID) {
        guard let client = clients.removeValue(forKey: peer) else { return }
        for stream in client.streams { streams[stream] = nil }
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
        defer { clients[peer] = client }
        guard client.requests.take(1, now: now) else { return .refuse(.excess) }
        guard let request = try? SyncRequest(wireBytes: frame, limit: SyncRequest.byteCountMax) else {
            return .refuse(.malformedFrame)
        }
        let most = parameters.pageByteCountMax + 4_096
        guard client.bytes.take(most, now: now) else {
            let delay = client.bytes.delay(until: most, now: now)
            let milliseconds = UInt32(clamping: delay.wholeMilliseconds + 1)
            return .answer(SyncResponse.refused(.busy, retryMilliseconds: milliseconds).wireBytes)
        }
        do throws(StorageError) {
            let answer = try SyncPages(store: store, parameters: parameters).answer(request).wireBytes
            client.bytes.giveBack(most - answer.count)
            return .answer(answer)
        } catch {
            return .failed(error, SyncResponse.refused(.unavailable, retryMilliseconds: 60_000).wireBytes)
        }
    }
}
