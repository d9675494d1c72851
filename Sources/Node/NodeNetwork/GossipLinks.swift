internal import Gossip
internal import PeerNetworking
internal import PeerProtocols

/// This node's gossip streams to its peers, and what waits to be sent on each.
///
/// A peer that reads slowly loses messages and gossip, never what keeps the mesh consistent; a peer that reads not at
/// all loses the stream.
struct GossipLinks {
    private enum Link {
        case opening(tag: UInt64)
        case open(Output)
    }

    private struct Output {
        let stream: MessageStream
        var outbox = GossipOutbox()
        /// The encoded RPC that the stream had no room for.
        var held: [UInt8]?
        /// When messages were last taken out again.
        var searchedAt: MonotonicInstant?
    }

    /// The time between two searches of one peer's messages for those that it does not want.
    private static let searchInterval = Duration.milliseconds(250)

    private var links: [PeerID: Link] = [:]
    private let messageID: @Sendable (GossipMessage) -> MessageID?

    init(messageID: @escaping @Sendable (GossipMessage) -> MessageID?) {
        self.messageID = messageID
    }

    /// The bytes that wait to be sent, of all peers.
    var waitingByteCount: Int {
        links.values.reduce(0) { sum, link in
            guard case .open(let output) = link else { return sum }
            return sum + output.outbox.byteCount + (output.held?.count ?? 0) + output.stream.waitingByteCount
        }
    }

    /// Whether there is, or soon will be, a stream to a peer.
    func contains(_ peer: PeerID) -> Bool { links[peer] != nil }

    /// A stream with this tag was asked for.
    mutating func open(_ peer: PeerID, tag: UInt64) {
        remove(peer)
        links[peer] = .opening(tag: tag)
    }

    /// A stream came about; nil, and it is to be reset, if nobody waits for it any more.
    mutating func opened(_ stream: MessageStream, tag: UInt64) -> GossipVersion? {
        guard case .opening(tag)? = links[stream.remotePeer],
            let version = GossipVersion(rawValue: stream.protocolName.description)
        else { return nil }
        links[stream.remotePeer] = .open(Output(stream: stream))
        return version
    }

    /// A stream did not come about; true if somebody waited for it.
    mutating func failed(_ peer: PeerID, tag: UInt64) -> Bool {
        guard case .opening(tag)? = links[peer] else { return false }
        links[peer] = nil
        return true
    }

    /// Sends an RPC, if there is a stream; false if the stream is over now, because the peer does not read.
    mutating func send(_ rpc: GossipRPC, to peer: PeerID) -> Bool {
        change(peer) { $0.outbox.append(rpc) != .overflow && Self.pump(&$0) }
    }

    /// A stream has room again; false if it is over.
    mutating func resume(_ stream: MessageStream) -> Bool {
        guard isCurrent(stream) else { return true }
        return change(stream.remotePeer) { Self.pump(&$0) }
    }

    /// The peer said which messages it does not want.
    ///
    /// Those that wait are searched a few times a second only: a peer could make that dear.
    mutating func forget(_ unwanted: [MessageID], for peer: PeerID, now: MonotonicInstant) {
        guard !unwanted.isEmpty, case .open(let output)? = links[peer], output.outbox.byteCount > 0,
            output.searchedAt.map({ $0.advanced(by: Self.searchInterval) <= now }) ?? true
        else { return }
        let ids = Set(unwanted)
        let messageID = messageID
        _ = change(peer) { output in
            output.searchedAt = now
            _ = output.outbox.removeMessages { messageID($0).map(ids.contains) ?? false }
            return true
        }
    }

    /// Whether a stream is the own one to its peer.
    func isCurrent(_ stream: MessageStream) -> Bool {
        guard case .open(let output)? = links[stream.remotePeer] else { return false }
        return output.stream === stream
    }

    /// A stream is over by the peer's doing; true if it was the one in use.
    mutating func closed(_ stream: MessageStream) -> Bool {
        guard isCurrent(stream) else { return false }
        links[stream.remotePeer] = nil
        return true
    }

    /// The peer is gone, or is to be.
    mutating func remove(_ peer: PeerID) {
        if case .open(let output)? = links.removeValue(forKey: peer) { output.stream.reset() }
    }

    /// Changes what waits for a peer; a change that fails ends the stream.
    private mutating func change(_ peer: PeerID, _ body: (inout Output) -> Bool) -> Bool {
        guard case .open(var output)? = links[peer] else { return true }
        // Not two owners of the queue while it changes.
        links[peer] = nil
        guard body(&output) else {
            output.stream.reset()
            return false
        }
        links[peer] = .open(output)
        return true
    }

    /// Moves RPCs to the stream while it takes them; false if it is over.
    private static func pump(_ output: inout Output) -> Bool {
        while let message = output.held ?? output.outbox.next()?.encoded {
            output.held = nil
            switch output.stream.send(message) {
            case .queued: continue
            case .full:
                output.held = message
                return true
            // The router keeps RPCs within the limit of the protocol; its end is reported by an event.
            case .oversize, .closed: return true
            }
        }
        return true
    }
}
