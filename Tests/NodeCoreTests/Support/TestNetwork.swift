import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records

/// Nodes with disks on links with a fixed latency, in virtual time.
struct TestNetwork {
    /// One machine of the network.
    struct Member {
        let key: Secp256k1PrivateKey
        let disk: MemoryDisk
        var configuration: NodeConfiguration
        /// nil while the node is down.
        var store: MemoryStore?
        var machine: NodeMachine?
        /// Events for an earlier run are lost.
        var generation = 0
        var notices: [NodeNotice] = []
        var answers: [UInt64: SigningAnswer] = [:]
        /// Where each stream leads: the other node and the stream's name there.
        var streams: [StreamID: (node: Int, stream: StreamID)] = [:]
        var nextStream: UInt64 = 0
        var wakeAt: MonotonicInstant?
    }

    private enum Happening {
        case event(NodeEvent)
        case write(WriteBatch, Bool, CommitToken)
    }

    private(set) var now: NodeInstant
    private(set) var members: [Member] = []
    private(set) var links: Set<Set<Int>> = []
    /// A digest of everything that happened.
    private(set) var trace = Keccak256()
    var latency = Duration.milliseconds(20)
    var commitDuration = Duration.milliseconds(5)
    /// Whether dials are followed; the nodes listen at 127.0.0.1, port 10,000 and their number.
    var dials = false

    private var queue: [(time: UInt64, order: Int, node: Int, generation: Int, happening: Happening)] = []
    private var nextOrder = 0
    private var nextRequest: UInt64 = 0
    private let check = SharedRecordCheck()
    private let entries = SharedEntries()

    init(
        _ count: Int,
        discovers: Bool = false,
        _ change: (inout NodeConfiguration, Int) -> Void = { _, _ in }
    ) throws {
        now = SoloNode.start
        for number in 0..<count {
            var configuration = NodeConfiguration(network: RecordSamples().network)
            if !discovers { configuration.discovery = nil }
            configuration.recordCheck = check
            configuration.recordEntries = entries
            configuration.gossip.scoring.isLoopbackExempt = true
            change(&configuration, number)
            members.append(Member(key: try RecordSamples.key(number), disk: MemoryDisk(), configuration: configuration))
        }
        for number in 0..<count { try start(number) }
    }

    // MARK: Nodes

    static func address(_ node: Int) throws -> Multiaddr { try Multiaddr("/ip4/127.0.0.1/tcp/\(10_000 + node)") }

    func id(_ node: Int) -> PeerID { PeerID(publicKey: members[node].key.publicKey) }

    /// Starts a node that is down.
    mutating func start(_ node: Int) throws {
        let member = members[node]
        let store = try MemoryStore(member.disk, layout: NodeStore.layout(network: member.configuration.network))
        members[node].store = store
        members[node].machine = try NodeMachine(
            configuration: member.configuration,
            key: member.key,
            store: store,
            seed: Block(UInt64(node), UInt64(member.generation)),
            now: now
        )
        handle(.started(listening: [try Self.address(node)]), at: node)
    }

    /// The process dies; of what was not synced a random part is lost if the power fails, too.
    mutating func crash(_ node: Int, losesPower: Bool, random: inout BlockPRG) {
        for link in links where link.contains(node) {
            links.remove(link)
            for other in link where other != node { cut(other, from: node) }
        }
        if losesPower {
            members[node].disk.losePower(random: &random)
        } else {
            members[node].disk.killProcess()
        }
        members[node].generation += 1
        members[node].store = nil
        members[node].machine = nil
        members[node].streams = [:]
        members[node].wakeAt = nil
    }

    // MARK: Links

    mutating func connect(_ node: Int, _ other: Int) throws {
        guard node != other, members[node].machine != nil, members[other].machine != nil,
            links.insert([node, other]).inserted
        else { return }
        for (here, there, isOutbound) in [(node, other, true), (other, node, false)] {
            let link = PeerLink(address: try Self.address(there), isOutbound: isOutbound)
            handle(.connected(id(there), link), at: here)
        }
        for (here, there) in [(node, other), (other, node)] {
            guard let machine = members[there].machine else { continue }
            let names =
                machine.framedProtocols.map(\.name) + GossipVersion.allCases.compactMap { ProtocolName($0.rawValue) }
            let identification = PeerIdentification(
                agentVersion: "test",
                protocolVersion: machine.configuration.protocolVersion,
                protocols: Set(names),
                listenAddresses: [try Self.address(there)],
                signedRecord: machine.signedPeerRecord
            )
            schedule(.event(.identified(id(there), identification)), at: here, after: latency)
        }
    }

    mutating func disconnect(_ node: Int, _ other: Int) {
        guard links.remove([node, other]) != nil else { return }
        cut(node, from: other)
        cut(other, from: node)
    }

    private mutating func cut(_ node: Int, from other: Int) {
        members[node].streams = members[node].streams.filter { $0.value.node != other }
        handle(.disconnected(id(other)), at: node)
    }

    // MARK: What tests ask for

    /// Has a node attest a session; the answer arrives in ``Member/answers``.
    @discardableResult
    mutating func attest(session: Int, at node: Int, variant: Int = 0) throws -> UInt64 {
        nextRequest += 1
        let header = try RecordSamples().header(
            notary: members[node].key.ethereumAddress,
            session: session,
            at: now.unixMilliseconds,
            variant: variant
        )
        let request = SigningRequestID(number: nextRequest)
        handle(.attestationRequested(request, header, contextText: nil), at: node)
        return nextRequest
    }

    /// The ids of the notarizations of a node, oldest first.
    func storedIDs(_ node: Int) throws -> [AttestationID] {
        try members[node].store?
            .records(in: NodeStore.notarizationsByTime, limit: ScanLimit(count: 100_000, byteCount: 1 << 30))
            .records.map(\.key.id) ?? []
    }

    /// Lets `duration` pass.
    mutating func pass(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let next = nextHappening(until: end.monotonic) {
            let elapsed = Duration.nanoseconds(
                Int64(next.time > now.monotonic.nanoseconds ? next.time - now.monotonic.nanoseconds : 0)
            )
            now = now.advanced(by: elapsed)
            guard members[next.node].generation == next.generation else { continue }
            switch next.happening {
            case .event(.timeReached):
                members[next.node].wakeAt = nil
                handle(.timeReached, at: next.node)
            case .event(let event): handle(event, at: next.node)
            case .write(let batch, let sync, let token):
                do throws(StorageError) {
                    try members[next.node].store?.write(batch, sync: sync)
                    handle(.committed(through: token), at: next.node)
                } catch {
                    handle(.commitFailed(token, error), at: next.node)
                }
            }
        }
        now = end
    }

    // MARK: The driver

    private mutating func nextHappening(
        until end: MonotonicInstant
    ) -> (time: UInt64, node: Int, generation: Int, happening: Happening)? {
        guard let first = queue.last, first.time <= end.nanoseconds else { return nil }
        queue.removeLast()
        return (first.time, first.node, first.generation, first.happening)
    }

    private mutating func schedule(_ happening: Happening, at node: Int, after delay: Duration) {
        insert(happening, at: node, time: now.monotonic.advanced(by: delay).nanoseconds)
    }

    /// The queue ends with what comes first.
    private mutating func insert(_ happening: Happening, at node: Int, time: UInt64) {
        nextOrder += 1
        var low = 0
        var high = queue.count
        while low < high {
            let middle = (low + high) / 2
            if queue[middle].time > time { low = middle + 1 } else { high = middle }
        }
        queue.insert((time, nextOrder, node, members[node].generation, happening), at: low)
    }

    private func node(of peer: PeerID) -> Int? { members.indices.first { id($0) == peer } }

    private mutating func handle(_ event: NodeEvent, at node: Int) {
        guard let effects = members[node].machine?.handle(event, now: now) else { return }
        for effect in effects { perform(effect, at: node) }
        guard let wake = members[node].machine?.nextWake, members[node].wakeAt.map({ wake < $0 }) ?? true else {
            return
        }
        members[node].wakeAt = wake
        insert(.event(.timeReached), at: node, time: max(wake.nanoseconds, now.monotonic.nanoseconds + 1))
    }

    private mutating func perform(_ effect: NodeEffect, at node: Int) {
        trace.update("\(now.monotonic.nanoseconds) \(node) \(Self.name(effect))".utf8)
        switch effect {
        case .commit(let batch, let sync, let token):
            schedule(.write(batch, sync, token), at: node, after: commitDuration)
        case .dial(let peer, let addresses): dial(peer, addresses, from: node)
        case .disconnect(let peer, _): if let other = self.node(of: peer) { disconnect(node, other) }
        case .openGossip(let peer):
            guard let other = linked(peer, node) else { return }
            schedule(.event(.gossipOpened(id(other), .v1_2)), at: node, after: latency * 2)
        case .sendGossip(let rpc, let peer):
            guard let other = linked(peer, node) else { return }
            schedule(.event(.gossipReceived(rpc, from: id(node))), at: other, after: latency)
        case .openStream(let stream, let peer, let name): open(stream, to: peer, name, from: node)
        case .sendFrame(let frame, let stream):
            guard let (other, there) = members[node].streams[stream] else { return }
            schedule(.event(.frameReceived(there, frame)), at: other, after: latency)
        case .closeStream(let stream, let end):
            guard let (other, there) = members[node].streams.removeValue(forKey: stream) else { return }
            members[other].streams[there] = nil
            schedule(.event(.streamClosed(there, end == .finished ? .finished : .reset)), at: other, after: latency)
        case .answer(let request, let answer): members[node].answers[request.number] = answer
        case .notify(let notice): members[node].notices.append(notice)
        }
    }

    private func linked(_ peer: PeerID, _ node: Int) -> Int? {
        guard let other = self.node(of: peer), links.contains([node, other]) else { return nil }
        return other
    }

    private mutating func open(_ stream: StreamID, to peer: PeerID, _ name: ProtocolName, from node: Int) {
        guard let other = linked(peer, node),
            members[other].machine?.framedProtocols.contains(where: { $0.name == name }) == true
        else { return schedule(.event(.streamClosed(stream, .reset)), at: node, after: latency) }
        let there = StreamID(opener: .peer, number: members[other].nextStream)
        members[other].nextStream += 1
        members[node].streams[stream] = (other, there)
        members[other].streams[there] = (node, stream)
        schedule(.event(.streamOpened(there, id(node), name)), at: other, after: latency)
        schedule(.event(.streamOpened(stream, peer, name)), at: node, after: latency * 2)
    }

    private mutating func dial(_ peer: PeerID, _ addresses: [Multiaddr], from node: Int) {
        let target = addresses.lazy.compactMap { address -> Int? in
            guard case .tcp(let port) = address.withoutPeerID.components.last else { return nil }
            return Int(port) - 10_000
        }.first
        if dials, let target, members.indices.contains(target), id(target) == peer, members[target].machine != nil,
            (try? connect(node, target)) != nil
        {
            return
        }
        schedule(.event(.dialFailed(peer, addresses)), at: node, after: latency)
    }

    /// What an effect is, and how much of it there is.
    private static func name(_ effect: NodeEffect) -> String {
        switch effect {
        case .commit(let batch, let sync, let token): "commit \(token.number) \(sync) \(batch.changes.map(\.key))"
        case .dial(let peer, let addresses): "dial \(peer) \(addresses)"
        case .disconnect(let peer, let reason): "disconnect \(peer) \(reason)"
        case .openGossip(let peer): "openGossip \(peer)"
        case .sendGossip(let rpc, let peer): "gossip \(rpc.encoded) to \(peer)"
        case .openStream(let stream, let peer, let name): "open \(stream) \(peer) \(name)"
        case .sendFrame(let frame, let stream): "frame \(frame) \(stream)"
        case .closeStream(let stream, let end): "close \(stream) \(end)"
        case .answer(let request, _): "answer \(request)"
        case .notify: "notify"
        }
    }
}
