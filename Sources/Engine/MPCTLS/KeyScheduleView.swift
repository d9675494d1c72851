internal import BooleanCircuits
internal import CryptoCore

/// What both parties know of the key schedule: the public inputs of TLS 1.2's PRF and the values opened so far.
///
/// Redacted: the opened values are for the two parties only.
package struct KeyScheduleView: Redacted {
    /// The 32-byte random of the client's hello.
    package let clientRandom: [UInt8]
    /// The server's.
    package let serverRandom: [UInt8]
    /// SHA-256 over the handshake up to ClientKeyExchange (RFC 7627 §3); also what the client's Finished covers.
    package let sessionHash: [UInt8]
    private var opened: [OpenedValue: [Bool]] = [:]

    /// A view before anything was opened.
    package init(clientRandom: [UInt8], serverRandom: [UInt8], sessionHash: [UInt8]) {
        self.clientRandom = clientRandom
        self.serverRandom = serverRandom
        self.sessionHash = sessionHash
    }

    /// Records an opened value, in word order.
    package mutating func open(_ value: OpenedValue, _ bits: [Bool]) {
        precondition(bits.count == value.bitCount && opened[value] == nil, "each value is opened once, whole")
        opened[value] = bits
    }

    /// The bits of an opened value, in word order.
    package func bits(_ value: OpenedValue) -> [Bool] {
        guard let bits = opened[value] else { preconditionFailure("a value is used before it was opened") }
        return bits
    }

    /// The bytes of an opened digest or of verify_data.
    package func digest(_ value: OpenedValue) -> [UInt8] {
        DigestCoding.bytes(ofWords: BitOrder.words(ofBits: bits(value)))
    }

    /// The 64 words W_t + K_t of an outer compression, from what is public by then.
    package func scheduledWords(_ compression: OuterCompression) -> [UInt32] {
        let message: [UInt8]
        let state: OpenedValue
        switch compression {
        case .masterA1: (state, message) = (.premasterInner, masterSeed)
        case .masterFirst: (state, message) = (.premasterInner, digest(.masterA1) + masterSeed)
        case .masterA2: (state, message) = (.premasterInner, digest(.masterA1))
        case .masterSecond: (state, message) = (.premasterInner, digest(.masterA2) + masterSeed)
        case .expansionA1: (state, message) = (.masterInner, expansionSeed)
        case .finishedA1: (state, message) = (.masterInner, finishedSeed)
        case .expansionFirst: (state, message) = (.masterInner, digest(.expansionA1) + expansionSeed)
        case .expansionA2: (state, message) = (.masterInner, digest(.expansionA1))
        case .finishedFirst: (state, message) = (.masterInner, digest(.finishedA1) + finishedSeed)
        case .expansionSecond: (state, message) = (.masterInner, digest(.expansionA2) + expansionSeed)
        }
        return scheduledWords(state: state, message: message)
    }

    /// W_t + K_t for the server's Finished: `a1` nil gives A(1)'s, else the first output's.
    package func serverFinishedWords(handshakeHash: [UInt8], a1: [UInt8]?) -> [UInt32] {
        scheduledWords(state: .masterInner, message: (a1 ?? []) + Array("server finished".utf8) + handshakeHash)
    }

    private func scheduledWords(state: OpenedValue, message: [UInt8]) -> [UInt32] {
        let inner = HMACStages.innerDigest(state: BitOrder.words(ofBits: bits(state)), message: message)
        return HMACStages.scheduledWords(innerDigest: inner)
    }

    /// Label and seed of the master secret (RFC 7627 §4).
    package var masterSeed: [UInt8] { Array("extended master secret".utf8) + sessionHash }
    /// Label and seed of the key expansion (RFC 5246 §6.3).
    package var expansionSeed: [UInt8] { Array("key expansion".utf8) + serverRandom + clientRandom }
    /// Label and seed of the client's Finished (RFC 5246 §7.4.9).
    package var finishedSeed: [UInt8] { Array("client finished".utf8) + sessionHash }
}

/// The seven steps in which the key schedule is evaluated, each one round trip between the parties.
package enum KeyScheduleStep: Int, CaseIterable {
    case premaster, masterA1, masterFirst, masterSecond, masterOutputs, keys, nonces

    /// The outer compressions that the step evaluates, in garbling order.
    package var compressions: [OuterCompression] {
        switch self {
        case .premaster: []
        case .masterA1: [.masterA1]
        case .masterFirst: [.masterFirst, .masterA2]
        case .masterSecond: [.masterSecond]
        case .masterOutputs: [.expansionA1, .finishedA1]
        case .keys: [.expansionFirst, .expansionA2, .finishedFirst]
        case .nonces: [.expansionSecond]
        }
    }

    /// The values that the step opens to both parties.
    package var opens: [OpenedValue] {
        switch self {
        case .premaster: [.premasterInner]
        case .masterA1: [.masterA1]
        case .masterFirst: [.masterA2]
        case .masterSecond: [.masterInner]
        case .masterOutputs: [.expansionA1, .finishedA1]
        case .keys: [.expansionA2, .verifyData]
        case .nonces: []
        }
    }
}
