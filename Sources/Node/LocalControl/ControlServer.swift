internal import Foundation
internal import Glibc
internal import NIOCore
internal import NIOPosix
package import WireFormat

/// Answers commands on this machine through a Unix socket that only its owner can use.
///
/// The socket is made in a folder that its owner alone may enter, and has mode 0600; each connection's user must be the
/// node's own or root (`SO_PEERCRED`). A connection carries one request, and whoever asked hangs up: a server that did so
/// first could lose its answer, since a request that is written after that fails before the answer is read.
package final class ControlServer: Sendable {
    /// Answers a request: any number of values, each written when the one before was taken.
    package typealias Handler =
        @Sendable (_ request: ControlRequest, _ write: @Sendable (JSONValue) async throws -> Void) async throws -> Void

    /// The most connections at a time; more wait.
    package static let connectionCountMax = 16
    /// How long a connection may take to send its request.
    package static let requestTimeout = Duration.seconds(10)

    /// The most connections of other users that are told so at a time; more are closed.
    package static let refusalCountMax = 4

    /// The most bytes of a socket's path: SwiftNIO's limit, which fits all systems; Linux would take 107.
    package static let pathByteCountMax = 103

    private let path: String
    private let server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>
    private let handler: Handler
    private let refusalTimeout: Duration

    /// Makes the socket; a socket that a dead process left is replaced.
    ///
    /// - Parameter refusalTimeout: How long a connection of another user may take to hang up.
    /// - Throws: ``ControlError`` if a process answers there, or it cannot be made.
    package init(
        path: String,
        refusalTimeout: Duration = .seconds(1),
        handler: @escaping Handler
    ) async throws(ControlError) {
        self.path = path
        self.refusalTimeout = refusalTimeout
        self.handler = handler
        guard path.utf8.count <= Self.pathByteCountMax else {
            throw .unusable(
                path: path,
                "it has \(path.utf8.count) bytes, a socket's path at most \(Self.pathByteCountMax)"
            )
        }
        try await Self.removeStale(path)
        // Until its mode is set, the folder keeps others out (0700); should somebody have opened it to them, whoever
        // connects in between is asked for its user as everybody is. The umask is the whole process's: not for this.
        do {
            server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 256)
                .bind(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try ControlLines.wrap(channel) }
                }
        } catch {
            throw .system(path: path, "\(error)")
        }
        guard chmod(path, 0o600) == 0 else {
            let number = errno
            try? await server.channel.close()
            throw .system(path: path, String(cString: strerror(number)))
        }
    }

    /// Serves until the task is cancelled, then removes the socket.
    package func run() async {
        defer { unlink(path) }
        try? await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                let places = Places(Self.connectionCountMax)
                // Strangers have places of their own, so that they keep nobody waiting.
                let refusals = Places(Self.refusalCountMax)
                for try await connection in connections {
                    if await Self.isTrusted(connection.channel) {
                        await places.take()
                        group.addTask {
                            await self.serve(connection)
                            await places.giveBack()
                        }
                    } else if await refusals.takeIfFree() {
                        group.addTask {
                            await self.refuse(connection)
                            await refusals.giveBack()
                        }
                    } else {
                        try? await connection.executeThenClose { _, _ in }
                    }
                }
            }
        }
    }

    private func refuse(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        try? await connection.executeThenClose { lines, output in
            let refusal = ControlReply.error(
                "the node answers nobody but its own user and root",
                status: nil,
                advice: "Run the command as the node's user or root."
            )
            let deadline = Self.closing(connection.channel, after: refusalTimeout)
            defer { deadline.cancel() }
            try await output.write(ByteBuffer(bytes: refusal.line))
            var iterator = lines.makeAsyncIterator()
            guard try await iterator.next() != nil else { return }
            output.finish()
            while try await iterator.next() != nil {}
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let deadline = Self.closing(connection.channel, after: Self.requestTimeout)
        try? await connection.executeThenClose { lines, output in
            @Sendable func write(_ reply: ControlReply) async throws {
                try await output.write(ByteBuffer(bytes: reply.line))
            }
            var iterator = lines.makeAsyncIterator()
            guard let line = try await iterator.next() else { return }
            deadline.cancel()
            do {
                let request = try ControlRequest(line: Array(line.readableBytesView))
                // Whoever hangs up ends a command that never ends by itself.
                let work = Task { try await self.handler(request) { try await write(.value($0)) } }
                connection.channel.closeFuture.whenComplete { _ in work.cancel() }
                try await withTaskCancellationHandler {
                    try await work.value
                } onCancel: {
                    work.cancel()
                }
                try await write(.end)
            } catch let error as ControlError {
                try await write(ControlReply(error))
            }
            // Closing now would drop what waits to be sent: the other side hangs up, or has had its time.
            output.finish()
            let patience = Self.closing(connection.channel, after: Self.requestTimeout)
            defer { patience.cancel() }
            while try await iterator.next() != nil {}
        }
        deadline.cancel()
    }

    private static func closing(_ channel: any Channel, after patience: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { channel.close(promise: nil) }
    }

    private static func isTrusted(_ channel: any Channel) async -> Bool {
        guard let provider = channel as? any SocketOptionProvider else { return false }
        let credentials = try? await provider.unsafeGetSocketOption(
            level: .socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).map { (value: PeerCredentials) in value.user }.get()
        guard let user = credentials else { return false }
        return user == geteuid() || user == 0
    }

    private static func removeStale(_ path: String) async throws(ControlError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .system(path: path, String(cString: strerror(errno))) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .unusable(path: path, "something else is there") }
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path).get()
            try? await channel.close()
        } catch {
            guard unlink(path) == 0 else { throw .system(path: path, String(cString: strerror(errno))) }
            return
        }
        throw .taken(path: path)
    }
}

/// Linux's `struct ucred`, which Glibc's module hides.
private struct PeerCredentials {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
}

/// Counts the places that are free.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Takes a place unless one would have to wait for it.
    func takeIfFree() -> Bool {
        guard free > 0 else { return false }
        free -= 1
        return true
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
