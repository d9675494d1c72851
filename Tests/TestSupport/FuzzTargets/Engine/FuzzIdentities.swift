import CryptoCore
import PeerProtocols

/// The peers of all inputs; their keys are no secret.
enum FuzzIdentities {
    static let all: [PeerIdentity] = (0..<8).compactMap { number in
        let secret = Keccak256.hash(Array("fuzz peer \(number)".utf8))
        return (try? Secp256k1PrivateKey(bytes: secret)).map(PeerIdentity.init)
    }

    /// The node under attack.
    static var own: PeerIdentity { all[0] }
    /// Everyone else.
    static var others: [PeerIdentity] { Array(all.dropFirst()) }

    static func noiseKey(_ number: UInt8) -> NoisePrivateKey {
        NoisePrivateKey(randomBytes: (0..<32).map { UInt8($0) &* 7 &+ number })
    }

    static let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)
}
