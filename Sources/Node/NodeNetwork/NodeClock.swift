internal import Glibc
package import NodeCore
internal import PeerNetworking
internal import PeerProtocols

extension NodeInstant {
    /// The reading of both clocks of this machine.
    package static func now() -> NodeInstant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        // Before 1970 a machine's clock is not set, and records of today are of a far future.
        let milliseconds = UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(max(0, time.tv_nsec)) / 1_000_000
        return NodeInstant(monotonic: .now(), unixMilliseconds: milliseconds)
    }
}
