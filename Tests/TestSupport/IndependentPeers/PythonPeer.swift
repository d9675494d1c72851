internal import Foundation

/// The peer of PyPI libp2p in a process of its own; see Tests/Interop/libp2p.
package final class PythonPeer: Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    private static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { path, _ in
        path.deletingLastPathComponent()
    }

    /// Why a test cannot run.
    package struct NotInstalled: Error, CustomStringConvertible {
        /// What to do.
        package let description =
            "py-libp2p is not installed in .venv/libp2p: run scripts/setup (or Tests/Interop/libp2p/setup)"
    }

    /// Starts the peer with these arguments.
    package init(_ arguments: [String], script: String = "peer.py") throws {
        let python = Self.root.appendingPathComponent(".venv/libp2p/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else { throw NotInstalled() }
        process.executableURL = python
        process.arguments = [Self.root.appendingPathComponent("Tests/Interop/libp2p/\(script)").path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The one line of JSON that the peer prints; blocks.
    package func readLine<Line: Decodable>(as type: Line.Type) throws -> Line {
        var line = Data()
        while line.last != 0x0a {
            let chunk = output.fileHandleForReading.availableData
            guard !chunk.isEmpty else { break }
            line += chunk
        }
        return try JSONDecoder().decode(type, from: line)
    }

    /// Gives every line that the peer prints, without its end; blocks until the peer ends.
    func readLines(_ body: (Data) -> Void) {
        var rest = Data()
        while true {
            let chunk = output.fileHandleForReading.availableData
            guard !chunk.isEmpty else { return }
            rest += chunk
            while let end = rest.firstIndex(of: 0x0a) {
                body(Data(rest[rest.startIndex..<end]))
                rest = Data(rest[rest.index(after: end)...])
            }
        }
    }

    /// Writes to the peer's input.
    func write(_ bytes: Data) throws {
        try input.fileHandleForWriting.write(contentsOf: bytes)
    }

    /// Ends the peer's input, which ends the peer.
    package func stop() {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }
}
