/// Limits of one multiplexed connection.
package struct YamuxConfiguration: Sendable {
    /// Streams open at a time that the peer opened; a further one is reset.
    package var inboundStreamCountMax = 64
    /// Streams open at a time that this side opened.
    package var outboundStreamCountMax = 256
    /// The window that a stream's receive window may grow to.
    package var receiveWindowByteCountMax = 16 << 20
    /// What the windows of all streams together may grow by beyond their initial 256 KiB: with the numbers of streams
    /// it bounds what the connection can be made to buffer.
    package var receiveWindowGrowthByteCountMax = 32 << 20
    /// What may wait for the transport beside data (answers to pings, resets, ends, windows, negotiations); whoever
    /// causes more without reading attacks.
    package var controlByteCountMax = 64 << 10

    /// The limits of a node.
    package init() {}

    /// The window that every stream starts with (hashicorp/yamux, "Flow Control").
    static let initialWindowByteCount = 256 << 10
    /// Data bytes in one frame: with its header it just fills one Noise frame.
    package static let dataFrameByteCountMax = NoiseTransport.plaintextByteCountMax - YamuxHeader.byteCount
}
