/// A version of GossipSub that two peers agreed on.
package enum GossipVersion: String, Sendable, CaseIterable, Comparable {
    /// With peer exchange and scoring.
    case v1_1 = "/meshsub/1.1.0"
    /// With IDONTWANT.
    case v1_2 = "/meshsub/1.2.0"

    /// The versions to propose for a stream, the best first.
    package static var proposals: [GossipVersion] { [.v1_2, .v1_1] }

    /// The later version is the greater.
    package static func < (left: GossipVersion, right: GossipVersion) -> Bool { left.rawValue < right.rawValue }
}
