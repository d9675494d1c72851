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
            guard errno != ENOENT else { throw ControlError.notRunning(path: path) }
            throw ControlError.system(path: path, String(cString: strerror(errno)))
        }
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try ControlLines.wrap(channel) }
                }
        } catch let error as IOError where error.errnoCode == ECONNREFUSED || error.errnoCode == ENOENT {
            throw ControlError.notRunning(path: path)
        } catch {
            throw ControlError.system(path: path, "\(error)")
        }
        try await connection.executeThenClose { lines, output in
            try await output.write(ByteBuffer(bytes: request.line))
            for try await line in lines {
                switch try ControlReply(line: Array(line.readableBytesView)) {
                case .value(let value): try await body(value)
                case .error(let text): throw ControlError.refused(text)
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
