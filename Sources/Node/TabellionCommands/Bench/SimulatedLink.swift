internal import Foundation
internal import Glibc

/// A TCP link on the loopback interface with a bandwidth and a delay in each direction.
///
/// Each direction is a leaky bucket: a piece departs when the one before it has left the wire, and arrives half a round
/// trip later. A sender that is too fast is held back by TCP once a fiftieth of a second is queued. Nothing is lost.
final class SimulatedLink: @unchecked Sendable {
    // All stored properties are constants; a file descriptor may be used by many threads.
    private let listener: Int32
    private let target: UInt16
    private let profile: LinkProfile

    /// The port to connect to instead of the target's.
    let port: UInt16

    /// A link to a port of this machine.
    init(to target: UInt16, profile: LinkProfile) throws {
        self.target = target
        self.profile = profile
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = LoopbackAddress.make(port: 0)
        guard listener >= 0, LoopbackAddress.call(&address, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0,
            let port = LoopbackAddress.port(of: listener)
        else { throw CommandFailure(.listenFailed, "the link cannot listen") }
        self.port = port
        Thread { Self.accept(listener, target, profile) }.start()
    }

    /// Takes no more connections.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    private static func accept(_ listener: Int32, _ target: UInt16, _ profile: LinkProfile) {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            guard near >= 0 else { return }
            let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = LoopbackAddress.make(port: target)
            guard far >= 0, LoopbackAddress.call(&address, { connect(far, $0, $1) }) == 0 else {
                Glibc.close(near)
                continue
            }
            var enabled: Int32 = 1
            for descriptor in [near, far] {
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
            }
            let pair = DescriptorPair(near: near, far: far)
            LinkDirection(from: near, to: far, pair: pair, profile: profile).start()
            LinkDirection(from: far, to: near, pair: pair, profile: profile).start()
        }
    }
}

/// The bandwidth and the round trip of a link.
struct LinkProfile: Sendable, Equatable {
    /// Megabits a second in each direction.
    let megabits: Int
    /// Milliseconds of round trip, half of it each way.
    let roundTripMilliseconds: Int

    /// A piece of the stream: a millisecond of it, so that the delay is as even as on a wire.
    var pieceByteCount: Int { min(16 << 10, max(512, megabits * 125)) }

    /// Nanoseconds that `byteCount` bytes occupy the wire.
    func nanoseconds(_ byteCount: Int) -> Int { byteCount * 8000 / megabits }
}

/// Two sockets that are closed when nobody uses them any more.
private final class DescriptorPair: Sendable {
    let near: Int32
    let far: Int32

    init(near: Int32, far: Int32) {
        self.near = near
        self.far = far
    }

    deinit {
        Glibc.close(near)
        Glibc.close(far)
    }
}

/// One direction of one connection: a thread that reads and one that writes later.
///
/// `@unchecked Sendable`: `pieces` is touched inside `condition` only, everything else is constant or the reader's own.
private final class LinkDirection: @unchecked Sendable {
    private static let queueNanoseconds = 20_000_000

    private let source: Int32
    private let destination: Int32
    private let pair: DescriptorPair
    private let profile: LinkProfile
    private let condition = NSCondition()
    private var pieces: [(arrival: Int, bytes: [UInt8])] = []

    init(from source: Int32, to destination: Int32, pair: DescriptorPair, profile: LinkProfile) {
        self.source = source
        self.destination = destination
        self.pair = pair
        self.profile = profile
    }

    func start() {
        Thread { self.readAll() }.start()
        Thread { self.writeAll() }.start()
    }

    private func readAll() {
        var free = 0
        let delay = profile.roundTripMilliseconds * 500_000
        var buffer = [UInt8](repeating: 0, count: profile.pieceByteCount)
        while true {
            if free - Self.now > Self.queueNanoseconds { Self.sleep(until: free - Self.queueNanoseconds) }
            let count = read(source, &buffer, buffer.count)
            let now = Self.now
            free = max(free, now) + profile.nanoseconds(max(0, count))
            condition.lock()
            pieces.append((free + delay, Array(buffer.prefix(max(0, count)))))
            condition.signal()
            condition.unlock()
            // An empty piece is the end.
            if count <= 0 { return }
        }
    }

    private func writeAll() {
        while true {
            condition.lock()
            while pieces.isEmpty { condition.wait() }
            let batch = pieces
            pieces = []
            condition.unlock()
            for piece in batch {
                Self.sleep(until: piece.arrival)
                var rest = piece.bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes {
                        send(destination, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else {
                        shutdown(source, Int32(SHUT_RDWR))
                        return
                    }
                    rest = rest.dropFirst(count)
                }
                if piece.bytes.isEmpty {
                    shutdown(destination, Int32(SHUT_WR))
                    return
                }
            }
        }
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func sleep(until moment: Int) {
        var time = timespec(tv_sec: moment / 1_000_000_000, tv_nsec: moment % 1_000_000_000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}

/// Addresses of 127.0.0.1 for the socket calls.
private enum LoopbackAddress {
    static func make(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    static func call(_ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    static func port(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return status == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }
}
