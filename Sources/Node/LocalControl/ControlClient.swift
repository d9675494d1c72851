internal import Glibc
internal import NIOCore
internal import NIOPosix
package import WireFormat

/// Asks the node on this machine.
package struct ControlClient: Sendable {
    private let path: String

    /// A client of the node whose control socket is at `path`.
    package init(path: String) {
        self.path = path
    }

    /// Sends a request and hands on each value of the answer, in order.
    ///
    /// - Throws: ``ControlError``, or what `body` throws, which ends the answer.
    package func ask(_ request: ControlRequest, _ body: (JSONValue) async throws -> Void) async throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            switch errno {
            case ENOENT: throw ControlError.notRunning(path: path)
            case EACCES: throw ControlError.forbidden(path: path)
            case let number: throw ControlError.system(path: path, String(cString: strerror(number)))
            }
        }
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try ControlLines.wrap(channel) }
                }
        } catch let error as IOError where error.errnoCode == ECONNREFUSED || error.errnoCode == ENOENT {
            throw ControlError.notRunning(path: path)
        } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM {
            throw ControlError.forbidden(path: path)
        } catch {
            throw ControlError.system(path: path, "\(error)")
        }
        do {
            try await Self.exchange(request, over: connection, body)
        } catch is ChannelError, is IOError {
            // The other side went away in the middle of a line, or before it had read one.
            throw ControlError.interrupted
        }
    }

    private static func exchange(
        _ request: ControlRequest,
        over connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ body: (JSONValue) async throws -> Void
    ) async throws {
        try await connection.executeThenClose { lines, output in
            try await output.write(ByteBuffer(bytes: request.line))
            for try await line in lines {
                switch try ControlReply(line: Array(line.readableBytesView)) {
                case .value(let value): try await body(value)
                case .error(let text, let status, let advice):
                    throw ControlError.refused(text, status: status, advice: advice)
                case .end: return
                }
            }
            throw ControlError.interrupted
        }
    }

    /// The only value of an answer.
    package func ask(_ request: ControlRequest) async throws -> JSONValue {
        var values: [JSONValue] = []
        try await ask(request) { values.append($0) }
        guard values.count == 1 else { throw ControlError.malformed("one value was expected, not \(values.count)") }
        return values[0]
    }
}
