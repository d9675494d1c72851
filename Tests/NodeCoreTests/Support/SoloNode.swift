import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records

/// One node, its disk, and a driver that does only what the test wants.
struct SoloNode {
    static let start = NodeInstant(
        monotonic: MonotonicInstant(nanoseconds: 1_000_000_000_000),
        unixMilliseconds: 1_760_000_000_000
    )

    let key: Secp256k1PrivateKey
    let disk: MemoryDisk
    var configuration: NodeConfiguration
    private(set) var store: MemoryStore
    private(set) var machine: NodeMachine
    var now: NodeInstant
    /// Whether commits are written and reported at once; otherwise they wait in ``held``.
    var commitsAtOnce = true
    /// Commits that the test has to do.
    private(set) var held: [(batch: WriteBatch, sync: Bool, token: CommitToken)] = []
    /// All effects since the test took them last.
    private(set) var effects: [NodeEffect] = []

    /// A node that has started, alone.
    init(
        notary: Int = 0,
        disk: MemoryDisk = MemoryDisk(),
        seed: UInt64 = 1,
        now: NodeInstant = Self.start,
        discovers: Bool = false,
        _ change: (inout NodeConfiguration) -> Void = { _ in }
    ) throws {
        key = try RecordSamples.key(notary)
        self.disk = disk
        configuration = NodeConfiguration(network: RecordSamples().network)
        if !discovers { configuration.discovery = nil }
        change(&configuration)
        self.now = now
        store = try MemoryStore(disk, layout: NodeStore.layout(network: configuration.network))
        machine = try NodeMachine(
            configuration: configuration,
            key: key,
            store: store,
            seed: Block(seed, 7),
            now: now
        )
        bring(.started(listening: []))
    }

    /// Brings an event, and does what has to be done at once.
    mutating func bring(_ event: NodeEvent) {
        take(machine.handle(event, now: now))
    }

    /// Takes the effects out.
    mutating func takeEffects() -> [NodeEffect] {
        defer { effects = [] }
        return effects
    }

    /// Lets time pass in steps of the router's heartbeat.
    mutating func pass(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while machine.nextWake <= end.monotonic {
            let step = Duration.nanoseconds(Int64(machine.nextWake.nanoseconds(since: now.monotonic)))
            now = now.advanced(by: step)
            // Rounding must not stop the clock.
            if now.monotonic < machine.nextWake { now = now.advanced(by: .nanoseconds(1)) }
            bring(.timeReached)
        }
        now = end
    }

    /// Does all held commits, one after the other, and those that follow.
    mutating func commitHeld() throws {
        while !held.isEmpty {
            let (batch, sync, token) = held.removeFirst()
            try store.write(batch, sync: sync)
            bring(.committed(through: token))
        }
    }

    /// Writes the held commits without reporting them, as before a crash.
    mutating func writeHeld() throws {
        for (batch, sync, _) in held { try store.write(batch, sync: sync) }
        held = []
    }

    /// Lets the first held commit fail.
    mutating func failHeld() {
        guard let first = held.first else { return }
        held = []
        bring(.commitFailed(first.token, .diskFull(path: "test")))
    }

    private mutating func take(_ new: [NodeEffect]) {
        effects += new
        for case .commit(let batch, let sync, let token) in new {
            held.append((batch, sync, token))
        }
        guard commitsAtOnce, !held.isEmpty else { return }
        let commits = held
        held = []
        for (batch, sync, token) in commits {
            do throws(StorageError) {
                try store.write(batch, sync: sync)
                take(machine.handle(.committed(through: token), now: now))
            } catch {
                take(machine.handle(.commitFailed(token, error), now: now))
            }
        }
    }

    /// The ids of the stored notarizations, oldest first.
    func storedIDs() throws -> [AttestationID] {
        try store.records(in: NodeStore.notarizationsByTime, limit: ScanLimit(count: 100_000, byteCount: 1 << 30))
            .records.map(\.key.id)
    }

    /// Everything that is stored, checked.
    func check() -> StoreCheck {
        StoreCheck(of: store, layout: NodeStore.layout(network: configuration.network))
    }
}

extension [NodeEffect] {
    /// The messages sent to a peer.
    func messages(to peer: PeerID) -> [GossipMessage] {
        flatMap { effect -> [GossipMessage] in
            if case .sendGossip(let rpc, peer) = effect { rpc.messages } else { [] }
        }
    }

    /// The answers to requests to sign.
    var answers: [(request: UInt64, answer: SigningAnswer)] {
        compactMap { effect in
            if case .answer(let request, let answer) = effect { (request.number, answer) } else { nil }
        }
    }

    /// The notices.
    var notices: [NodeNotice] {
        compactMap { effect in
            if case .notify(let notice) = effect { notice } else { nil }
        }
    }

    /// Why records were refused.
    var refusals: [RecordRefusal] {
        notices.compactMap { notice in
            if case .refused(let refusal, _) = notice { refusal } else { nil }
        }
    }

    /// What peers did wrong.
    var misconduct: [Misconduct] {
        notices.compactMap { notice in
            if case .misbehaved(_, let misconduct) = notice { misconduct } else { nil }
        }
    }

    /// How exchanges ended.
    var outcomes: [SyncOutcome] {
        notices.compactMap { notice in
            if case .synced(_, let outcome) = notice { outcome } else { nil }
        }
    }

    /// The peers whose connections are to be closed, and why.
    var departures: [(peer: PeerID, reason: DisconnectReason)] {
        compactMap { effect in
            if case .disconnect(let peer, let reason) = effect { (peer, reason) } else { nil }
        }
    }

    /// The number of commits.
    var commitCount: Int {
        count { if case .commit = $0 { true } else { false } }
    }
}
