/// What goes wrong in a simulated network; docs/simulation.md defines each.
package enum SimulatedFault: String, CaseIterable, Sendable {
    /// Nothing.
    case none
    /// Connections die: all their frames vanish, until both ends notice and connect anew.
    case loss
    /// The network falls into two parts and heals.
    case partition
    /// Many nodes join the mesh, forward nothing, and send forgeries and invalid records.
    case sybil
    /// Some nodes send as much as they can of one kind of message.
    case spam
    /// Attackers take as many of one node's connections as they get, name only each other, and forward nothing.
    case eclipse
    /// Nodes come and go.
    case churn
    /// Nodes lose their process or their power, often while they write.
    case crash

    /// The share of connections, nodes or attackers that the fault concerns unless told otherwise.
    package var defaultShare: Double {
        switch self {
        case .none: 0
        case .loss: 0.2
        case .partition: 0.4
        case .sybil: 0.3
        case .spam: 0.05
        case .eclipse: 0.1
        case .churn: 0.2
        case .crash: 0.2
        }
    }

    /// Whether links or nodes fail, so that honest peers may be silent.
    var breaksLinks: Bool {
        switch self {
        case .loss, .partition, .churn, .crash: true
        case .none, .sybil, .spam, .eclipse: false
        }
    }

    /// Whether the fault consists in participants that do not follow the protocol.
    package var hasAdversaries: Bool {
        switch self {
        case .sybil, .spam, .eclipse: true
        case .none, .loss, .partition, .churn, .crash: false
        }
    }
}
