internal import BooleanCircuits
internal import CryptoCore
internal import TLSProtocol

/// The key schedule in the clear, for a party that knows the premaster secret: the prover, after the opening.
package struct LocalKeySchedule: Redacted {
    /// One direction's key and implicit nonce.
    package struct Direction: Redacted {
        fileprivate let key: TLS12TrafficKey

        /// The plaintext of an authentic record.
        package func open(_ record: ProtectedRecord, sequence: UInt64) throws -> [UInt8] {
            try AES128GCM.open(
                key: key.key.bytes,
                nonce: key.salt + record.explicitNonce,
                aad: GCMFragment.additionalData(
                    sequenceNumber: sequence,
                    type: record.type,
                    plaintextByteCount: record.ciphertext.count
                ),
                sealed: record.ciphertext + record.tag
            )
        }
    }

    /// The client's direction.
    package let client: Direction
    /// The server's direction.
    package let server: Direction
    private let masterSecret: SecretBytes
    private let premaster: SecretBytes
    private let view: KeyScheduleView

    /// The schedule of a premaster secret of 32 bytes; `view` supplies randoms and session hash only.
    package init(premaster: [UInt8], view: KeyScheduleView) throws {
        self.premaster = SecretBytes(premaster)
        self.view = view
        let master = TLS12KeySchedule.masterSecret(premasterSecret: premaster, sessionHash: view.sessionHash)
        masterSecret = SecretBytes(master)
        let keys = TLS12KeySchedule.trafficKeys(
            masterSecret: master,
            clientRandom: view.clientRandom,
            serverRandom: view.serverRandom
        )
        client = Direction(key: keys.client)
        server = Direction(key: keys.server)
    }

    /// GHASH's key in the client's direction.
    package var clientHashKey: [UInt8] {
        AES128(key: client.key.key.bytes).encrypt([UInt8](repeating: 0, count: 16))
    }

    /// The server's verify_data over a handshake hash.
    package func serverVerifyData(handshakeHash: [UInt8]) -> [UInt8] {
        TLS12KeySchedule.verifyData(
            masterSecret: masterSecret.bytes,
            label: .serverFinished,
            transcriptHash: handshakeHash
        )
    }

    /// What an opened value must be.
    package func bits(_ value: OpenedValue) -> [Bool] {
        switch value {
        case .premasterInner: return innerState(premaster)
        case .masterInner: return innerState(masterSecret)
        case .masterA1: return chain(premaster, seed: view.masterSeed, count: 1)
        case .masterA2: return chain(premaster, seed: view.masterSeed, count: 2)
        case .expansionA1: return chain(masterSecret, seed: view.expansionSeed, count: 1)
        case .expansionA2: return chain(masterSecret, seed: view.expansionSeed, count: 2)
        case .finishedA1: return chain(masterSecret, seed: view.finishedSeed, count: 1)
        case .verifyData:
            let data = TLS12KeySchedule.verifyData(
                masterSecret: masterSecret.bytes,
                label: .clientFinished,
                transcriptHash: view.sessionHash
            )
            return BitOrder.byteBitsToWordBits(BitOrder.bits(ofBytes: data))
        }
    }

    private func innerState(_ secret: SecretBytes) -> [Bool] {
        let key = secret.bytes
        let block = (0..<64).map { ($0 < key.count ? key[$0] : 0) ^ 0x36 }
        return BitOrder.bits(ofWords: SHA256.compress(state: SHA256.initialState, block: block))
    }

    /// A(count) of P_SHA256 (RFC 5246 §5).
    private func chain(_ key: SecretBytes, seed: [UInt8], count: Int) -> [Bool] {
        let value = (0..<count).reduce(seed) { value, _ in HMACSHA256.authenticate(key: key.bytes, message: value) }
        return BitOrder.byteBitsToWordBits(BitOrder.bits(ofBytes: value))
    }
}
