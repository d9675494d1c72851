internal import NodeCore

/// What can happen in a simulated network.
enum SimulationEvent {
    /// A node begins its first life, or its next one.
    case start(node: Int)
    /// A node's timer.
    case wake(HonestNode, life: Int)
    /// Something that a node's own driver tells it.
    case tell(HonestNode, life: Int, NodeEvent)
    /// A frame arrives at one end of a connection.
    case arrive(Connection, at: ConnectionEnd, LinkFrame)
    /// A participant's uplink has sent a frame and takes the next.
    case uplinkFree(participant: Int)
    /// A dialled connection is there, if both ends still are.
    case established(Connection)
    /// A dialled connection did not come about.
    case dialFailed(Connection)
    /// An end heard nothing for so long that it gives up.
    case silence(Connection, at: ConnectionEnd)
    /// A node's disk has done a group of commits.
    case diskDone(HonestNode, life: Int)
    /// The next attestation is made somewhere.
    case publish(Int)
    /// An adversary does what it does at intervals.
    case attack(participant: Int)
    /// The plan of faults goes on.
    case fault(FaultStep)
    /// A node loses its process or its power.
    case crash(HonestNode, life: Int, CrashKind)
    /// The time by which a record must be everywhere has come.
    case deadline(record: Int)
    /// The time has come by which a node that came late, or back, must have what was made before.
    case returnDeadline(HonestNode, life: Int)
    /// A look at everything.
    case review
}
