import NetworkSimulation
import Testing

/// Dozens of seeds in small networks: whichever way chance goes, what must always hold does.
@Suite(.timeLimit(.minutes(10)))
struct SeedTests {
    @Test(arguments: SimulatedFault.allCases)
    func nothingForbiddenHappensUnderAnySeed(fault: SimulatedFault) throws {
        for seed in 11...16 as ClosedRange<UInt64> {
            var options = SimulationTests.options(fault, nodes: 24, seed: seed)
            options.publishing = .seconds(15)
            let report = try Simulation(options).run()
            #expect(report.isGood && report.deliveryRate == 1, "\(report.violations); to repeat it: \(options.command)")
        }
    }
}
