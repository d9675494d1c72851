import Foundation
import LocalControl
import Synchronization
import Testing
import WireFormat

/// Commands to a node on the same machine.
@Suite(.timeLimit(.minutes(2)))
struct ControlTests {
    /// A folder for a socket; socket paths are short.
    private static func folder() throws -> String {
        let path = "/tmp/tabellion-control-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        return path
    }

    @discardableResult
    private static func serving<Result: Sendable>(
        refusalTimeout: Duration = .seconds(1),
        _ handler: @escaping ControlServer.Handler,
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control.sock"
        let server = try await ControlServer(path: path, refusalTimeout: refusalTimeout, handler: handler)
        let running = Task { await server.run() }
        let result: Result
        do { result = try await body(path) } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        await running.value
        #expect(!FileManager.default.fileExists(atPath: path))
        return result
    }

    /// Sends bytes and gives all that comes back until the end.
    private static func exchange(_ path: String, _ bytes: [UInt8], hangsUp: Bool = false) throws -> String {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(connected == 0)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        if hangsUp { return "" }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: result, as: UTF8.self) }
            result += buffer[..<count]
        }
    }

    @Test func anAnswerHasAnyNumberOfValues() async throws {
        let values = try await Self.serving { request, write in
            #expect(request.command == "count")
            let count = request.arguments["to"]?.unsigned ?? 0
            for number in 0..<count { try await write(.unsigned(number)) }
        } _: { path in
            var values: [JSONValue] = []
            try await ControlClient(path: path).ask(ControlRequest("count", [JSONMember("to", .unsigned(1000))])) {
                values.append($0)
            }
            return values
        }
        #expect(values == (0..<1000).map { .unsigned($0) })
    }

    @Test func onlyTheOwnerCanReachTheSocket() async throws {
        try await Self.serving { _, _ in
        } _: { path in
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func aRefusalReachesWhoAsked() async throws {
        try await Self.serving { _, _ in
            throw ControlError.refused("there is no such record")
        } _: { path in
            await #expect(throws: ControlError.refused("there is no such record")) {
                try await ControlClient(path: path).ask(ControlRequest("show"))
            }
        }
    }

    /// What the node knows of a failure is what the command ends with.
    @Test(arguments: [(62, "Make room."), (62, nil), (nil, "Try \"again\"."), (nil, nil)] as [(Int32?, String?)])
    func aRefusalBringsStatusAndAdvice(status: Int32?, advice: String?) async throws {
        let refusal = ControlError.refused("no room\nleft", status: status, advice: advice)
        try await Self.serving { _, _ in
            throw refusal
        } _: { path in
            await #expect(throws: refusal) { try await ControlClient(path: path).ask(ControlRequest("backup")) }
        }
    }

    /// Whoever is not trusted hears so however late its request comes, and keeps nobody else waiting.
    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func anotherUserIsToldSo() async throws {
        try await Self.serving(refusalTimeout: .seconds(20)) { _, _ in
        } _: { path in
            let answer = try await Self.otherUser(
                """
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                time.sleep(0.3)
                s.sendall(b'{"command": "status"}\\n')
                print(s.makefile().read())
                """,
                path
            )
            let words = "{\"error\":\"the node answers nobody but its own user and root\""
            #expect(answer.contains(words), "\(answer)")
        }
    }

    /// Of many that stay, some are answered, and all have had their time soon.
    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func otherUsersKeepNobodyWaiting() async throws {
        try await Self.serving(refusalTimeout: .milliseconds(500)) { _, write in
            try await write(.unsigned(1))
        } _: { path in
            async let many = Self.otherUser(
                """
                def connected():
                    s = socket.socket(socket.AF_UNIX)
                    s.connect(sys.argv[1])
                    return s
                answers = [s.makefile().read() for s in [connected() for _ in range(40)]]
                print(sum("error" in answer for answer in answers))
                """,
                path
            )
            let answer = try await ControlClient(path: path).ask(ControlRequest("x"))
            #expect(answer == .unsigned(1))
            let text = try await many.trimmingCharacters(in: .newlines)
            let count = try #require(Int(text))
            #expect(count >= ControlServer.refusalCountMax && count < 40)
        }
    }

    /// What a Python program prints that runs as nobody, with a socket that is open to all.
    private static func otherUser(_ program: String, _ path: String) async throws -> String {
        chmod((path as NSString).deletingLastPathComponent, 0o755)
        chmod(path, 0o666)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Python itself may lie where nobody may not go.
        let change = "import os, socket, sys, time; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        process.arguments = ["python3", "-c", change + program, path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile())
            }
        }
        return String(decoding: printed, as: UTF8.self)
    }

    /// A node that ends in the middle of an answer is one that has gone, however its end is noticed.
    @Test func aNodeThatEndsMeanwhileIsSaid() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control.sock"
        let server = try await ControlServer(path: path) { _, write in
            try await write(.unsigned(1))
            try await Task.sleep(for: .seconds(100))
        }
        let running = Task { await server.run() }
        await #expect(throws: ControlError.interrupted) {
            try await ControlClient(path: path).ask(ControlRequest("watch")) { _ in running.cancel() }
        }
        await running.value
    }

    /// The umask belongs to the whole process, whose other threads make files meanwhile.
    @Test func makingASocketLeavesTheUmaskAlone() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ended = Atomic(false)
        let modes = Task.detached {
            var modes: Set<Int> = []
            var number = 0
            while !ended.load(ordering: .relaxed) {
                number += 1
                let file = "\(folder)/\(number)"
                close(open(file, O_CREAT | O_WRONLY, 0o666))
                modes.insert(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int ?? -1)
                unlink(file)
            }
            return modes
        }
        for number in 0..<30 {
            let server = try await ControlServer(path: "\(folder)/control\(number).sock") { _, _ in }
            let running = Task { await server.run() }
            running.cancel()
            await running.value
        }
        ended.store(true, ordering: .relaxed)
        #expect(try await modes.value.count == 1)
    }

    @Test func severalAskAtTheSameTime() async throws {
        try await Self.serving { request, write in
            try await write(request.arguments)
        } _: { path in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in UInt64(0)..<50 {
                    group.addTask {
                        let member = JSONMember("n", .unsigned(number))
                        let answer = try await ControlClient(path: path).ask(ControlRequest("echo", [member]))
                        #expect(answer == .object([member]))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func whoHangsUpEndsAnEndlessAnswer() async throws {
        let ended = Atomic(false)
        try await Self.serving { _, write in
            try await write(.unsigned(1))
            do { try await Task.sleep(for: .seconds(100)) } catch { ended.store(true, ordering: .relaxed) }
        } _: { path in
            struct Enough: Error {}
            await #expect(throws: Enough.self) {
                try await ControlClient(path: path).ask(ControlRequest("watch")) { _ in throw Enough() }
            }
            for _ in 0..<1000 where !ended.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(10)) }
            let hasEnded = ended.load(ordering: .relaxed)
            #expect(hasEnded)
        }
    }

    @Test(arguments: [
        "\n", "[]\n", "{\"command\": 5}\n", "{\"command\": \"x\", \"arguments\": []}\n", "GET / HTTP/1.1\n",
    ])
    func nonsenseIsAnswered(text: String) async throws {
        try await Self.serving { _, _ in
            Issue.record("this is no request")
        } _: { path in
            let answer = try Self.exchange(path, Array(text.utf8))
            #expect(answer.hasPrefix("{\"error\":"), "\(answer)")
        }
    }

    @Test func aLineWithoutEndIsCutOff() async throws {
        try await Self.serving { _, write in
            try await write(.unsigned(1))
        } _: { path in
            let long = [UInt8](repeating: 0x20, count: ControlRequest.lineByteCountMax + 100_000)
            let answer = try Self.exchange(path, long)
            #expect(answer == "")
            // The server goes on.
            let next = try await ControlClient(path: path).ask(ControlRequest("x"))
            #expect(next == .unsigned(1))
        }
    }

    @Test func aPathWithoutNodeSaysSo() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control.sock"
        await #expect(throws: ControlError.notRunning(path: path)) {
            try await ControlClient(path: path).ask(ControlRequest("status"))
        }
    }

    @Test func aDeadNodesSocketIsReplacedAndALivingOnesIsNot() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control.sock"
        // A process that was killed leaves its socket.
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        close(descriptor)
        await #expect(throws: ControlError.notRunning(path: path)) {
            try await ControlClient(path: path).ask(ControlRequest("status"))
        }
        let server = try await ControlServer(path: path) { _, write in try await write(.bool(true)) }
        let running = Task { await server.run() }
        #expect(try await ControlClient(path: path).ask(ControlRequest("x")) == .bool(true))
        await #expect(throws: ControlError.taken(path: path)) { _ = try await ControlServer(path: path) { _, _ in } }
        #expect(try await ControlClient(path: path).ask(ControlRequest("x")) == .bool(true))
        running.cancel()
        await running.value
    }

    @Test func whatIsNoSocketStays() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/control.sock"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        await #expect(throws: ControlError.unusable(path: path, "something else is there")) {
            _ = try await ControlServer(path: path) { _, _ in }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
        // 103 bytes are the most that a socket's path may have.
        let long = folder + "/" + String(repeating: "x", count: 102 - folder.utf8.count)
        let server = try await ControlServer(path: long) { _, write in try await write(.bool(true)) }
        let running = Task { await server.run() }
        #expect(try await ControlClient(path: long).ask(ControlRequest("x")) == .bool(true))
        running.cancel()
        await running.value
        await #expect(
            throws: ControlError.unusable(path: long + "x", "it has 104 bytes, a socket's path at most 103")
        ) {
            _ = try await ControlServer(path: long + "x") { _, _ in }
        }
    }
}
