/// What peers are sent after one event: one RPC each, in the order in which they were first thought of.
///
/// Control entries so travel with messages where they can (GossipSub v1.0, "Control Message Piggybacking").
struct OutgoingRPCs: Sendable {
    private var rpcs: [(peer: PeerNumber, rpc: GossipRPC)] = []
    private var positions: [PeerNumber: Int] = [:]

    mutating func add(_ peer: PeerNumber, _ add: (inout GossipRPC) -> Void) {
        if let position = positions[peer] {
            add(&rpcs[position].rpc)
        } else {
            var rpc = GossipRPC()
            add(&rpc)
            positions[peer] = rpcs.count
            rpcs.append((peer, rpc))
        }
    }

    mutating func takeAll() -> [(peer: PeerNumber, rpc: GossipRPC)] {
        guard !rpcs.isEmpty else { return [] }
        let taken = rpcs.filter { !$0.rpc.isEmpty }
        rpcs = []
        positions = [:]
        return taken
    }
}
