internal import MPCTLS
internal import PeerNetworking

/// Why talking to a web server failed below TLS.
package enum WebServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection could be made.
    case unreachable(server: String, reason: String)
    /// One step of the server's took longer than allowed.
    case timedOut(server: String, seconds: Int64)
    /// All steps of the server's together took longer than allowed.
    case tooSlow(server: String, seconds: Int64)
    /// The notary's time for the session was over, most of which the server had taken; `reason` is the notary's.
    case outlasted(server: String, seconds: Int64, reason: String)
    /// The connection broke.
    case gone(server: String, reason: String)

    package var description: String {
        switch self {
        case .unreachable(let server, let reason): "cannot connect to \(server): \(reason)"
        case .timedOut(let server, let seconds): "\(server) did not answer within \(seconds) s"
        case .tooSlow(let server, let seconds):
            "\(server) did not finish within \(seconds) s, the limit for all its steps together"
        case .outlasted(let server, let seconds, let reason):
            "\(server) took \(seconds) s, and the notary's time for the session was over meanwhile (\(reason))"
        case .gone(let server, let reason): "the connection to \(server) broke: \(reason)"
        }
    }
}

/// A TCP connection to a web server as the engine wants it.
package final class WebServerConnection: ServerConnection {
    /// How long all steps together may take, unless a single one may take longer.
    ///
    /// Notaries give a session 120 s by default; this leaves half a minute for what comes before and after.
    package static let durationMax = Duration.seconds(90)

    /// The server's host and port, as errors name it.
    package let name: String
    /// How long this side waited for the server so far, connecting included.
    package private(set) var waited: Duration
    private let connection: BlockingTCPConnection
    private let step: Duration
    private let end: ContinuousClock.Instant
    private let heed: () throws -> Void

    /// Connects; every read and write may take `timeout`, and everything together ``limit(step:)``.
    ///
    /// - Parameter heed: called whenever the server has sent something, so that a server that goes on for ever does not
    ///   hide what happens elsewhere; what it throws, the read throws.
    /// - Throws: ``WebServerError/unreachable(server:reason:)``.
    @available(*, noasync)
    package init(host: String, port: UInt16, timeout: Duration, heed: @escaping () throws -> Void = {}) throws {
        name = "\(host):\(port)"
        step = timeout
        self.heed = heed
        let start = ContinuousClock.now
        do {
            connection = try BlockingTCPConnection.connect(host: host, port: port, timeout: timeout)
        } catch {
            throw WebServerError.unreachable(server: name, reason: "\(error)")
        }
        waited = ContinuousClock.now - start
        let limit = Self.limit(step: timeout)
        end = .now + limit
        connection.timeLimits = StreamTimeLimits(read: timeout, write: timeout).endingAfter(limit)
    }

    /// How long all steps together may take: ten times as long as one, at most ``durationMax``, at least one.
    package static func limit(step: Duration) -> Duration { max(step, min(step * 10, durationMax)) }

    package func write(_ bytes: [UInt8]) throws {
        try waiting { connection throws(StreamError) in try connection.write(bytes) }
    }

    package func read() throws -> [UInt8] {
        let bytes = try waiting { connection throws(StreamError) in try connection.read(max: 1 << 16) }
        try heed()
        return bytes
    }

    package func close() { connection.close() }

    private func waiting<Value>(_ body: (BlockingTCPConnection) throws(StreamError) -> Value) throws -> Value {
        let start = ContinuousClock.now
        defer { waited += ContinuousClock.now - start }
        do {
            return try body(connection)
        } catch {
            throw explain(error)
        }
    }

    private func explain(_ error: StreamError) -> WebServerError {
        guard case .timedOut = error else { return .gone(server: name, reason: "\(error)") }
        guard ContinuousClock.now < end else {
            return .tooSlow(server: name, seconds: Self.limit(step: step).components.seconds)
        }
        return .timedOut(server: name, seconds: step.components.seconds)
    }
}
