import CryptoCore
import Gossip
import PeerProtocols

/// Many routers in one process and in virtual time, on links with 50 to 150 ms of latency.
///
/// Everything comes from the seed, so a run can be repeated.
struct VirtualNetwork {
    /// What a node that follows no protocol does with what it is sent.
    typealias Adversary = (_ rpc: GossipRPC, _ from: Int) -> [GossipRPC]

    let topic = GossipTests.topic("t")
    private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000_000)
    private(set) var routers: [GossipRouter] = []
    /// For each node, when each message was first there.
    private(set) var arrivals: [[MessageID: MonotonicInstant]] = []
    /// The nodes without a router, and what they do.
    var adversaries: [Int: Adversary] = [:]
    /// What honest nodes say of messages.
    var verdict: (GossipMessage) -> ValidationVerdict = { _ in .accept }
    /// The bytes of all RPCs that were sent, and a hash of all that happened.
    private(set) var byteCount = 0
    private(set) var trace: UInt64 = 14_695_981_039_346_656_037

    private var random: BlockPRG
    private var identities: [PeerIdentity] = []
    private var numbers: [PeerID: Int] = [:]
    private var links: [Set<Int>] = []
    private var busyUntil: [Link: MonotonicInstant] = [:]
    /// Whether RPCs cross links as bytes, and how many did not arrive as they were sent.
    var encodes = false
    private(set) var garbledCount = 0
    /// What a node sends in a second; messages of one node leave one after the other, control entries at once.
    var bytesPerSecond: Int?
    private var uplinkBusyUntil: [Int: MonotonicInstant] = [:]
    private var events = EventQueue()

    private struct Link: Hashable {
        let from: Int
        let to: Int
        let hasMessages: Bool
    }

    init(
        _ count: Int,
        adversaries: [Int: Adversary] = [:],
        seed: UInt64 = 1,
        _ change: (inout GossipConfiguration, Int) -> Void = { _, _ in }
    ) throws {
        random = BlockPRG(seed: Block(seed, 99))
        self.adversaries = adversaries
        for number in 0..<count {
            let identity = identity(UInt64(1_000 + number))
            var configuration = GossipConfiguration()
            configuration.scoring.topics[topic] = TopicScoreParameters()
            change(&configuration, number)
            identities.append(identity)
            numbers[identity.id] = number
            links.append([])
            arrivals.append([:])
            routers.append(
                try GossipRouter(
                    identity: identity,
                    configuration: configuration,
                    seed: Block(seed, UInt64(number)),
                    firstSequenceNumber: 1,
                    now: now
                )
            )
            if adversaries[number] == nil {
                events.insert(.wake(number), at: routers[number].nextWake)
                perform(number) { router, topic, now in router.join(topic, now: now) }
            }
        }
    }

    func id(_ number: Int) -> PeerID { identities[number].id }
    func identityOf(_ number: Int) -> PeerIdentity { identities[number] }
    var honest: [Int] { routers.indices.filter { adversaries[$0] == nil } }

    /// Every node dials some random others.
    mutating func connectRandomly(dials: Int, version: GossipVersion = .v1_2) {
        for number in routers.indices {
            for other in routers.indices.filter({ $0 != number }).shuffled(using: &random).prefix(dials) {
                connect(number, to: other, version: version)
            }
        }
    }

    mutating func connect(_ number: Int, to other: Int, version: GossipVersion = .v1_2) {
        guard number != other, links[number].insert(other).inserted else { return }
        links[other].insert(number)
        for (here, there, isOutbound) in [(number, other, true), (other, number, false)] where adversaries[here] == nil
        {
            let peer = id(there)
            perform(here) { router, _, now in
                router.connect(peer, version: version, isOutbound: isOutbound, group: nil, now: now)
            }
        }
        for (here, there) in [(number, other), (other, number)] where adversaries[here] != nil {
            send(GossipRPC(subscriptions: [.init(topic: topic, isJoined: true)]), from: here, to: there)
        }
    }

    mutating func disconnect(_ number: Int, _ other: Int) {
        guard links[number].remove(other) != nil else { return }
        links[other].remove(number)
        if adversaries[number] == nil { routers[number].disconnect(id(other), now: now) }
        if adversaries[other] == nil { routers[other].disconnect(id(number), now: now) }
    }

    func neighbours(of number: Int) -> [Int] { links[number].sorted() }

    /// Lets a node publish; the message counts as arrived there.
    mutating func publish(_ text: String, at number: Int, byteCount: Int = 0) throws -> MessageID {
        let data = Array(text.utf8) + [UInt8](repeating: 0x2e, count: byteCount)
        let (id, effects) = try routers[number].publish(data, to: topic, now: now)
        arrivals[number][id] = now
        handle(effects, at: number)
        return id
    }

    /// Lets `duration` pass.
    mutating func pass(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let (event, time) = events.takeFirst(until: end) {
            now = time
            switch event {
            case .wake(let number):
                perform(number) { router, _, now in router.advance(to: now) }
                events.insert(.wake(number), at: routers[number].nextWake)
            case .arrive(let rpc, let from, let to):
                guard links[to].contains(from) else { continue }
                mix(UInt64(from), UInt64(to), now.nanoseconds, UInt64(rpc.byteCountBound))
                if let adversary = adversaries[to] {
                    for answer in adversary(rpc, from) { send(answer, from: to, to: from) }
                } else {
                    let peer = id(from)
                    perform(to) { router, _, now in router.receive(rpc, from: peer, now: now) }
                }
            }
        }
        now = end
    }

    /// Puts an RPC on a link; what is on a link keeps its order.
    mutating func send(_ rpc: GossipRPC, from: Int, to: Int) {
        guard links[from].contains(to) else { return }
        byteCount += rpc.byteCountBound
        if encodes {
            var decoder = GossipFrameDecoder(limits: GossipLimits())
            decoder.append(rpc.frame)
            if (try? decoder.next()) != rpc || decoder.bufferedByteCount != 0 { garbledCount += 1 }
        }
        var departure = now
        if let bytesPerSecond, !rpc.messages.isEmpty {
            let duration = Duration.seconds(1) * rpc.byteCountBound / bytesPerSecond
            departure = max(now, uplinkBusyUntil[from] ?? now).advanced(by: duration)
            uplinkBusyUntil[from] = departure
        }
        let link = Link(from: from, to: to, hasMessages: !rpc.messages.isEmpty)
        let latency = Duration.microseconds(Int64.random(in: 50_000...150_000, using: &random))
        let arrival = max(departure.advanced(by: latency), busyUntil[link] ?? now)
        busyUntil[link] = arrival
        events.insert(.arrive(rpc, from: from, to: to), at: arrival)
    }

    /// The share of `nodes` at which a message arrived.
    func delivery(of id: MessageID, to nodes: [Int]) -> Double {
        Double(nodes.count { arrivals[$0][id] != nil }) / Double(nodes.count)
    }

    /// Sums a figure over the honest nodes.
    func sum(_ figure: (GossipStatistics) -> Int) -> Int { honest.reduce(0) { $0 + figure(routers[$1].statistics) } }

    private mutating func perform(
        _ number: Int,
        _ event: (inout GossipRouter, GossipTopic, MonotonicInstant) -> [GossipEffect]
    ) {
        handle(event(&routers[number], topic, now), at: number)
    }

    private mutating func handle(_ effects: [GossipEffect], at number: Int) {
        for effect in effects {
            switch effect {
            case .send(let rpc, let peer):
                if let other = numbers[peer] { send(rpc, from: number, to: other) }
            case .validate(let message, let id, _):
                let verdict = verdict(message)
                if verdict == .accept { arrivals[number][id] = now }
                perform(number) { router, _, now in router.report(verdict, of: id, now: now) }
            case .connect(let peer, _):
                if let other = numbers[peer] { connect(number, to: other) }
            case .disconnect: break
            }
        }
    }

    private mutating func mix(_ values: UInt64...) {
        for value in values { trace = (trace ^ value) &* 1_099_511_628_211 }
    }
}

/// What will happen, in the order of times and then of insertion.
private struct EventQueue {
    enum Event {
        case wake(Int)
        case arrive(GossipRPC, from: Int, to: Int)
    }

    private var heap: [(time: MonotonicInstant, serial: Int, event: Event)] = []
    private var serial = 0

    mutating func insert(_ event: Event, at time: MonotonicInstant) {
        heap.append((time, serial, event))
        serial += 1
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func takeFirst(until end: MonotonicInstant) -> (Event, MonotonicInstant)? {
        guard let first = heap.first, first.time <= end else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.event, first.time)
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].serial) < (heap[right].time, heap[right].serial)
    }
}
