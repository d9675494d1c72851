package import CryptoCore

/// What both parties of a COT instance fix before they speak.
package enum COTSetup {
    /// The most correlations that one call may ask for.
    package static let countMax = 1 << 24

    /// A transcript that names the protocol, its parameters and the session.
    package static func transcript(sessionID: [UInt8], treeDepth: TreeDepth) -> SHA256Hasher {
        var hasher = SHA256Hasher()
        hasher.update([UInt8]("Tabellion v1 SoftSpoken COT".utf8) + [UInt8(treeDepth.rawValue)])
        hasher.update(SHA256.hash(sessionID))
        return hasher
    }

    /// The nonce of the trees, fixed once the base OTs are done.
    package static func nonce(_ transcript: SHA256Hasher) -> Block {
        // The low byte is left free for the numbers of a node's outputs.
        Block(littleEndian: transcript.finalize().prefix(16)) & Block(~0xff, ~0)
    }
}
