internal import CryptoCore
internal import TLSProtocol

/// All that is fixed about a session before the notary opens its seed; both parties hold the same.
package struct SessionRecord {
    /// Randoms, session hash and opened values of the key schedule.
    package let view: KeyScheduleView
    /// Hash of the handshake up to and including the client's Finished, which the server's Finished covers.
    package var serverFinishedHash: [UInt8]
    /// The client's Finished, sequence 0.
    package var clientFinished: ProtectedRecord
    /// The request, sequence 1.
    package var request: ProtectedRecord
    /// The server's Finished, sequence 0 of its direction.
    package var serverFinished: ProtectedRecord
    /// All that followed from the server, sequence 1 and on.
    package var serverRecords: [ProtectedRecord]

    /// Plaintext bytes of application data that the server sent.
    package var receivedByteCount: Int {
        serverRecords.reduce(0) { $0 + ($1.type == .applicationData ? $1.ciphertext.count : 0) }
    }

    /// What the server's records must look like: application data, then at most one alert, distinct nonces.
    ///
    /// - Throws: ``MPCTLSError/serverFailure(_:)`` naming the first record that TLS or this protocol excludes.
    package func validateServerRecords() throws(MPCTLSError) {
        guard serverFinished.type == .handshake, serverFinished.ciphertext.count == 16 else {
            throw .serverFailure("the server's Finished is not one encrypted handshake message of 16 bytes")
        }
        var nonces: Set<UInt64> = [Self.number(serverFinished.explicitNonce)]
        for (index, record) in serverRecords.enumerated() {
            switch record.type {
            case .applicationData:
                break
            case .alert where index == serverRecords.count - 1 && record.ciphertext.count == 2:
                break
            case .handshake:
                throw .serverFailure("the server asked for a renegotiation, which is refused")
            default:
                throw .serverFailure("the server sent an unexpected record of type \(record.type) in its response")
            }
            guard nonces.insert(Self.number(record.explicitNonce)).inserted else {
                throw .serverFailure("the server used a nonce twice")
            }
        }
    }

    private static func number(_ nonce: [UInt8]) -> UInt64 { nonce.reduce(0) { $0 << 8 | UInt64($1) } }
}

/// What the final proof opens about a session; trustworthy once the proof is verified.
package struct ProvenValues: Redacted {
    package var serverVerifyData: [UInt8] = []
    package var serverFinishedPlaintext: [UInt8] = []
    package var clientHashKey: [UInt8] = []
    package var serverHashKey: [UInt8] = []
    package var clientMasks: [[UInt8]] = []
    package var serverMasks: [[UInt8]] = []
    package var implicitNonces: [UInt8] = []
    package var alert: [UInt8]?
    package var clientKey: [UInt8]?
    package var serverKey: [UInt8]?
    package var segments: [ProvenSegment] = []

    /// Nothing opened yet.
    package init() {}
}
