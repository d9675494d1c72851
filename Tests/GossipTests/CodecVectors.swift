import CryptoCore
import Gossip
import PeerProtocols

/// RPCs as py-libp2p 0.8.1 encodes them; Tests/Interop/libp2p/gossip_vectors.py prints them.
enum CodecVectors {
    static let signed = bytes(
        "0a2700250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f12086174746573746564"
            + "1a080001020304050607220d6e6f746172697a6174696f6e732a463044022045f59cdf41a70157bfdc7a64c96176571cc3de17"
            + "b66a206ac04e358e130981e202204b0458779d034e5bd6b9a9cbf817380fa37eb3c50bc32dad9f42643e6b3cfade"
    )
    static let data =
        bytes("0a110801120d6e6f746172697a6174696f6e730a0e0800120a6f7065726174696f6e73129401") + signed
    static let control = bytes(
        "1a8a010a1e0a0d6e6f746172697a6174696f6e731205666972737412067365636f6e6412070a0574686972641a0c0a0a6f7065726174"
            + "696f6e7322400a09636f6e73656e73757312310a2700250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5"
            + "d83c57625596e05f6f12067265636f7264183c2a0f0a06666f757274680a056669667468"
    )
    /// The author of `signed`.
    static let author = identity(0x0707_0707_0707_0707)

    /// What `data` says.
    static func decodedData() throws -> GossipRPC {
        GossipRPC(
            subscriptions: [
                .init(topic: topic("notarizations"), isJoined: true),
                .init(topic: topic("operations"), isJoined: false),
            ],
            messages: [try GossipMessage(encoded: signed)]
        )
    }

    /// What `control` says.
    static let decodedControl = GossipRPC(
        have: [.init(topic: topic("notarizations"), ids: [id("first"), id("second")])],
        want: [id("third")],
        graft: [topic("operations")],
        prune: [
            .init(
                topic: topic("consensus"),
                peers: [.init(id: author.id, signedRecord: Array("record".utf8))],
                backoffSeconds: 60
            )
        ],
        unwanted: [id("fourth"), id("fifth")]
    )
}

/// The identity whose private key is this number four times.
func identity(_ number: UInt64) -> PeerIdentity {
    let eight = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    guard let key = try? Secp256k1PrivateKey(bytes: eight + eight + eight + eight) else {
        preconditionFailure("tests use numbers above 0 and below n")
    }
    return PeerIdentity(privateKey: key)
}

/// A topic whose name stands in a test.
func topic(_ name: String) -> GossipTopic {
    guard let topic = GossipTopic(name) else { preconditionFailure("a test names no topic") }
    return topic
}

/// A message id that stands in a test.
func id(_ text: String) -> MessageID {
    guard let id = MessageID(text.utf8) else { preconditionFailure("a test names no message id") }
    return id
}

/// The bytes of a hexadecimal text that stands in a test.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { $0 < 0x3a ? $0 - 0x30 : $0 - 0x61 + 10 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
