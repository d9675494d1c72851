internal import Gossip
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols

/// A node that follows the protocols: the real core on a simulated disk, and what its driver remembers.
final class HonestNode {
    /// Its place among the participants.
    let index: Int
    /// The core while the node runs.
    var core: (any NodeDeciding)?
    /// What the core reads and its commits go to, while the node runs.
    var store: MemoryStore?
    /// What outlives crashes.
    let disk = MemoryDisk()
    /// How far its calendar's clock is from the simulation's, in milliseconds.
    let clockError: Int64
    /// Counts starts; whatever was meant for an earlier life is void.
    private(set) var life = 0
    /// When the timer that was set goes off.
    var wakeAt: MonotonicInstant?
    /// Commits that wait for the disk, and those under way.
    var commits = DiskQueue()
    /// The streams that the core opened.
    var ownStreams: [UInt64: OwnStream] = [:]
    /// The streams that peers opened.
    var peerStreams: [UInt64: PeerStream] = [:]
    /// The number of the last stream that a peer opened.
    var lastPeerStream: UInt64 = 0
    /// When the commit is under way in which the node is to crash.
    var crashesAtCommit: CrashKind?
    /// Since when the node has run without interruption.
    private(set) var runningSince = MonotonicInstant(nanoseconds: 0)
    /// What earlier lives counted.
    private var pastTotals = GossipTotals()

    /// A node that never ran.
    init(index: Int, clockError: Int64) {
        self.index = index
        self.clockError = clockError
    }

    /// Whether the node runs.
    var isRunning: Bool { core != nil }

    /// What the router counted, in all lives.
    var totals: GossipTotals {
        core.map { pastTotals + GossipTotals($0.gossipStatistics) } ?? pastTotals
    }

    /// A new life begins.
    func begin(core: any NodeDeciding, store: MemoryStore, now: MonotonicInstant) {
        life += 1
        self.core = core
        self.store = store
        runningSince = now
    }

    /// The process is gone, with all that it had in memory.
    func end() {
        life += 1
        pastTotals = totals
        core = nil
        store = nil
        wakeAt = nil
        commits = DiskQueue()
        ownStreams = [:]
        peerStreams = [:]
        lastPeerStream = 0
        crashesAtCommit = nil
    }
}

/// A stream that a node's core opened.
struct OwnStream {
    /// Over which connection.
    let connection: Connection
    /// For which protocol.
    let name: ProtocolName
}

/// A stream that a peer of a node opened.
struct PeerStream {
    /// Over which connection.
    let connection: Connection
    /// The number that the peer gave it.
    let number: UInt64
    /// For which protocol.
    let name: ProtocolName
}
