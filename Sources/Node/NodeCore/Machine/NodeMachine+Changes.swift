internal import Discovery
internal import Gossip
internal import PeerProtocols

extension NodeMachine {
    /// A peer said that something of it changed, such as where it is.
    mutating func identifyAgain(_ peer: PeerID, _ news: PeerIdentification, now: NodeInstant) {
        guard let known = peers[peer], var identification = known.identification, !known.isLeaving else { return }
        // A node does not move from one network to another.
        guard news.protocolVersion.isEmpty || news.protocolVersion == identification.protocolVersion else {
            return leave(peer, .otherNetwork, now: now)
        }
        if !news.protocols.isEmpty { identification.protocols = news.protocols }
        if !news.listenAddresses.isEmpty { identification.listenAddresses = news.listenAddresses }
        identification.signedRecord = news.signedRecord ?? identification.signedRecord
        peers[peer]?.identification = identification
        perform(
            discovery?.identified(
                peer,
                protocols: identification.protocols.sorted { $0.description < $1.description },
                listenAddresses: identification.listenAddresses,
                signedRecord: news.signedRecord,
                now: now.monotonic
            ),
            now: now
        )
        router.setSignedRecord(discovery?.book[peer]?.signedRecord?.envelope, of: peer)
    }

    /// The node is about to stop: peers need not send it anything more, and find it at its old place when it returns.
    mutating func stop(now: NodeInstant) {
        perform(router.depart(), now: now)
        perform(discovery?.flush(), now: now)
    }
}
