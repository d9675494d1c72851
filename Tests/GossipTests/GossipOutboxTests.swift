import Gossip
import Testing

struct GossipOutboxTests {
    private func message(_ number: UInt8, byteCount: Int = 1_000) -> GossipMessage {
        GossipMessage(
            topic: topic("t"),
            data: [UInt8](repeating: number, count: byteCount),
            source: nil,
            sequenceNumber: 1
        )
    }

    @Test func meshEntriesGoFirstAndOrderIsKeptOtherwise() {
        var outbox = GossipOutbox()
        #expect(outbox.append(GossipRPC(messages: [message(1)])) == .queued)
        #expect(outbox.append(GossipRPC(messages: [message(2)], graft: [topic("a")])) == .queued)
        #expect(
            outbox.append(GossipRPC(have: [.init(topic: topic("t"), ids: [id("i")])], graft: [topic("b")])) == .queued
        )
        #expect(outbox.next() == GossipRPC(graft: [topic("a")]))
        #expect(outbox.next() == GossipRPC(graft: [topic("b")]))
        #expect(outbox.next() == GossipRPC(messages: [message(1)]))
        #expect(outbox.next() == GossipRPC(messages: [message(2)]))
        #expect(outbox.next()?.have.count == 1)
        #expect(outbox.next() == nil && outbox.byteCount == 0)
    }

    @Test func slowReadersLoseMessagesButNotTheMesh() {
        var outbox = GossipOutbox(bulkByteCountMax: 5_000, urgentByteCountMax: 10_000)
        var outcomes: [GossipOutbox.Outcome] = []
        for number in 0..<50 as Range<UInt8> {
            outcomes.append(outbox.append(GossipRPC(messages: [message(number)], prune: [.init(topic: topic("t"))])))
            #expect(outbox.byteCount <= 15_000)
        }
        #expect(outcomes.prefix(4).allSatisfy { $0 == .queued })
        #expect(outcomes.dropFirst(4).allSatisfy { $0 == .dropped })
        var prunes = 0
        while let rpc = outbox.next() { prunes += rpc.prune.count }
        #expect(prunes == 50)
        #expect(outbox.byteCount == 0)
        var last = GossipOutbox.Outcome.queued
        for _ in 0..<1_000 { last = outbox.append(GossipRPC(graft: [topic("t")])) }
        #expect(last == .overflow)
        #expect(outbox.byteCount <= 15_000)
    }

    @Test func unwantedMessagesAreTakenOut() {
        var outbox = GossipOutbox()
        for number in 0..<100 as Range<UInt8> { _ = outbox.append(GossipRPC(messages: [message(number)])) }
        #expect(outbox.removeMessages { $0.data.first?.isMultiple(of: 2) == true } == 50)
        var left: [UInt8] = []
        while let rpc = outbox.next() { left += rpc.messages.compactMap(\.data.first) }
        #expect(left == (0..<100 as Range<UInt8>).filter { !$0.isMultiple(of: 2) })
        #expect(outbox.byteCount == 0)
    }
}
