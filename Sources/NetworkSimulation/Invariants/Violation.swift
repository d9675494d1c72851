internal import PeerProtocols

/// Something that must never happen in any run.
package enum Violation: Hashable, Sendable {
    /// A node did not come up with what its disk held.
    case startFailed(node: Int, reason: String)
    /// A node accepted a record that it had accepted before.
    case acceptedTwice(node: Int, record: Int)
    /// A node accepted a record that nobody may make.
    case acceptedInvalid(node: Int, id: String)
    /// A node's store holds other bytes for a record than its author signed, or a record that nobody made.
    case altered(node: Int, id: String)
    /// A record that a node had accepted is missing in its store.
    case lost(node: Int, record: Int)
    /// A node sent a message that is not valid.
    case forwardedInvalid(node: Int, reason: String)
    /// A node sent a record that was not safe in its store.
    case forwardedUnsafe(node: Int, record: Int)
    /// One author gave one message id to two messages.
    case signedTwice(author: Int, id: String)
    /// A node lacks a record although the time for it is over.
    case missing(node: Int, record: Int, delayMilliseconds: UInt64)
    /// A node holds more of something than its limit.
    case aboveBound(node: Int, what: String, count: Int, bound: Int)
    /// An honest node's score of an honest peer is below the graylist threshold.
    case honestScoreLow(node: Int, peer: Int, score: Double)
    /// An honest node ended its connection to an honest peer, or lowered its score, for a fault that it had not.
    case honestPeerBlamed(node: Int, peer: Int, reason: String)
    /// A node refused to sign without a reason.
    case refusedToSign(node: Int, reason: String)
    /// An RPC does not survive its encoding.
    case encodingDiffers
}

extension Violation: CustomStringConvertible {
    /// One sentence.
    package var description: String {
        switch self {
        case .startFailed(let node, let reason): "node \(node) did not start: \(reason)"
        case .acceptedTwice(let node, let record): "node \(node) accepted record \(record) twice"
        case .acceptedInvalid(let node, let id): "node \(node) accepted \(id), which nobody may make"
        case .altered(let node, let id): "node \(node) stores \(id) altered"
        case .lost(let node, let record): "node \(node) lost record \(record), which it had acknowledged"
        case .forwardedInvalid(let node, let reason): "node \(node) sent an invalid message: \(reason)"
        case .forwardedUnsafe(let node, let record): "node \(node) sent record \(record) before it was safe"
        case .signedTwice(let author, let id): "node \(author) signed two messages with the id \(id)"
        case .missing(let node, let record, let delay):
            "node \(node) still lacks record \(record) after \(delay) ms"
        case .aboveBound(let node, let what, let count, let bound):
            "node \(node) holds \(count) \(what), above its bound of \(bound)"
        case .honestScoreLow(let node, let peer, let score):
            "node \(node) gives its honest peer \(peer) the score \(score)"
        case .honestPeerBlamed(let node, let peer, let reason):
            "node \(node) blames its honest peer \(peer): \(reason)"
        case .refusedToSign(let node, let reason): "node \(node) refused to sign: \(reason)"
        case .encodingDiffers: "an RPC is not the same after encoding and decoding"
        }
    }
}
