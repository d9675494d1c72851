internal import MPCTLS
internal import PeerNetworking

/// Why talking to a web server failed below TLS.
package enum WebServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection could be made.
    case unreachable(server: String, reason: String)
    /// The server took longer than allowed.
    case timedOut(server: String, seconds: Int64)
    /// The connection broke.
    case gone(server: String, reason: String)

    package var description: String {
        switch self {
        case .unreachable(let server, let reason): "cannot connect to \(server): \(reason)"
        case .timedOut(let server, let seconds): "\(server) did not answer within \(seconds) s"
        case .gone(let server, let reason): "the connection to \(server) broke: \(reason)"
        }
    }
}

/// A TCP connection to a web server as the engine wants it.
package final class WebServerConnection: ServerConnection {
    private let connection: BlockingTCPConnection
    private let name: String
    private let seconds: Int64

    /// Connects; every read and write may take `timeout`, and everything together ten times as long.
    ///
    /// - Throws: ``WebServerError/unreachable(server:reason:)``.
    @available(*, noasync)
    package init(host: String, port: UInt16, timeout: Duration) throws {
        name = "\(host):\(port)"
        seconds = timeout.components.seconds
        do {
            connection = try BlockingTCPConnection.connect(host: host, port: port, timeout: timeout)
        } catch {
            throw WebServerError.unreachable(server: name, reason: "\(error)")
        }
        connection.timeLimits = StreamTimeLimits(read: timeout, write: timeout).endingAfter(timeout * 10)
    }

    package func write(_ bytes: [UInt8]) throws {
        do {
            try connection.write(bytes)
        } catch {
            throw explain(error)
        }
    }

    package func read() throws -> [UInt8] {
        do {
            return try connection.read(max: 1 << 16)
        } catch {
            throw explain(error)
        }
    }

    package func close() { connection.close() }

    private func explain(_ error: StreamError) -> WebServerError {
        if case .timedOut = error { return .timedOut(server: name, seconds: seconds) }
        return .gone(server: name, reason: "\(error)")
    }
}
