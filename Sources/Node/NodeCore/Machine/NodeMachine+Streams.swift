internal import Discovery
package import PeerProtocols

extension NodeMachine {
    /// The protocols whose streams the driver accepts and cuts into frames, and says in identify that it does.
    package var framedProtocols: [FramedProtocol] {
        var protocols = [FramedProtocol.sync]
        if let discovery = configuration.discovery, discovery.mode == .server {
            protocols += discovery.protocols.map {
                FramedProtocol(name: $0, frameByteCountMax: discovery.limits.messageByteCountMax)
            }
        }
        return protocols
    }

    /// The longest frame that is read on a stream of `name`, whoever opened it; nil for protocols that are not framed.
    package func frameByteCountMax(of name: ProtocolName) -> Int? {
        if name == FramedProtocol.sync.name { return FramedProtocol.sync.frameByteCountMax }
        guard let discovery = configuration.discovery, discovery.protocols.contains(name) else { return nil }
        return discovery.limits.messageByteCountMax
    }

    /// A number for a stream that this node opens.
    mutating func takeStream() -> StreamID {
        defer { nextStream += 1 }
        return StreamID(opener: .node, number: nextStream)
    }

    /// A stream is open.
    mutating func openStream(_ stream: StreamID, _ peer: PeerID, _ name: ProtocolName, now: NodeInstant) {
        if stream.opener == .node {
            if schedule.exchanges[stream] != nil { askNext(on: stream, now: now) } else { sendQuestion(on: stream) }
            return
        }
        let isWanted: Bool
        if peers[peer] == nil {
            isWanted = false
        } else if name == FramedProtocol.sync.name {
            isWanted = server.open(stream, by: peer, now: now.monotonic)
        } else if let discovery = configuration.discovery, discovery.protocols.contains(name) {
            isWanted = kademlia.open(stream, by: peer, now: now.monotonic)
        } else {
            isWanted = false
        }
        if !isWanted { effects.append(.closeStream(stream, .reset)) }
    }

    /// A frame arrived.
    mutating func receive(_ frame: [UInt8], on stream: StreamID, now: NodeInstant) {
        switch stream.opener {
        case .node:
            if schedule.exchanges[stream] != nil {
                receiveRecords(frame, on: stream, now: now)
            } else {
                receiveAnswer(frame, on: stream, now: now)
            }
        case .peer:
            if server.peer(of: stream) != nil {
                serve(frame, on: stream, now: now)
            } else {
                answerQuestion(frame, on: stream, now: now)
            }
        }
    }

    /// A stream ended.
    mutating func closeStream(_ stream: StreamID, _ end: StreamEnd, now: NodeInstant) {
        var peer: PeerID?
        switch stream.opener {
        case .node:
            if let exchange = schedule.exchanges.removeValue(forKey: stream) {
                peer = exchange.peer
                self.end(exchange, .interrupted, now: now)
            } else {
                peer = kademlia.peer(of: stream)
                failQuestion(on: stream, now: now)
            }
        case .peer:
            peer = server.peer(of: stream) ?? kademlia.peer(of: stream)
            server.close(stream)
            kademlia.close(stream)
        }
        if end == .malformed, let peer { note(.malformedFrame, of: peer, now: now) }
    }
}
