import CryptoCore
import MPCTLS
import NodeRuntime
import WireFormat

/// The first frame of a session, as an honest prover sends it.
enum SessionStart {
    static func parameters() throws -> [UInt8] {
        let task = try Buyer().task()
        let parameters = try SessionParameters(
            maxSent: task.request.count,
            maxReceived: task.maxReceived,
            revealsServerIdentity: true,
            preparedCorrelations: task.preparedCorrelations,
            proverNonce: SecureRandom.bytes(32),
            application: task.binding.wireBytes
        ).wireBytes
        let count = (0..<4).map { UInt8(truncatingIfNeeded: parameters.count >> (24 - 8 * $0)) }
        return [0x01, 0x2c] + count + parameters
    }
}
