import NetworkSimulation
import Testing

/// The checks find nodes that do what must not be done: a check that cannot fail is worth nothing.
@Suite(.timeLimit(.minutes(10)))
struct PlantedFaultTests {
    @Test(arguments: PlantedFault.allCases)
    func plantedFaultsAreFound(planted: PlantedFault) throws {
        let fault: SimulatedFault =
            switch planted {
            case .forwardsInvalid: .sybil
            case .skipsSync, .isDeafAfterLateReturn, .spoilsStore: .crash
            default: .none
            }
        var options = SimulationTests.options(fault, seed: 3)
        options.plantedFault = planted
        let report = try Simulation(options).run()
        #expect(!report.isGood)
        #expect(report.violations.contains { Self.isFinding(of: planted, $0) }, "\(report.violations)")
        #expect(report.firstViolationSeconds != nil)
    }

    /// Without a fault in the nodes nobody is accused, under equal options.
    @Test(arguments: [.none, .sybil, .crash] as [SimulatedFault])
    func nothingIsFoundWhereNothingIsPlanted(fault: SimulatedFault) throws {
        #expect(try Simulation(SimulationTests.options(fault, seed: 3)).run().isGood)
    }

    private static func isFinding(of planted: PlantedFault, _ violation: Violation) -> Bool {
        switch (planted, violation) {
        case (.forwardsInvalid, .forwardedInvalid(let node, _)),
            (.forwardsUnsafe, .forwardedUnsafe(let node, _)),
            (.acceptsTwice, .acceptedTwice(let node, _)),
            (.alters, .forwardedInvalid(let node, _)),
            (.isDeaf, .missing(let node, _, _)),
            (.isDeafAfterLateReturn, .missing(let node, _, _)),
            (.altersStore, .altered(let node, _)),
            (.invents, .acceptedInvalid(let node, _)),
            (.spoilsStore, .startFailed(let node, _)),
            (.refusesToSign, .refusedToSign(let node, _)),
            (.slanders, .honestScoreLow(let node, _, _)),
            (.skipsSync, .lost(let node, _)),
            (.floodsDisk, .aboveBound(let node, _, _, _)),
            (.reusesNumbers, .signedTwice(let node, _)),
            (.blames, .honestPeerBlamed(let node, _, _)):
            node % 5 == 1
        case (.exceedsEncoding, .encodingDiffers): true
        default: false
        }
    }
}
