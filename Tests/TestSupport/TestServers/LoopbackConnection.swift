import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A blocking TCP connection to 127.0.0.1 that gives up after ten seconds of silence.
package final class LoopbackConnection: Sendable {
    /// How long a read or write may wait.
    package static let timeoutSeconds = 10

    private let descriptor: Int32

    /// Connects to a port of 127.0.0.1.
    package init(port: UInt16) throws {
        descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw TestServerError("socket: \(errno)") }
        var address = LoopbackConnection.address(port: port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // deinit runs for a throw from here on, and closes the descriptor: closing it here too would close another's.
        guard status == 0 else { throw TestServerError("connect: \(errno)") }
        setTimeouts()
    }

    /// A connection that a listener accepted.
    init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        setTimeouts()
    }

    /// At most `count` bytes that arrived; none at the end of the stream.
    package func read(upTo count: Int = 1 << 16) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        guard received >= 0 else { throw TestServerError("recv: \(errno)") }
        return Array(bytes.prefix(received))
    }

    /// Sends all bytes.
    package func write(_ bytes: [UInt8]) throws {
        var rest = ArraySlice(bytes)
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, noSignal) }
            guard sent > 0 else { throw TestServerError("send: \(errno)") }
            rest = rest.dropFirst(sent)
        }
    }

    /// Shuts both directions down; reads return the end of the stream.
    package func close() {
        _ = shutdown(descriptor, readAndWrite)
    }

    deinit {
        _ = systemClose(descriptor)
    }

    private func setTimeouts() {
        var timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

/// Finds ports that nothing listens on.
package enum LoopbackPort {
    /// Those that were given: the kernel may well hand one out again before it is used.
    private static let given = Mutex<Set<UInt16>>([])

    /// A port of 127.0.0.1 that was free a moment ago, and that nobody else in this process was given.
    package static func unused() throws -> UInt16 {
        for _ in 0..<1_000 {
            let port = try free()
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw TestServerError("no port is left")
    }

    private static func free() throws -> UInt16 {
        let descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw TestServerError("socket: \(errno)") }
        defer { _ = systemClose(descriptor) }
        var address = LoopbackConnection.address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard status == 0 else { throw TestServerError("bind: \(errno)") }
        return UInt16(bigEndian: address.sin_port)
    }
}

#if canImport(Darwin)
private let streamType = SOCK_STREAM
private let noSignal: Int32 = 0
private let readAndWrite = SHUT_RDWR
#else
private let streamType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
private let noSignal = Int32(MSG_NOSIGNAL)
private let readAndWrite = Int32(SHUT_RDWR)
#endif

private func systemClose(_ descriptor: Int32) -> Int32 {
    close(descriptor)
}
