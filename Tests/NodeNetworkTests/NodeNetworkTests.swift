import Attestations
import CryptoCore
import Discovery
import Foundation
import Gossip
import KeyValueStorage
import NodeCore
import NodeHarness
import NodeNetwork
import PeerNetworking
import PeerProtocols
import RecordSamples
import Records
import Testing

/// Whole nodes on the loopback interface, with their stores on disk.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct NodeNetworkTests {
    /// Three nodes, of which the second and third know the first only.
    private func threeNodes(_ change: (inout TestNode.Options) -> Void = { _ in }) async throws -> [TestNode] {
        let first = try await TestNode(1, change)
        let second = try await TestNode(2, bootstrap: [first.address], change)
        let third = try await TestNode(3, bootstrap: [first.address], change)
        for node in [first, second, third] { try await node.awaitMesh(2) }
        return [first, second, third]
    }

    /// Every attestation is stored by all, half of them within a second on any machine.
    @Test func attestationsAreStoredByAll() async throws {
        let nodes = try await threeNodes()
        var times: [Duration] = []
        for session in 0..<9 {
            let start = ContinuousClock.now
            let id = try await nodes[session % 3].attested(session)
            #expect(try nodes[session % 3].has(id), "what is signed is stored before")
            try await TestNode.wait("record \(session)") { try nodes.allSatisfy { try $0.has(id) } }
            times.append(start.duration(to: .now))
        }
        #expect(times.sorted()[4] < .seconds(1), "\(times)")
        for (index, node) in nodes.enumerated() {
            // What is stored is counted a moment later.
            try await TestNode.wait("the counts of node \(index)") {
                try await node.status().statistics.recordsReceived >= 6
            }
            let status = try await node.status()
            #expect(status.recordCount == 9)
            #expect(status.statistics.recordsSigned == 3)
            #expect(status.statistics.recordsReceived == 6, "node \(index)")
            #expect(status.statistics.refusals.isEmpty)
            #expect(status.peers.allSatisfy { $0.score >= 0 })
        }
        for node in nodes { await node.destroy() }
    }

    /// Nodes that only one node knows find each other through it.
    @Test func nodesFindEachOther() async throws {
        let nodes = try await threeNodes()
        let peers = try await nodes[2].status().peers.map(\.peer)
        #expect(Set(peers) == [nodes[0].id, nodes[1].id])
        let book = try await nodes[2].loop.inspect { machine, _ in
            machine.discovery?.book[nodes[1].id]?.signedRecord != nil
        }
        #expect(book, "identify tells signed addresses")
        for node in nodes { await node.destroy() }
    }

    @Test func aNodeThatWasAwayCatchesUp() async throws {
        let nodes = try await threeNodes()
        let early = try await nodes[0].attested(0)
        try await TestNode.wait("the first record") { try nodes[2].has(early) }
        await nodes[2].stop()
        var missed: [AttestationID] = []
        for session in 1...40 { missed.append(try await nodes[session % 2].attested(session)) }

        let back = try await TestNode(
            3,
            at: nodes[2].path,
            port: nodes[2].port,
            bootstrap: [nodes[0].address]
        )
        #expect(try back.has(early), "what was stored is still there")
        #expect(try !back.has(missed[0]))
        try await TestNode.wait("what was missed") { try missed.allSatisfy { try back.has($0) } }
        try await TestNode.wait("the count; gossip repeats only the last seconds") {
            try await back.status().statistics.recordsSynced >= 30
        }
        for node in [nodes[0], nodes[1], back] { await node.destroy() }
    }

    @Test func aRestartedNodeKeepsItsRecordsAndItsWord() async throws {
        let nodes = try await threeNodes()
        let id = try await nodes[0].attested(7)
        await nodes[0].stop()
        let again = try await TestNode(1, at: nodes[0].path, port: nodes[0].port)
        #expect(try again.has(id))
        guard case .refused(.conflict) = try await again.attest(7, variant: 1) else {
            Issue.record("a second attestation of one session was signed")
            return
        }
        // The others dial it again by themselves.
        try await again.awaitMesh(2)
        let next = try await again.attested(8)
        try await TestNode.wait("the next record") { try nodes[1].has(next) && nodes[2].has(next) }
        for node in [again, nodes[1], nodes[2]] { await node.destroy() }
    }

    /// Neither keeps the other, and what one of them publishes in its own network does not get into the other's.
    @Test func aNodeOfAnotherNetworkIsRefused() async throws {
        let node = try await TestNode(1)
        let another = TestNode.Options(network: NetworkID(named: "another"))
        let stranger = try await TestNode(2, bootstrap: [node.address], options: another)
        let connection = try await stranger.host.dial(node.address)
        let start = ContinuousClock.now
        _ = await connection.closed()
        #expect(start.duration(to: .now) < .seconds(10))
        // Who is told first says it, and the other one only sees the end of the connection.
        try await TestNode.wait("a refusal") {
            (node.notices + stranger.notices).contains { notice in
                if case .dismissed(_, .otherNetwork) = notice { true } else { false }
            }
        }
        try await TestNode.wait("an empty list of peers") {
            let here = try await node.status().peers
            let there = try await stranger.status().peers
            return here.isEmpty && there.isEmpty
        }
        let friend = try await TestNode(3, bootstrap: [stranger.address], options: another)
        try await stranger.awaitMesh(1)
        let id = try await stranger.attested(1)
        try await TestNode.wait("the record in its own network") { try friend.has(id) }
        #expect(try !node.has(id))
        let status = try await node.status()
        #expect(status.recordCount == 0 && status.gossip.messagesReceived == 0)
        for node in [node, stranger, friend] { await node.destroy() }
    }

    /// Two nodes that dial each other at the same time have two connections, and losing either loses nothing.
    @Test func twoConnectionsAreOnePeer() async throws {
        let nodes = [try await TestNode(1), try await TestNode(2)]
        async let one = nodes[0].host.dial(nodes[1].address)
        async let other = nodes[1].host.dial(nodes[0].address)
        let connections = [try await one, try await other]
        for node in nodes { try await node.awaitMesh(1) }
        for (index, connection) in connections.enumerated() {
            for node in nodes { #expect(try await node.status().peers.count == 1) }
            let id = try await nodes[index].attested(index)
            try await TestNode.wait("record \(index)") { try nodes.allSatisfy { try $0.has(id) } }
            guard index == 0 else { continue }
            connection.close(gracefully: false)
            _ = await connection.closed()
            // Gossip goes on over the other one, once a node noticed.
            for node in nodes { try await node.awaitMesh(1) }
        }
        for node in nodes { await node.destroy() }
    }

    /// Many sessions that end at once share waits for the disk, and none is lost.
    @Test func commitsAreGrouped() async throws {
        let nodes = try await threeNodes()
        let ids = try await withThrowingTaskGroup(of: AttestationID.self) { group in
            for session in 0..<200 { group.addTask { try await nodes[0].attested(session) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(ids).count == 200)
        #expect(try ids.allSatisfy { try nodes[0].has($0) })
        let statistics = nodes[0].loop.commitStatistics
        #expect(statistics.groups < 150, "\(statistics)")
        try await TestNode.wait("all records everywhere") {
            try ids.allSatisfy { id in try nodes.allSatisfy { try $0.has(id) } }
        }
        for node in nodes { await node.destroy() }
    }

    /// What was signed last still reaches the others, and nothing keeps the node for long.
    @Test func stoppingTakesABoundedTime() async throws {
        let nodes = try await threeNodes()
        let id = try await nodes[0].attested(1)
        let start = ContinuousClock.now
        await nodes[0].stop(grace: .seconds(10))
        #expect(start.duration(to: .now) < .seconds(6))
        #expect(nodes[0].loop.hasEnded)
        try await TestNode.wait("the last record", within: .seconds(1)) { try nodes[1].has(id) && nodes[2].has(id) }
        #expect(try await nodes[0].attest(2) == .refused(.storeUnavailable))
        await #expect(throws: NodeLoop.Failure.stopped) { try await nodes[0].status() }
        try await TestNode.wait("that the others notice") {
            let peers = try await nodes[1].status().peers
            return !peers.contains { $0.peer == nodes[0].id }
        }
        for node in nodes.dropFirst() { await node.destroy() }
    }

    /// Sessions that run when a node stops end first, and what they sign is published.
    @Test func sessionsEndBeforeTheNode() async throws {
        let nodes = try await threeNodes()
        let node = nodes[0]
        let header = try RecordSamples().header(notary: node.key.ethereumAddress, session: 5, at: TestNode.now)
        node.host.handle("/test/session/1") { stream in
            _ = try? stream.read(max: 1)
            Thread.sleep(forTimeInterval: 1)
            guard case .attested(let attestation) = node.loop.attest(header, contextText: nil) else { return }
            try? stream.write(attestation.id.value.bytes)
        }
        let buyer = PeerHost(identity: PeerIdentity(privateKey: try RecordSamples.key(99)))
        let session = try await buyer.dial(node.address).openStream(["/test/session/1"])
        session.timeLimits = StreamTimeLimits().endingAfter(.seconds(20))
        let answer = Task {
            await TestNode.onThread { () -> [UInt8] in
                guard (try? session.write([1])) != nil else { return [] }
                return (try? session.read(max: 32)) ?? []
            }
        }
        try await Task.sleep(for: .milliseconds(200))
        await node.stop(grace: .seconds(10))
        let bytes = await answer.value
        #expect(bytes.count == 32)
        try await TestNode.wait("the record at the other node") {
            try nodes[1].has(AttestationID(#require(Bytes32(bytes))))
        }
        let published = try nodes[1].store.records(in: NodeStore.notarizations, limit: .init(count: 10)).records
        #expect(published.map(\.key.id.value.bytes) == [bytes])
        await buyer.shutDown(grace: .zero)
        for node in nodes { await node.destroy() }
    }

    /// Buyers are no peers of the network: whatever discovery says of too many of them, their sessions go on.
    @Test func sessionsOfBuyersGoOnUnchanged() async throws {
        let node = try await TestNode(1) { options in
            options.configuration.discovery?.connections.exemptsLoopback = false
            options.configuration.discovery?.connections.countPerHostMax = 8
            options.configuration.gossip.scoring.isLoopbackExempt = false
        }
        node.host.handle("/test/session/1") { stream in
            while let bytes = try? stream.read(max: 1 << 16), !bytes.isEmpty { try? stream.write(bytes) }
        }
        var buyers: [PeerHost] = []
        var connections: [PeerConnection] = []
        for number in 0..<24 {
            let buyer = PeerHost(identity: PeerIdentity(privateKey: try RecordSamples.key(200 + number)))
            connections.append(try await buyer.dial(node.address))
            buyers.append(buyer)
        }
        try await TestNode.wait("that those beyond the eighth of one address are judged to be too many") {
            let surplus = node.notices.count { if case .dismissed(_, .surplus) = $0 { true } else { false } }
            return surplus == 16
        }
        #expect(try await node.status().peers.count == 8)
        for connection in connections {
            let stream = try await connection.openStream(["/test/session/1"])
            stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(10))
            let echo = await TestNode.onThread { () -> [UInt8] in
                guard (try? stream.write([1, 2, 3])) != nil else { return [] }
                return (try? stream.read(max: 3)) ?? []
            }
            #expect(echo == [1, 2, 3])
        }
        for buyer in buyers { await buyer.shutDown(grace: .zero) }
        await node.destroy()
    }
}
