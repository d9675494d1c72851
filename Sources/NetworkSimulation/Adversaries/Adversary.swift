internal import Gossip
internal import NodeCore
internal import PeerProtocols

/// A participant that follows the protocols only as far as it serves its purpose.
final class Adversary {
    /// Its place among the participants.
    let index: Int
    /// What it is there for.
    let behaviour: Behaviour
    /// Whom it wants to be connected to.
    var targets: [Int] = []
    /// Messages that it heard and may say again, the latest last.
    var heard: [GossipMessage] = []
    /// The number of its last own message.
    var sequenceNumber: UInt64 = 0
    /// The number of the last stream that it opened.
    var streamNumber: UInt64 = 0

    /// What adversaries do.
    enum Behaviour {
        /// Joins the mesh of everyone, forwards nothing, sends forgeries and invalid records.
        case sybil
        /// Sends as much as it can of one kind.
        case spam(SpamKind)
        /// Holds connections to a victim, names only other attackers, forwards nothing.
        case eclipse(victim: Int)

        /// Whether every message in full that it sends while the fault is on is a forgery or an invalid record.
        var sendsInvalidMessages: Bool {
            switch self {
            case .sybil, .spam(.forgeries), .spam(.invalidRecords): true
            case .spam, .eclipse: false
            }
        }
    }

    init(index: Int, behaviour: Behaviour) {
        self.index = index
        self.behaviour = behaviour
    }

    /// Keeps a message to say it again.
    func hear(_ message: GossipMessage) {
        if heard.count >= 64 { heard.removeFirst(32) }
        heard.append(message)
    }
}

/// What a spammer sends too much of.
package enum SpamKind: String, CaseIterable, Sendable {
    /// IHAVE of messages that do not exist.
    case advertisements
    /// IWANT of messages that exist, again and again, and of others.
    case requests
    /// GRAFT at any time, also right after a PRUNE.
    case grafts
    /// IDONTWANT.
    case unwanted
    /// Joining and leaving topics.
    case subscriptions
    /// Bytes that are no RPC.
    case malformed
    /// Messages in the name of others.
    case forgeries
    /// Messages with its own good signature and records that nobody may make.
    case invalidRecords
    /// Old valid messages.
    case replays
    /// Streams that it opens and leaves.
    case streams
    /// Frames on streams that mean nothing.
    case garbage
}
