import Attestations
import CryptoCore
import Discovery
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing

/// Nodes on links: what one signs, all have, whoever was away.
@Suite struct CatchUpTests {
    @Test func everyNodeHasEveryRecord() throws {
        var network = try TestNetwork(6)
        for node in 0..<6 { for other in [node + 1, node + 2] { try network.connect(node, other % 6) } }
        network.pass(.seconds(3))
        for session in 0..<12 {
            try network.attest(session: session, at: session % 6)
            network.pass(.milliseconds(300))
        }
        // Gossip alone does it.
        network.pass(.seconds(1))
        let first = try network.storedIDs(0)
        #expect(first.count == 12)
        for node in 1..<6 { #expect(try network.storedIDs(node) == first) }
        for member in network.members {
            #expect(member.machine?.statistics.recordsSynced == 0)
            #expect(try member.store?.digestsAreTrue() == true)
        }
        #expect(network.members.reduce(0) { $0 + $1.answers.count } == 12)
    }

    @Test func aNodeThatWasAwayCatchesUp() throws {
        var network = try TestNetwork(4)
        for (node, other) in [(0, 1), (1, 2), (2, 3), (3, 0)] { try network.connect(node, other) }
        network.pass(.seconds(3))
        try network.attest(session: 0, at: 3)
        network.pass(.seconds(1))
        var random = BlockPRG(seed: Block(1, 1))
        network.crash(3, losesPower: true, random: &random)
        // The ring is a line now; 20 minutes pass, so that most records are no news any more.
        for session in 1..<40 {
            try network.attest(session: session, at: session % 3)
            network.pass(.seconds(30))
        }
        let expected = try network.storedIDs(0)
        #expect(expected.count == 40)
        try network.start(3)
        #expect(try network.storedIDs(3).count == 1)
        try network.connect(3, 0)
        network.pass(.seconds(8))
        #expect(try network.storedIDs(3) == expected)
        #expect(network.members[3].machine?.statistics.recordsSynced == 39)
        #expect(try network.members[3].store?.digestsAreTrue() == true)
    }

    @Test func twoHalvesThatMeetAgainBecomeOne() throws {
        var network = try TestNetwork(6)
        for (node, other) in [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)] { try network.connect(node, other) }
        network.pass(.seconds(3))
        for session in 0..<20 {
            try network.attest(session: session, at: session % 6)
            network.pass(.seconds(45))
        }
        #expect(try network.storedIDs(0).count == 11)
        #expect(try Set(network.storedIDs(0)).isDisjoint(with: network.storedIDs(5)))
        try network.connect(2, 3)
        // One link, then the periodic comparisons of the others.
        network.pass(.seconds(300))
        for node in 0..<6 { #expect(try network.storedIDs(node).count == 20) }
        for member in network.members {
            #expect(try member.store?.digestsAreTrue() == true)
            let machine = try #require(member.machine)
            for peer in machine.status(now: network.now).peers { #expect(peer.score >= 0) }
        }
    }

    @Test func nodesThatComeAndGoLoseNothing() throws {
        var network = try TestNetwork(5)
        var random = BlockPRG(seed: Block(11, 4))
        for node in 0..<5 { for other in 0..<node { try network.connect(node, other) } }
        network.pass(.seconds(3))
        var session = 0
        for _ in 0..<25 {
            let victim = Int.random(in: 0..<5, using: &random)
            for node in 0..<5 {
                session += 1
                try network.attest(session: session, at: node)
                network.pass(.milliseconds(Int64.random(in: 0..<40, using: &random)))
            }
            network.crash(victim, losesPower: Bool.random(using: &random), random: &random)
            network.pass(.seconds(Int64.random(in: 1..<20, using: &random)))
            try network.start(victim)
            for other in 0..<5 { try network.connect(victim, other) }
            network.pass(.seconds(3))
        }
        network.pass(.seconds(200))
        let all = try network.storedIDs(0)
        for node in 1..<5 { #expect(try network.storedIDs(node) == all) }
        // Whatever was answered is there.
        var answered: Set<AttestationID> = []
        for member in network.members {
            for case .attested(let attestation) in member.answers.values { answered.insert(attestation.id) }
        }
        #expect(answered.count > 80)
        #expect(answered.subtracting(all).isEmpty)
        for member in network.members { #expect(try member.store?.digestsAreTrue() == true) }
    }

    @Test func equalRunsGiveEqualTraces() throws {
        func run(_ seed: UInt64) throws -> [UInt8] {
            var network = try TestNetwork(6, discovers: true) { configuration, number in
                configuration.discovery?.exemptLoopback()
                configuration.discovery?.bootstrap = [
                    (try? TestNetwork.address(0).with(PeerID(publicKey: RecordSamples.key(0).publicKey)))
                ].compactMap { $0 }
            }
            network.dials = true
            var random = BlockPRG(seed: Block(seed, 4))
            for session in 0..<20 {
                try network.attest(session: session, at: Int.random(in: 0..<6, using: &random))
                network.pass(.seconds(2))
            }
            return network.trace.finalize()
        }
        let first = try run(1)
        #expect(try run(1) == first)
        #expect(try run(2) != first)
    }
}
