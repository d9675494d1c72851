/// Why a multiplexed connection cannot go on; the peer's fault except where noted.
package enum YamuxError: Error, Equatable, Sendable {
    /// Another version than 0.
    case unsupportedVersion(UInt8)
    /// A frame of a kind that does not exist.
    case unknownFrameKind(UInt8)
    /// Flag bits that do not exist.
    case unknownFlags(UInt16)
    /// A stream frame on stream 0, a session frame on another, or a new stream with a number of the wrong side.
    case invalidStreamID(UInt32)
    /// A new stream with the number of an open one.
    case streamIDInUse(UInt32)
    /// A frame on a stream that was never opened.
    case unknownStream(UInt32)
    /// Data on a stream after the peer closed it.
    case dataAfterClose(UInt32)
    /// More data than the window allows.
    case receiveWindowExceeded(stream: UInt32, window: Int, received: Int)
    /// Increments that take a window beyond 2^32 - 1.
    case sendWindowOverflow(stream: UInt32)
    /// More requests for control frames than the peer takes up.
    case controlFlood
    /// Not the peer's fault: the limit on own streams is reached, or stream numbers ran out.
    case tooManyStreams
    /// The peer said that it takes no further streams.
    case goingAway
}
