internal import NIOConcurrencyHelpers
internal import NIOCore
package import PeerProtocols

extension PeerHost {
    /// Reports what happens to connections and to streams of messages to `events`; called once, before the host listens
    /// or dials.
    ///
    /// Every peer is then asked what it says of itself, and may say later that it changed.
    package func report(to events: PeerEventQueue) {
        state.withLockedValue { state in
            precondition(state.events == nil && state.connectionCount == 0, "events are reported from the beginning")
            state.events = events
            state.protocols.insert(.identifyPush)
        }
    }

    /// Carries streams of these messages, of peers and to peers, from now on and on every connection.
    ///
    /// Needs ``report(to:)`` first, because nobody else would hear of them.
    package func carry(_ kind: MessageProtocol) {
        state.withLockedValue { state in
            precondition(state.events != nil, "messages need somebody who handles events")
            precondition(
                ![.identify, .identifyPush, .ping].contains(kind.name) && state.handlers[kind.name] == nil,
                "a protocol has one handler"
            )
            state.messageProtocols[kind.name] = kind
            state.protocols.insert(kind.name)
        }
    }

    /// The host's addresses as it signed them (libp2p RFC 0003), for identify to tell; nil tells none.
    package var signedPeerRecord: [UInt8]? {
        get { state.withLockedValue(\.signedPeerRecord) }
        set { state.withLockedValue { $0.signedPeerRecord = newValue } }
    }

    /// Connects to a peer as ``dial(_:)`` does, and says on some event loop how that went; must not wait there.
    package func dial(
        _ address: Multiaddr,
        whenDone: @escaping @Sendable (Result<PeerConnection, PeerHostError>) -> Void
    ) {
        dialFuture(address).whenComplete { result in
            whenDone(result.mapError { $0 as? PeerHostError ?? .network("\($0)") })
        }
    }
}
