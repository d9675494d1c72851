package import PeerProtocols

extension PeerConnection {
    /// Asks the peer what it says of itself; blocks the calling thread.
    ///
    /// - Throws: ``StreamOpeningError``, ``StreamError``, ``IdentifyError``; ``PeerServiceError/wrongKey`` if the
    ///   message names another key than the connection's.
    @available(*, noasync)
    package func identifyAndWait(timeout: Duration = .seconds(10)) throws -> IdentifyMessage {
        let stream = try openStreamAndWait([.identify])
        stream.timeLimits = StreamTimeLimits().endingAfter(timeout)
        stream.closeWrite()
        var input = ByteQueue()
        while true {
            let bytes = try stream.read(max: IdentifyMessage.byteCountMax)
            input.append(bytes)
            if let message = try IdentifyMessage.take(from: &input) {
                guard message.publicKey.map(PeerID.init(publicKey:)) ?? remotePeer == remotePeer else {
                    throw PeerServiceError.wrongKey
                }
                return message
            }
            guard !bytes.isEmpty else { throw IdentifyError.malformed }
        }
    }

    /// Measures one round trip through the peer's `/ipfs/ping/1.0.0`; blocks the calling thread.
    ///
    /// - Throws: ``StreamOpeningError``, ``StreamError``, ``PeerServiceError``.
    @available(*, noasync)
    package func pingAndWait(timeout: Duration = .seconds(10)) throws -> Duration {
        let stream = try openStreamAndWait([.ping])
        stream.timeLimits = StreamTimeLimits().endingAfter(timeout)
        let payload = (0..<PingEcho.byteCount).map { _ in UInt8.random(in: .min ... .max) }
        let start = MonotonicInstant.now()
        try stream.write(payload)
        var echo: [UInt8] = []
        while echo.count < payload.count {
            let bytes = try stream.read(max: payload.count - echo.count)
            guard !bytes.isEmpty else { throw PeerServiceError.endedEarly }
            echo += bytes
        }
        let elapsed = MonotonicInstant.now().nanoseconds(since: start)
        guard echo == payload else { throw PeerServiceError.wrongEcho }
        stream.closeWrite()
        return .nanoseconds(Int64(clamping: elapsed))
    }
}

/// Why a service that every peer offers gave no answer; the peer's fault.
package enum PeerServiceError: Error, Equatable, Sendable {
    /// Identify named a key that the connection's peer does not hold.
    case wrongKey
    /// A ping came back changed.
    case wrongEcho
    /// The peer closed the stream before it answered in full.
    case endedEarly
}
