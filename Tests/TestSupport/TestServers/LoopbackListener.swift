import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A TCP server on 127.0.0.1 inside of the test process that treats its clients as a test wants.
package final class LoopbackListener: Sendable {
    /// The port it listens on.
    package let port: UInt16
    private let descriptor: Int32

    /// Listens, and handles every connection on a thread of its own; the connection is closed when that ends.
    package init(_ handler: @escaping @Sendable (LoopbackConnection) -> Void) throws {
        #if canImport(Darwin)
        let type = SOCK_STREAM
        #else
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #endif
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw TestServerError("socket: \(errno)") }
        var address = LoopbackConnection.address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
                    ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard status == 0 else {
            let number = errno
            _ = close(descriptor)
            throw TestServerError("bind: \(number)")
        }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else { break }
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                let connection = LoopbackConnection(accepted: accepted)
                Thread.detachNewThread {
                    handler(connection)
                    connection.close()
                }
            }
            _ = close(descriptor)
        }
    }

    /// A listener that passes everything on to another port, and cuts both connections once that has sent enough.
    ///
    /// - Parameter cutAfter: how many bytes of the other port's answer are passed on.
    package convenience init(forwardingTo target: UInt16, cutAfter byteCount: Int) throws {
        try self.init { near in
            guard let far = try? LoopbackConnection(port: target) else { return }
            Thread.detachNewThread {
                while let bytes = try? near.read(), !bytes.isEmpty { try? far.write(bytes) }
                far.close()
            }
            var rest = byteCount
            while rest > 0, let bytes = try? far.read(upTo: rest), !bytes.isEmpty {
                guard (try? near.write(bytes)) != nil else { break }
                rest -= bytes.count
            }
            far.close()
        }
    }

    /// Takes no more connections.
    package func stop() {
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    deinit {
        stop()
    }
}
