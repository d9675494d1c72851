import CryptoCore
import NodeNetwork
import PeerProtocols
import RecordSamples
import Testing

/// Which peers are dialled when.
struct DialQueueTests {
    private let peers: [PeerID]
    /// Of nine machines.
    private let addresses: [Multiaddr]

    init() throws {
        peers = try (0..<6).map { PeerID(publicKey: try RecordSamples.key($0).publicKey) }
        addresses = try (1...9).map { try Multiaddr("/ip4/10.0.0.\($0)/tcp/1") }
    }

    private func queue(_ change: (inout NodeLoopConfiguration) -> Void = { _ in }) -> DialQueue {
        var configuration = NodeLoopConfiguration()
        change(&configuration)
        return DialQueue(configuration: configuration)
    }

    @Test func addressesAreTriedOneAfterTheOther() {
        var queue = queue()
        let two = Array(addresses.prefix(2))
        #expect(queue.add(peers[1], two) == true)
        let first = queue.next()
        #expect(first?.peer == peers[1])
        #expect(first?.address == two[0].with(peers[1]))
        #expect(queue.next() == nil)
        #expect(queue.finished(peers[1], succeeded: false) == nil)
        #expect(queue.next()?.address == two[1].with(peers[1]))
        #expect(queue.finished(peers[1], succeeded: false) == two)
        #expect(queue.count == 0)
        #expect(queue.finished(peers[1], succeeded: false) == nil, "nobody is being dialled")
    }

    @Test func aPeerThatAnswersIsDone() {
        var queue = queue()
        #expect(queue.add(peers[1], addresses) == true)
        _ = queue.next()
        #expect(queue.finished(peers[1], succeeded: true) == nil)
        #expect(queue.next() == nil)
        #expect(queue.count == 0)
    }

    @Test func dialsAreLimitedInAllAndForEachHost() throws {
        var queue = queue { configuration in
            configuration.dialCountMax = 4
            configuration.dialCountPerAddressMax = 2
        }
        // Three at one IPv4 address, two in one /64, one by name.
        let places = try [
            "/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/2", "/ip4/10.0.0.1/tcp/3", "/ip6/2001:db8::1/tcp/1",
            "/ip6/2001:db8::2/tcp/1", "/dns/node.example/tcp/1",
        ].map { try Multiaddr($0) }
        for (peer, place) in zip(peers, places) { #expect(queue.add(peer, [place]) == true) }
        var begun: [PeerID] = []
        while let attempt = queue.next() { begun.append(attempt.peer) }
        #expect(begun == [peers[0], peers[1], peers[3], peers[4]])
        _ = queue.finished(peers[3], succeeded: true)
        // The third of the first host still waits for its host.
        #expect(queue.next()?.peer == peers[5])
        _ = queue.finished(peers[0], succeeded: true)
        #expect(queue.next()?.peer == peers[2])
    }

    @Test func thereIsNoRoomForAnyNumber() {
        var queue = queue { configuration in
            configuration.waitingDialCountMax = 2
            configuration.dialAddressCountMax = 3
        }
        #expect(queue.add(peers[1], addresses) == true)
        #expect(queue.add(peers[1], addresses) == true, "it is in line already")
        #expect(queue.add(peers[2], addresses) == true)
        #expect(queue.add(peers[3], addresses) == false)
        #expect(queue.add(peers[4], []) == false, "nowhere to dial")
        #expect(queue.count == 2)
        for _ in 0..<2 {
            #expect(queue.next()?.peer == peers[1])
            #expect(queue.finished(peers[1], succeeded: false) == nil)
        }
        #expect(queue.next()?.peer == peers[1])
        #expect(queue.finished(peers[1], succeeded: false) == Array(addresses.prefix(3)))
    }

    @Test func aPeerThatConnectedItselfIsDialledNoFurther() {
        var queue = queue()
        #expect(queue.add(peers[1], addresses) == true)
        queue.remove(peers[1])
        #expect(queue.next() == nil)
        #expect(queue.add(peers[2], addresses) == true)
        _ = queue.next()
        queue.remove(peers[2])
        #expect(queue.finished(peers[2], succeeded: false) == [addresses[0]])
        #expect(queue.next() == nil)
    }
}
