import NetworkSimulation
import Testing

/// Small networks under every fault: what must always hold does, and the figures make sense.
@Suite(.timeLimit(.minutes(10)))
struct SimulationTests {
    static func options(_ fault: SimulatedFault, nodes: Int = 40, seed: UInt64 = 1) -> SimulationOptions {
        var options = SimulationOptions()
        options.nodeCount = nodes
        options.seed = seed
        options.fault = fault
        options.publishing = .seconds(40)
        options.encodesFrames = true
        return options
    }

    @Test(arguments: SimulatedFault.allCases)
    func nothingForbiddenHappens(fault: SimulatedFault) throws {
        let options = Self.options(fault)
        let report = try Simulation(options).run()
        #expect(report.violations.isEmpty, "to repeat it: \(options.command)")
        #expect(report.deliveryRate == 1)
        #expect(report.recordCount + report.lostRecordCount == 40)
        #expect(fault == .crash || fault == .churn || report.lostRecordCount == 0)
        // The fault took place.
        switch fault {
        case .none: #expect(report.promptRate == 1)
        case .loss:
            #expect(try #require(report.figure("connections_died")) >= 50)
            #expect(try #require(report.figure("frames_lost")) >= 500)
            #expect(report.promptRate >= 0.99)
        case .partition: #expect(report.caughtUpCount > 0 && report.promptRate < 0.9)
        case .sybil, .spam:
            #expect(try #require(report.figure("attacks")) >= 500)
            #expect(report.promptRate >= 0.99)
            // Whoever sent more invalid messages than anyone may is on the graylist of each whom it sent them to.
            let pairCount = try #require(report.figure("attacked_pairs"))
            #expect(fault == .spam || pairCount >= 10)
            #expect(report.figure("attackers_graylisted_rate") == 1)
        case .eclipse:
            #expect(try #require(report.figure("victim_hostile_connections")) >= 1)
            #expect(try #require(report.figure("victim_prompt_rate")) >= 0.99)
        case .churn, .crash: #expect(try #require(report.figure("nodes_down")) >= 10)
        }
    }

    @Test func everythingArrivesSoonWhereNothingIsWrong() throws {
        let report = try Simulation(Self.options(.none, nodes: 150)).run()
        #expect(report.isGood && report.promptRate == 1 && report.deliveryRate == 1)
        #expect(report.pairCount == 40 * 149)
        #expect(report.delays.percentile(99) <= 800_000)
        #expect(report.delays.percentile(50) >= 50_000)
        #expect((1...8).contains(report.hops.max))
        #expect((1...7).contains(report.duplicatesPerMessage))
        // A record of 700 bytes left each node at least once, on average, and not twenty times.
        let topic = try #require(report.traffic.first { $0.name == "topic notarizations" })
        #expect((40 * 700...40 * 20 * 900).contains(Int(topic.messageByteCount)))
        #expect(topic.controlByteCount > 0 && report.byteCountPerNode > topic.messageByteCount)
    }

    /// Every signature is checked, and once: with 40 records, two each.
    @Test func signaturesAreCheckedOnce() throws {
        let report = try Simulation(Self.options(.none)).run()
        #expect(report.figure("signatures_verified") == 80)
    }

    @Test func announcementsOfWhatIsNotWantedSaveLargeMessages() throws {
        var duplicates: [Bool: Double] = [:]
        for announces in [true, false] {
            var options = Self.options(.none, nodes: 100)
            options.recordByteCount = 1_010
            options.announcesUnwanted = announces
            let report = try Simulation(options).run()
            #expect(report.isGood && report.deliveryRate == 1)
            #expect((try #require(report.figure("sends_suppressed")) > 0) == announces)
            duplicates[announces] = report.duplicatesPerMessage
        }
        #expect(try #require(duplicates[true]) < (try #require(duplicates[false])))
    }

    @Test(
        arguments: [
            { $0.nodeCount = 1 }, { $0.nodeCount = 1_000_000 }, { $0.faultShare = 0.95 }, { $0.messagesPerSecond = 0 },
            { $0.publishing = .zero }, { $0.knownPeerCount = 0 }, { $0.links.latencyMax = .milliseconds(60) },
            {
                $0.nodeCount = 3
                $0.fault = .sybil
                $0.faultShare = 0.9
            },
        ] as [@Sendable (inout SimulationOptions) -> Void]
    )
    func senselessOptionsAreRefused(change: @Sendable (inout SimulationOptions) -> Void) {
        var options = SimulationOptions()
        change(&options)
        #expect(throws: SimulationOptionsError.self) { try Simulation(options) }
    }
}
