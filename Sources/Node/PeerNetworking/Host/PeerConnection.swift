internal import NIOConcurrencyHelpers
internal import NIOCore
package import PeerProtocols

/// A secure connection to one peer that streams are opened on.
package final class PeerConnection: Sendable {
    /// What the connection is called within its host.
    package let id: PeerConnectionID
    /// The peer, which has proven to hold its key.
    package let remotePeer: PeerID
    /// Where the peer is, or, if it dialled, the address that it came from.
    package let remoteAddress: Multiaddr?
    /// Which side dialled.
    package let role: ConnectionRole
    private let eventLoop: any EventLoop
    private let handler: NIOLoopBound<PeerConnectionHandler>
    private let measurements = NIOLockedValueBox(Measurements())
    let closePromise: EventLoopPromise<PeerConnectionError>

    private struct Measurements {
        var roundTripNanoseconds: UInt64?
        var isGuest = false
        var sessionCount = 0
        var lastSessionEnd = MonotonicInstant.now()
        var bytesReceived = 0
        var bytesSent = 0
    }

    init(
        id: PeerConnectionID,
        remotePeer: PeerID,
        remoteAddress: Multiaddr?,
        role: ConnectionRole,
        eventLoop: any EventLoop,
        handler: PeerConnectionHandler
    ) {
        self.id = id
        self.remotePeer = remotePeer
        self.remoteAddress = remoteAddress
        self.role = role
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
        closePromise = eventLoop.makePromise(of: PeerConnectionError.self)
    }

    /// The link's round trip: the least of the last measurements; nil before the first.
    package var roundTrip: Duration? {
        measurements.withLockedValue(\.roundTripNanoseconds).map { .nanoseconds(Int64(clamping: $0)) }
    }

    /// The bytes that came from the network after the handshake, encryption and framing included.
    package var bytesReceived: Int { measurements.withLockedValue(\.bytesReceived) }

    /// The bytes that were given to the network after the handshake, encryption and framing included.
    package var bytesSent: Int { measurements.withLockedValue(\.bytesSent) }

    /// Opens a stream for the first of `protocols` that the peer speaks.
    ///
    /// - Throws: ``StreamOpeningError``.
    package func openStream(_ protocols: [ProtocolName]) async throws -> PeerStream {
        try await openStreamFuture(protocols).get()
    }

    /// As ``openStream(_:)``, blocking the calling thread.
    @available(*, noasync)
    package func openStreamAndWait(_ protocols: [ProtocolName]) throws -> PeerStream {
        try openStreamFuture(protocols).wait()
    }

    /// Opens a stream of messages for the first of `protocols` that the peer speaks; returns at once.
    ///
    /// ``PeerHostEvent/streamOpened(_:tag:)`` or ``PeerHostEvent/streamFailed(_:tag:_:)`` follows with `tag`, if the host
    /// reports events.
    ///
    /// - Parameter protocols: 1 to 16 that the host carries.
    package func openMessages(_ protocols: [ProtocolName], tag: UInt64) {
        eventLoop.execute { self.handler.value.openStream(protocols, for: .messages(self, tag: tag)) }
    }

    /// Tells the peer what the host says of itself now, without being asked; nothing happens if it does not listen to
    /// that.
    package func pushIdentify() {
        eventLoop.execute { self.handler.value.openStream([.identifyPush], for: .push) }
    }

    /// Ends the connection: gracefully once its streams are done, or at once.
    package func close(gracefully: Bool = true) {
        eventLoop.execute { self.handler.value.shutDown(gracefully: gracefully) }
    }

    /// Since when no session of the peer runs on the connection: the end of the last one, or the beginning of the
    /// connection; nil while one runs.
    package var unusedSince: MonotonicInstant? {
        measurements.withLockedValue { $0.sessionCount > 0 ? nil : $0.lastSessionEnd }
    }

    /// Ends the connection as soon as no session of the peer has run on it for `duration`, counted from now at the
    /// earliest, whatever other streams it has; or when another peer needs its place.
    package func close(afterUnused duration: Duration) {
        beGuest()
        eventLoop.execute { self.handler.value.shutDown(afterUnused: duration, since: .now()) }
    }

    /// The connection is for sessions only: while none runs it gives way to another.
    func beGuest() {
        measurements.withLockedValue { $0.isGuest = true }
    }

    /// Whether the connection gives way to another.
    var givesWay: Bool { measurements.withLockedValue { $0.isGuest && $0.sessionCount == 0 } }

    /// Gives way to another connection.
    func giveWay() {
        measurements.withLockedValue { $0.isGuest = false }
        close(gracefully: false)
    }

    /// A session of the peer began.
    func sessionBegan() {
        measurements.withLockedValue { $0.sessionCount += 1 }
    }

    /// A session of the peer is over.
    func sessionEnded() {
        measurements.withLockedValue {
            $0.sessionCount -= 1
            $0.lastSessionEnd = .now()
        }
    }

    /// Waits until the connection is gone, its last bytes sent, and says why.
    package func closed() async -> PeerConnectionError {
        (try? await closePromise.futureResult.get()) ?? .closedLocally
    }

    /// Brings what others may ask for up to date.
    func measure(roundTripNanoseconds: UInt64?) {
        measurements.withLockedValue { $0.roundTripNanoseconds = roundTripNanoseconds }
    }

    /// Counts bytes on the network.
    func count(received: Int = 0, sent: Int = 0) {
        measurements.withLockedValue {
            $0.bytesReceived += received
            $0.bytesSent += sent
        }
    }

    private func openStreamFuture(_ protocols: [ProtocolName]) -> EventLoopFuture<PeerStream> {
        let promise = eventLoop.makePromise(of: PeerStream.self)
        eventLoop.execute { self.handler.value.openStream(protocols, for: .session(promise)) }
        return promise.futureResult
    }
}

/// Tells the connections of one host apart; a number is never used again.
package struct PeerConnectionID: Hashable, Comparable, Sendable {
    /// The number: the connections of a host are counted from 1.
    package let number: UInt64

    /// Later connections are greater.
    package static func < (left: PeerConnectionID, right: PeerConnectionID) -> Bool { left.number < right.number }
}
