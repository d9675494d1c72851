internal import NodeCore
internal import PeerNetworking
internal import PeerProtocols

/// The streams of request-and-answer protocols, under the names that the node's decisions know them by.
struct FramedStreams {
    private var streams: [StreamID: MessageStream] = [:]
    private var ids: [ObjectIdentifier: StreamID] = [:]
    private var opening: [UInt64: (id: StreamID, peer: PeerID)] = [:]
    private var peersStreamCount: UInt64 = 0

    /// Own streams that are not open yet, and all open ones.
    var count: Int { opening.count + streams.count }

    /// A stream was asked for.
    mutating func open(_ id: StreamID, to peer: PeerID, tag: UInt64) {
        opening[tag] = (id, peer)
    }

    /// A stream that was asked for came about; nil, and it is to be reset, if nobody waits for it any more.
    mutating func opened(_ stream: MessageStream, tag: UInt64) -> StreamID? {
        guard let id = opening.removeValue(forKey: tag)?.id else { return nil }
        insert(stream, id)
        return id
    }

    /// A stream that was asked for did not come about; nil if nobody waits for it any more.
    mutating func failed(tag: UInt64) -> StreamID? {
        opening.removeValue(forKey: tag)?.id
    }

    /// The peer opened a stream.
    mutating func accepted(_ stream: MessageStream) -> StreamID {
        peersStreamCount += 1
        let id = StreamID(opener: .peer, number: peersStreamCount)
        insert(stream, id)
        return id
    }

    /// What a stream is called, if it is in use.
    func id(of stream: MessageStream) -> StreamID? { ids[ObjectIdentifier(stream)] }

    /// The stream that is called so, if it is in use.
    func stream(_ id: StreamID) -> MessageStream? { streams[id] }

    /// Forgets a stream, and gives it if it was open.
    mutating func remove(_ id: StreamID) -> MessageStream? {
        guard let stream = streams.removeValue(forKey: id) else {
            opening = opening.filter { $0.value.id != id }
            return nil
        }
        ids[ObjectIdentifier(stream)] = nil
        return stream
    }

    /// Forgets all streams to and from a peer.
    mutating func removeAll(of peer: PeerID) {
        opening = opening.filter { $0.value.peer != peer }
        for (id, stream) in streams where stream.remotePeer == peer {
            streams[id] = nil
            ids[ObjectIdentifier(stream)] = nil
        }
    }

    /// Forgets all streams over a connection, and names them in order.
    mutating func removeAll(over connection: PeerConnection) -> [StreamID] {
        let over = streams.filter { $0.value.connection === connection }
        for (id, stream) in over {
            streams[id] = nil
            ids[ObjectIdentifier(stream)] = nil
        }
        return over.keys.sorted()
    }

    private mutating func insert(_ stream: MessageStream, _ id: StreamID) {
        streams[id] = stream
        ids[ObjectIdentifier(stream)] = id
    }
}
