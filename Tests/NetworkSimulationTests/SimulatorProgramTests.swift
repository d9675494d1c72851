import Testing

/// The program: what it prints, how it ends, and that a second process comes to the same end.
@Suite(.timeLimit(.minutes(10)))
struct SimulatorProgramTests {
    private static let small = ["network", "--nodes", "24", "--seconds", "10"]

    /// Sets and dictionaries are in another order in every process; nothing may depend on it.
    @Test(arguments: ["none", "partition", "crash", "spam"])
    func twoProcessesComeToTheSameEnd(fault: String) throws {
        let arguments = Self.small + ["--fault", fault, "--seed", "5", "--json"]
        var reports: [[Substring]] = []
        for _ in 0..<2 {
            let run = try SimulatorProgram.run(arguments)
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.output.split(separator: "\n")
            // What it cost is another matter.
            let report = lines.filter { line in
                !["\"wall_s\"", "\"cpu_s\"", "\"peak_bytes\""].contains { line.contains($0) }
            }
            #expect(report.count == lines.count - 3)
            reports.append(report)
        }
        #expect(reports[0] == reports[1])
        #expect(reports[0].contains { $0.contains("\"trace\"") })
        #expect(reports[0].contains { $0.contains("\"delivery_rate\": 1.0") })
    }

    /// A run that fails says how to repeat it, and the command that it prints repeats it.
    @Test func aFailingSeedIsPrintedWithTheCommandThatRepeatsIt() throws {
        let arguments = Self.small + ["--seed", "3", "--seeds", "2", "--plant", "alters"]
        let run = try SimulatorProgram.run(arguments)
        #expect(run.status == 1)
        #expect(run.output.contains("VIOLATION: node"))
        let commands = run.errors.split(separator: "\n").filter { $0.contains("scripts/simulate network") }
        #expect(commands.count == 2)
        let words = try #require(commands.first).split(separator: " ").map(String.init)
        #expect(words.contains("--seed") && words.contains("3") && !words.contains("--seeds"))
        let again = try SimulatorProgram.run(Array(words.dropFirst()))
        #expect(again.status == 1)
        func violations(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { $0.hasPrefix("VIOLATION") }
        }
        let first = run.output.split(separator: "\ncost").first.map(String.init) ?? ""
        #expect(!violations(first).isEmpty && violations(first) == violations(again.output))
    }

    @Test(arguments: [
        ["network", "--fault", "everything"], ["network", "--nodes", "1"], ["network", "--idontwant", "maybe"],
        ["network", "--share", "0.95"], ["network", "--seconds", "0"], ["network", "--plant", "nothing"],
        ["network", "--seeds", "0"], ["bench", "--nodes", "3"], ["nonsense"],
    ])
    func senselessCommandLinesAreRefused(arguments: [String]) throws {
        let run = try SimulatorProgram.run(arguments)
        #expect(run.status == 64)
        #expect(run.errors.contains("Error:"))
    }

    @Test func textNamesWhatMatters() throws {
        let run = try SimulatorProgram.run(Self.small)
        #expect(run.status == 0)
        for word in ["delivered", "latency", "hops", "duplicates", "bytes a node", "topic notarizations", "trace"] {
            #expect(run.output.contains(word))
        }
    }
}
