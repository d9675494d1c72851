/// Where a plan is coarser than what was asked for, because a session proves a bounded number of parts.
package enum PlanCoarsening: Sendable, Hashable, CustomStringConvertible {
    /// The JSON body has more leaves than get a commitment of their own: containers are committed to as a whole.
    case groupedLeaves(HTTPDirection, leafCount: Int, partCount: Int)
    /// The plan had more pieces than a session proves: neighbours of the same treatment became one.
    case joinedPieces(HTTPDirection, pieceCount: Int, joinedCount: Int)

    /// One sentence for people.
    package var description: String {
        switch self {
        case .groupedLeaves(let direction, let leafCount, let partCount):
            "the \(direction.messageName)'s JSON has \(leafCount) values, which are committed to as \(partCount) parts: "
                + "those of a part can only be shown together"
        case .joinedPieces(let direction, let pieceCount, let joinedCount):
            "the \(direction.messageName) would be cut into \(pieceCount) parts; neighbours are joined to \(joinedCount), "
                + "and those of a part can only be shown together"
        }
    }
}
