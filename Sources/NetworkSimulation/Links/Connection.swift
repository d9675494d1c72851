internal import Gossip
internal import PeerProtocols

/// One end of a connection.
enum ConnectionEnd: Int {
    /// The end that dialled.
    case dialer
    /// The end that was dialled.
    case listener

    /// The end opposite.
    var other: ConnectionEnd { self == .dialer ? .listener : .dialer }
}

/// A connection between two participants, and what waits to go over it.
final class Connection {
    /// Counted from 0, in the order in which connections began.
    let number: Int
    /// The participant that dialled.
    let dialer: Int
    /// The participant that was dialled.
    let listener: Int
    /// What every frame takes, in nanoseconds.
    let latency: UInt64
    /// Whether all frames vanish, in both directions, until both ends notice.
    var isDead = false
    private let dialerEnd = End()
    private let listenerEnd = End()

    /// The state of one end, and of the direction that begins there.
    final class End {
        /// Whether this end takes the connection for open.
        var isOpen = false
        /// Whether the end vanished with its machine, without a word to the other.
        var isForgotten = false
        /// When the last frame of this direction arrives.
        var lastArrival: UInt64 = 0
        /// What waits for the uplink; nil: nothing.
        var outbox: FrameOutbox?
        /// Whether the connection stands in the queue of the uplink.
        var isWaiting = false
        /// Frames that were on their way when a partition came, in their order.
        var caught: [LinkFrame] = []
        /// Frames that left since then.
        var held: [LinkFrame] = []
        /// Bytes that left and that nobody confirms, because the link is dead or cut.
        var unconfirmedByteCount = 0
        /// Whether this end's gossip stream is open.
        var sendsGossip = false
        /// Streams that this end opened: its own numbers, and those that the other end gave them.
        var opened: [UInt64: UInt64] = [:]
    }

    init(number: Int, dialer: Int, listener: Int, latency: UInt64) {
        self.number = number
        self.dialer = dialer
        self.listener = listener
        self.latency = latency
    }

    /// One end.
    subscript(_ end: ConnectionEnd) -> End { end == .dialer ? dialerEnd : listenerEnd }

    /// The participant at an end.
    func participant(_ end: ConnectionEnd) -> Int { end == .dialer ? dialer : listener }

    /// Which end a participant has.
    func end(of participant: Int) -> ConnectionEnd { participant == dialer ? .dialer : .listener }
}

/// Frames that wait for one connection's turn: gossip in the node's own outbox, which drops what is too much, and what
/// other streams send.
struct FrameOutbox {
    private var gossip = GossipOutbox()
    private var others: [LinkFrame] = []
    private var head = 0
    /// Bytes of frames that are no gossip.
    private(set) var otherByteCount = 0

    /// Bytes that wait.
    var byteCount: Int { gossip.byteCount + otherByteCount }
    /// Bytes of gossip that wait.
    var gossipByteCount: Int { gossip.byteCount }

    mutating func append(_ rpc: GossipRPC) -> GossipOutbox.Outcome { gossip.append(rpc) }

    mutating func append(_ frame: LinkFrame) {
        others.append(frame)
        otherByteCount += frame.byteCount
    }

    /// The next frame: other streams first, because they are few.
    mutating func next() -> LinkFrame? {
        if head < others.count {
            let frame = others[head]
            head += 1
            otherByteCount -= frame.byteCount
            if head == others.count { (others, head) = ([], 0) }
            return frame
        }
        return gossip.next().map { .gossip($0) }
    }

    /// Whether nothing waits.
    var isEmpty: Bool { head == others.count && gossip.byteCount == 0 }

    /// Takes out messages that the peer does not want any more.
    mutating func removeMessages(where isUnwanted: (GossipMessage) -> Bool) -> Int {
        gossip.removeMessages(where: isUnwanted)
    }
}
