import CryptoCore
import Discovery
import PeerProtocols

/// Many nodes in one process and in virtual time, on links with 20 to 80 ms of latency.
///
/// Everything comes from the seed, so a run can be repeated.
struct VirtualNetwork {
    /// What a node that follows no protocol answers to a request for a key.
    typealias Adversary = (_ key: [UInt8], _ from: Int) -> KademliaMessage

    private(set) var now = instant(0)
    private(set) var nodes: [Node] = []
    /// What the nodes that lie do.
    var adversaries: [Int: Adversary] = [:]
    /// Where invented peers answer dials: all of them, with the same lies.
    var inventedPeers: [PeerEndpoint: Adversary] = [:]
    /// How lookups ended.
    private(set) var ended: [Ended] = []
    private(set) var offences: [DiscoveryOffence] = []
    private(set) var stored: [Int: [PeerID: AddressBookEntry]] = [:]
    private(set) var requestCount = 0
    private(set) var byteCount = 0
    private(set) var trace: UInt64 = 14_695_981_039_346_656_037
    private var random: BlockPRG
    private var numbers: [PeerID: Int] = [:]
    private var events = EventQueue()

    struct Node {
        var discovery: PeerDiscovery
        let id: PeerID
        let endpoint: PeerEndpoint
        var isUp = true
        /// The peers connected, and for each whether this side dialled; invented ones have no number.
        var links: [PeerID: Int?] = [:]
        var wakesAt: MonotonicInstant?
    }

    struct Ended {
        let node: Int
        let number: LookupNumber
        let goal: LookupGoal
        let result: LookupResult
    }

    init(seed: UInt64) {
        random = BlockPRG(seed: Block(seed, 77))
    }

    /// Adds a node; each has a network of its own unless `place` says otherwise.
    @discardableResult
    mutating func add(
        place: PeerEndpoint? = nil,
        id: PeerID? = nil,
        stored: [AddressBookEntry] = [],
        bootstrap: [Int] = [],
        _ change: (inout DiscoveryConfiguration) -> Void = { _ in }
    ) throws -> Int {
        let number = nodes.count
        let id = id ?? peer(UInt64(number), salt: 0xb007)
        let place = place ?? Self.place(number)
        var configuration = DiscoveryConfiguration()
        configuration.bootstrap = bootstrap.map { nodes[$0].endpoint.address.with(nodes[$0].id) }
        change(&configuration)
        var discovery = try PeerDiscovery(
            ownID: id,
            configuration: configuration,
            stored: stored,
            seed: Block(UInt64(number), 5),
            now: now,
            time: time(now.nanoseconds / 1_000_000)
        )
        discovery.ownEndpoints = [place]
        nodes.append(Node(discovery: discovery, id: id, endpoint: place))
        numbers[id] = number
        perform(number) { discovery, now in discovery.advance(to: now) }
        return number
    }

    static func place(_ number: Int) -> PeerEndpoint {
        endpoint("/ip4/\(20 + number / 200).\(number % 200).1.1/tcp/4001")
    }

    /// Starts a search; its end is in ``ended``.
    mutating func find(_ goal: LookupGoal, at number: Int) -> LookupNumber? {
        var lookup: LookupNumber?
        perform(number) { discovery, now in
            let (number, effects) = discovery.find(goal, now: now)
            lookup = number
            return effects
        }
        return lookup
    }

    /// Searches and lets time pass until the search ends; nil if it does not within its time.
    mutating func search(_ goal: LookupGoal, at number: Int) -> LookupResult? {
        let lookup = find(goal, at: number)
        for _ in 0..<130 {
            if let end = ended.last(where: { $0.node == number && $0.number == lookup }) { return end.result }
            pass(.milliseconds(500))
        }
        return nil
    }

    /// Lets a node handle an event of the application.
    mutating func perform(
        _ number: Int,
        _ event: (inout PeerDiscovery, MonotonicInstant) -> [DiscoveryEffect]
    ) {
        let effects = event(&nodes[number].discovery, now)
        handle(effects, at: number)
        let wake = nodes[number].discovery.nextWake
        if nodes[number].wakesAt.map({ wake < $0 }) ?? true {
            nodes[number].wakesAt = wake
            events.insert(.wake(number), at: max(wake, now))
        }
    }

    /// An invented peer connects to a node, says that it is a server, and answers with lies.
    mutating func knock(at number: Int, as invented: KademliaMessage.Peer, _ adversary: @escaping Adversary) {
        guard let place = invented.endpoints.first, nodes[number].links[invented.id] == nil else { return }
        inventedPeers[place] = adversary
        nodes[number].links[invented.id] = .some(nil)
        perform(number) { discovery, now in
            discovery.connected(invented.id, address: place.address, isOutbound: false, now: now)
        }
        guard nodes[number].links[invented.id] != nil else { return }
        perform(number) { discovery, now in
            discovery.identified(
                invented.id,
                protocols: discovery.configuration.protocols,
                listenAddresses: [place.address],
                now: now
            )
        }
    }

    /// Takes a node away without a word.
    mutating func kill(_ number: Int) {
        nodes[number].isUp = false
        for case let (_, other?) in nodes[number].links { drop(number, other) }
        nodes[number].links = [:]
    }

    /// Closes all connections of a node.
    mutating func disconnectAll(_ number: Int) {
        for (peer, other) in nodes[number].links.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
            if let other {
                drop(number, other)
            } else {
                nodes[number].links[peer] = nil
                perform(number) { discovery, now in discovery.disconnected(peer, now: now) }
            }
        }
    }

    /// Lets `duration` pass.
    mutating func pass(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let (event, time) = events.takeFirst(until: end) {
            now = time
            handle(event)
        }
        now = end
    }

    private mutating func handle(_ event: EventQueue.Event) {
        switch event {
        case .wake(let number):
            guard nodes[number].isUp, nodes[number].wakesAt.map({ $0 <= now }) == true else { return }
            nodes[number].wakesAt = nil
            perform(number) { discovery, now in discovery.advance(to: now) }
        case .dialled(let number, let peer, let addresses): arrive(number, peer, addresses)
        case .dialFailed(let number, let peer):
            guard nodes[number].isUp else { return }
            perform(number) { discovery, now in discovery.dialFailed(peer, now: now) }
        case .identify(let number, let other):
            guard nodes[number].links[nodes[other].id] != nil else { return }
            let (peer, place) = (nodes[other].id, nodes[other].endpoint)
            let isServer = nodes[other].discovery.configuration.mode == .server
            perform(number) { discovery, now in
                discovery.identified(
                    peer,
                    protocols: isServer ? discovery.configuration.protocols : [],
                    listenAddresses: [place.address],
                    now: now
                )
            }
        case .request(let number, let other, let bytes): serve(bytes, from: number, at: other)
        case .requestOfInvented(let number, let peer, let place, let bytes):
            guard let adversary = inventedPeers[place], let request = read(bytes) else { return }
            deliver(adversary(request.key, number).encoded, from: peer, to: number)
        case .response(let number, let peer, let bytes):
            guard nodes[number].isUp, nodes[number].links[peer] != nil else { return }
            perform(number) { discovery, now in discovery.receive(response: bytes, from: peer, now: now) }
        case .requestFailed(let number, let peer):
            guard nodes[number].isUp, nodes[number].links[peer] != nil else { return }
            perform(number) { discovery, now in discovery.requestFailed(peer, now: now) }
        }
    }

    private mutating func handle(_ effects: [DiscoveryEffect], at number: Int) {
        for effect in effects {
            switch effect {
            case .dial(let peer, let addresses):
                events.insert(.dialled(number, peer, addresses), at: later())
            case .disconnect(let peer, _):
                if let other = nodes[number].links[peer] ?? nil {
                    drop(number, other)
                } else {
                    nodes[number].links[peer] = nil
                    perform(number) { discovery, now in discovery.disconnected(peer, now: now) }
                }
            case .request(let bytes, let peer):
                requestCount += 1
                byteCount += bytes.count
                mix(UInt64(number), now.nanoseconds, UInt64(bytes.count))
                guard let link = nodes[number].links[peer] else { continue }
                if let other = link {
                    events.insert(.request(number, other, bytes), at: later())
                } else if let place = nodes[number].discovery.connections[peer]?.endpoint {
                    events.insert(.requestOfInvented(number, peer, place, bytes), at: later())
                }
            case .cancelRequest: break
            case .lookupEnded(let lookup, let goal, let result):
                ended.append(Ended(node: number, number: lookup, goal: goal, result: result))
            case .penalize(_, let offence): offences.append(offence)
            case .store(.store(let entry)): stored[number, default: [:]][entry.peer] = entry
            case .store(.remove(let peer)): stored[number]?[peer] = nil
            }
        }
    }

    /// A dial arrives where it goes to.
    private mutating func arrive(_ number: Int, _ peer: PeerID, _ addresses: [Multiaddr]) {
        guard nodes[number].isUp else { return }
        let places = addresses.compactMap { PeerEndpoint($0) }
        if let place = places.first(where: { inventedPeers[$0] != nil }), numbers[peer] == nil {
            nodes[number].links[peer] = .some(nil)
            perform(number) { discovery, now in
                discovery.connected(peer, address: place.address, isOutbound: true, now: now)
            }
            return
        }
        guard let other = numbers[peer], nodes[other].isUp, other != number,
            let place = places.first(where: { $0 == nodes[other].endpoint }), nodes[number].links[peer] == nil
        else {
            // Nobody answers at a dead address, and whoever has another key cannot finish the handshake.
            events.insert(.dialFailed(number, peer), at: now.advanced(by: .seconds(2)))
            return
        }
        let (id, from) = (nodes[number].id, nodes[number].endpoint)
        nodes[number].links[peer] = other
        nodes[other].links[id] = number
        perform(number) { discovery, now in
            discovery.connected(peer, address: place.address, isOutbound: true, now: now)
        }
        // The other side sees the machine, not the port that it listens on.
        let remote = PeerEndpoint(host: from.host, port: 50_000).address
        perform(other) { discovery, now in
            discovery.connected(id, address: remote, isOutbound: false, now: now)
        }
        events.insert(.identify(number, other), at: later())
        events.insert(.identify(other, number), at: later())
    }

    private mutating func serve(_ bytes: [UInt8], from number: Int, at other: Int) {
        guard nodes[other].isUp, nodes[number].links[nodes[other].id] != nil else { return }
        let peer = nodes[other].id
        if let adversary = adversaries[other], let request = read(bytes) {
            return deliver(adversary(request.key, number).encoded, from: peer, to: number)
        }
        switch nodes[other].discovery.receive(request: bytes, from: nodes[number].id, now: now) {
        case .reply(let answer): deliver(answer, from: peer, to: number)
        case .none, .reset: events.insert(.requestFailed(number, peer), at: later())
        }
    }

    private mutating func deliver(_ bytes: [UInt8], from peer: PeerID, to number: Int) {
        byteCount += bytes.count
        events.insert(.response(number, peer, bytes), at: later())
    }

    private func read(_ bytes: [UInt8]) -> KademliaMessage? {
        try? KademliaMessage(decoding: bytes, limits: KademliaLimits())
    }

    /// Ends the connection of two nodes.
    private mutating func drop(_ number: Int, _ other: Int) {
        let (id, peer) = (nodes[number].id, nodes[other].id)
        guard nodes[number].links.removeValue(forKey: peer) != nil else { return }
        nodes[other].links[id] = nil
        perform(number) { discovery, now in discovery.disconnected(peer, now: now) }
        perform(other) { discovery, now in discovery.disconnected(id, now: now) }
    }

    private mutating func later() -> MonotonicInstant {
        now.advanced(by: .microseconds(Int64.random(in: 20_000...80_000, using: &random)))
    }

    private mutating func mix(_ values: UInt64...) {
        for value in values { trace = (trace ^ value) &* 1_099_511_628_211 }
    }
}

/// What will happen, in the order of times and then of insertion.
private struct EventQueue {
    enum Event {
        case wake(Int)
        case dialled(Int, PeerID, [Multiaddr])
        case dialFailed(Int, PeerID)
        case identify(Int, Int)
        case request(Int, Int, [UInt8])
        case requestOfInvented(Int, PeerID, PeerEndpoint, [UInt8])
        case response(Int, PeerID, [UInt8])
        case requestFailed(Int, PeerID)
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
