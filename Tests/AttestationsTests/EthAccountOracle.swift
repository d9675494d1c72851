import Foundation
import WireFormat

/// Runs Tests/Interop/ethaccount/oracle.py in its virtual environment: an implementation that we did not write.
///
/// One process serves all tests, as importing eth-account takes a second or more; it ends when its input is closed.
/// `@unchecked Sendable`: the lock is held for a whole request and its answer.
final class EthAccountOracle: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let shared = Result { try EthAccountOracle() }
    private let lock = NSLock()
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    private init() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let python = root.appendingPathComponent(".venv/ethaccount/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Failure(
                description: "eth-account is not installed in .venv/ethaccount: run scripts/setup "
                    + "(or Tests/Interop/ethaccount/setup)"
            )
        }
        process.executableURL = python
        process.arguments = [root.appendingPathComponent("Tests/Interop/ethaccount/oracle.py").path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Sends one request and reads the answer.
    ///
    /// - Throws: ``Failure`` when the environment is not installed, or the program refuses the request.
    static func ask(_ operation: String, _ members: [JSONMember]) throws -> JSONValue {
        let request = JSONValue.object([JSONMember("operation", .string(operation))] + members)
        let answer = try shared.get().exchange(request)
        if let error = answer["error"]?.string { throw Failure(description: "oracle.py \(operation): \(error)") }
        return answer
    }

    private func exchange(_ request: JSONValue) throws -> JSONValue {
        lock.lock()
        defer { lock.unlock() }
        try input.fileHandleForWriting.write(contentsOf: Data((request.text(indented: false) + "\n").utf8))
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "oracle.py ended without an answer") }
            line += more
        }
        return try JSONValue(parsing: line, limit: 1 << 20)
    }
}
