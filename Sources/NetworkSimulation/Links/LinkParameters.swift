/// How the links between nodes carry frames.
///
/// A link is a TCP connection: nothing is lost while it lives, and frames of one direction arrive in the order in which
/// they left. Each connection has a latency of its own, each frame some more; a node's frames leave one after the other
/// through its uplink. Receiving and computing take no time.
package struct LinkParameters: Sendable {
    /// The latency of the fastest connection.
    package var latencyMin = Duration.milliseconds(50)
    /// The latency that no frame exceeds while nothing waits.
    package var latencyMax = Duration.milliseconds(150)
    /// The most that one frame takes longer than another of its connection; part of `latencyMax`.
    package var jitterMax = Duration.milliseconds(20)
    /// What a node sends in a second, over all its connections: 20 Mbit/s.
    package var bytesPerSecond = 2_500_000
    /// What Noise and Yamux add to a frame: 2 bytes of length, 16 of authentication, 12 of header.
    package var overheadByteCount = 30
    /// Round trips from the decision to dial until both ends have a connection: TCP 1, Noise with its negotiation 2,
    /// Yamux with its negotiation 1.
    package var handshakeRoundTrips = 4
    /// How long a connection over which nothing comes is kept (docs/network.md, "Limits").
    package var silenceTimeout = Duration.seconds(45)
    /// How long an attempt to connect to a host that does not answer takes (docs/network.md, "Limits").
    package var dialTimeout = Duration.seconds(10)

    /// Links of 50 to 150 ms.
    package init() {}
}
