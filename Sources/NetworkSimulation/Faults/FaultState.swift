internal import PeerProtocols

/// How a node goes down.
package enum CrashKind: Hashable, Sendable {
    /// The process is killed; what it wrote stays, and its kernel closes the connections.
    case process
    /// The power fails; what was not synced may be lost or torn, and nobody is told.
    case power
    /// The node leaves in order: connections are closed, everything is stored.
    case leave
}

/// A moment in the plan of a fault.
enum FaultStep {
    /// The fault begins.
    case begin
    /// A second of the fault is over.
    case next
    /// The fault ends.
    case end
}

/// What the fault has done so far.
struct FaultState {
    /// Whether the fault is on.
    var isActive = false
    /// Whether the network is in two parts.
    var isPartitioned = false
    /// Connections that died.
    var deadConnectionCount = 0
    /// Times a node went down.
    var crashCount = 0
    /// Commits that a crash interrupted.
    var interruptedCommitCount = 0
    /// Messages and control entries that adversaries sent.
    var attackCount = 0
    /// Honest nodes and the adversaries that sent them invalid messages, with the number of these that were looked at.
    var attackedPairs: [AttackedPair: Int] = [:]
    /// The lowest score that an honest node gave an honest peer.
    var honestScoreMin = Double.infinity
}

/// An honest node and an adversary that sent it what costs score.
struct AttackedPair: Hashable {
    /// Invalid messages after which the attacker must be on the graylist: the fourth puts it there.
    static let messageCountMax = 4

    let victim: Int
    let attacker: Int
}
