import Foundation
import TestServers
import Testing

/// A directory for the files of one test.
struct Scratch: Sendable {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Where it is.
    var path: String { directory.url.path }

    /// What is in it, hidden files included.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func file(_ name: String) -> String { path + "/" + name }

    func read(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    }

    /// Runs the program here and expects it to fail as documented: the status, a sentence that says why, for machines
    /// the same as JSON, and no file that was not there before.
    func expectFailure(
        _ status: Int32,
        saying words: String,
        wrapper: [String] = [],
        _ arguments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = names
        let run = try await TabellionProgram.run(arguments + ["--json"], in: path, wrapper: wrapper)
        #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.errors.contains(words), "\(run.errors)", sourceLocation: sourceLocation)
        #expect(!run.errors.contains("Fatal error"), "\(run.errors)", sourceLocation: sourceLocation)
        #expect(names == before, sourceLocation: sourceLocation)
        let json = try run.json()
        let error = json["error"] as? [String: Any]
        #expect(json["ok"] as? Bool == false, sourceLocation: sourceLocation)
        #expect((error?["code"] as? NSNumber)?.int32Value == status, sourceLocation: sourceLocation)
        #expect((error?["name"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
        #expect((error?["message"] as? String)?.contains(words) == true, sourceLocation: sourceLocation)
    }

    /// Runs the program here and expects it to succeed; gives what it printed.
    @discardableResult
    func expectSuccess(
        _ arguments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let run = try await TabellionProgram.run(arguments, in: path)
        try #require(run.status == 0, "\(run.errors)\(run.output)", sourceLocation: sourceLocation)
        return run.output
    }
}
