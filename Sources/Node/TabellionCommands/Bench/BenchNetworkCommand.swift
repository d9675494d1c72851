package import ArgumentParser
internal import PeerProtocols
internal import WireFormat

/// `tabellion bench network`: whole sessions over links of different speed.
package struct BenchNetworkCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Measure sessions over simulated links between prover and notary.",
        discussion: """
            Like bench engine, with a link in between that has a bandwidth and a delay in each direction (in user \
            space, without loss). The web server stays near the prover.
            """
    )

    @OptionGroup var session: BenchSessionOptions

    @Option(
        name: .long,
        parsing: .upToNextOption,
        help: ArgumentHelp("Links to measure, such as 20x100: Mbit/s and ms of round trip.", valueName: "mbit>x<ms")
    )
    var profile = ["5x20", "20x20", "20x100", "100x20", "1000x10"]

    @Flag(name: .long, help: "Measure 5, 20, 100 and 1000 Mbit/s and 10 Mbit/s with 10, 20, 50 and 100 ms each.")
    var all = false

    @Option(name: .long, help: ArgumentHelp("Sessions to measure on each link.", valueName: "count"))
    var runs = 3

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses links that do not exist.
    package func validate() throws {
        guard (1...1000).contains(runs) else { throw ValidationError("--runs is 1 to 1000") }
        for text in profile where Self.parse(text) == nil {
            throw ValidationError("\"\(text)\" is no link such as 20x100: 1 to 10000 Mbit/s, 0 to 1000 ms")
        }
    }

    /// Measures.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let (session, runs) = (session, runs)
        let profiles =
            all
            ? [5, 10, 20, 100, 1000].flatMap { megabits in
                [10, 20, 50, 100].map { LinkProfile(megabits: megabits, roundTripMilliseconds: $0) }
            } : profile.compactMap(Self.parse)
        return try await SessionThread.run {
            let benchmark = try EngineBenchmark(session)
            defer { benchmark.stop() }
            let results = try profiles.map { profile in
                try Self.measure(benchmark, profile, runs: runs)
            }
            return BenchReport.report([JSONMember("profiles", .array(results))])
        }
    }

    @available(*, noasync)
    private static func measure(_ benchmark: EngineBenchmark, _ profile: LinkProfile, runs: Int) throws -> JSONValue {
        // /ip4/127.0.0.1/tcp/PORT/p2p/ID
        var parts = benchmark.notaryAddress.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7, let target = UInt16(parts[4]) else {
            throw CommandFailure(.failure, "the notary listens on an unexpected address")
        }
        let link = try SimulatedLink(to: target, profile: profile)
        defer { link.close() }
        parts[4] = "\(link.port)"
        let samples = try benchmark.run(runs, over: parts.joined(separator: "/"))
        return .object(
            [
                JSONMember("bandwidth_mbit", BenchReport.count(profile.megabits)),
                JSONMember("round_trip_ms", BenchReport.count(profile.roundTripMilliseconds)),
            ] + benchmark.members(samples)
        )
    }

    private static func parse(_ text: String) -> LinkProfile? {
        let parts = text.split(separator: "x").map { Int($0) }
        guard parts.count == 2, let megabits = parts[0], let milliseconds = parts[1],
            (1...10_000).contains(megabits), (0...1000).contains(milliseconds)
        else { return nil }
        return LinkProfile(megabits: megabits, roundTripMilliseconds: milliseconds)
    }
}
