import NetworkSimulation
import Testing

/// Equal options give equal runs.
@Suite(.timeLimit(.minutes(10)))
struct RepetitionTests {
    @Test(arguments: SimulatedFault.allCases)
    func equalSeedsGiveEqualRuns(fault: SimulatedFault) throws {
        var options = SimulationTests.options(fault, nodes: 30, seed: 7)
        options.publishing = .seconds(20)
        let (first, second) = (try Simulation(options).run(), try Simulation(options).run())
        #expect(first.trace == second.trace && first.stepCount == second.stepCount)
        #expect(first.json == second.json)
        options.seed = 8
        let other = try Simulation(options).run()
        #expect(other.trace != first.trace)
    }

    /// Whether frames are compared as bytes changes nothing of what happens.
    @Test func watchingChangesNothing() throws {
        var options = SimulationTests.options(.crash, nodes: 30, seed: 9)
        options.publishing = .seconds(20)
        let compared = try Simulation(options).run()
        options.encodesFrames = false
        #expect(try Simulation(options).run().trace == compared.trace)
    }
}
