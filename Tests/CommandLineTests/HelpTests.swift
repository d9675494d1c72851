import TestServers
import Testing

/// What the program says about itself.
@Suite(.timeLimit(.minutes(10)))
struct HelpTests {
    @Test(
        arguments: [
            (
                [],
                ["notarize", "present", "verify", "inspect", "keygen", "node", "EXIT STATUS", "51  the notary refused"]
            ),
            (["notarize"], ["--node", "--reveal", "--redact", "--ca", "--out", "--dry-run", "--allow-incomplete"]),
            (["present"], ["--reveal", "--secrets", "--out", "--hide-server"]),
            (["verify"], ["--trust", "--ca", "--max-age", "--require-complete"]),
            (["inspect"], ["<file>"]),
            (["keygen"], ["--out", "--passphrase-file"]),
            (["node"], ["run"]),
            (["node", "run"], ["--listen", "--key", "--config", "--max-sent", "--sessions", "--allow-server"]),
        ] as [([String], [String])]
    )
    func everyCommandExplainsItself(command: [String], words: [String]) async throws {
        let run = try await TabellionProgram.run(command + ["--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("USAGE: tabellion"))
        for word in words { #expect(run.output.contains(word), "\(word)") }
        // All but the line that lists the options is broken to the width of a terminal.
        #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.hasPrefix("USAGE: ") })
    }

    @Test(arguments: [
        ["nonsense"], ["verify"], ["verify", "a", "b"], ["notarize", "https://x"],
        ["notarize", "http://x", "--dry-run"],
        ["notarize", "https://x", "--dry-run", "--timeout", "0"], ["notarize", "https://x", "--node", "here"],
        ["notarize", "https://x", "--dry-run", "--reveal", "everything"],
        ["notarize", "https://x", "--dry-run", "--header", "no colon"], ["node", "run", "--sessions", "many"],
    ])
    func wrongCommandLinesAreUsageErrors(arguments: [String]) async throws {
        let run = try await TabellionProgram.run(arguments)
        #expect(run.status == 64, "\(run.errors)")
        #expect(run.errors.contains("Error:"))
    }

    @Test func version() async throws {
        let run = try await TabellionProgram.run(["--version"])
        #expect(run.status == 0 && run.output.hasPrefix("0."))
    }
}
