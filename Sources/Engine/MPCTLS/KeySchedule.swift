internal import BooleanCircuits
package import CryptoCore

/// The secret half of TLS 1.2's key schedule with extended master secret (RFC 7627 §4, RFC 5246 §5 and §6.3), stage
/// by stage, over any ``CircuitBackend``.
///
/// HMAC is split as in [GTP]: states after `K ⊕ ipad` and every A(i) come out to both parties, inner digests are
/// public arithmetic (``HMACStages``), and only the outer compressions and the padding of the keys happen on wires.
/// Never an output to anyone: the premaster and master secrets, the states after `K ⊕ opad`, and the first block of
/// the key expansion. Wires of 256-bit states and digests are in word order, AES keys and blocks in byte order.
package struct KeySchedule<Backend: CircuitBackend>: Redacted {
    /// Where circuits run.
    package let backend: Backend

    private var outerPremaster: [Block] = []
    private var masterFirst: [Block] = []
    private var outerMaster: [Block] = []
    /// The client's write key, 128 wires in byte order.
    package private(set) var clientKeyWires: [Block] = []
    /// The server's write key, likewise.
    package private(set) var serverKeyWires: [Block] = []
    private var clientKey: Backend.AESKey?
    private var clientIV: [Block] = []
    /// The server's implicit nonce, 32 wires.
    package private(set) var serverIV: [Block] = []

    /// A schedule that has computed nothing yet.
    package init(backend: Backend) {
        self.backend = backend
    }

    /// Premaster secret from the additive shares (each 256 wires, little-endian integer bits).
    ///
    /// - Returns: the state after `pms ⊕ ipad`, to be opened.
    package mutating func premaster(proverShare: [Block], notaryShare: [Block]) throws -> [Block] {
        let sum = try backend.run(Circuits.p256ModularAdd, proverShare + notaryShare)
        let secret = BitOrder.byteBitsToWordBits(BitOrder.littleEndianIntegerBitsToByteBits(sum))
        let inner = try backend.run(Circuits.sha256KeyPad(byteCount: 32, pad: 0x36), secret)
        outerPremaster = try backend.run(Circuits.sha256KeyPad(byteCount: 32, pad: 0x5c), secret)
        return inner
    }

    /// A(1) of the master secret, to be opened; `scheduled` are 2,048 wires of W_t + K_t.
    package mutating func masterA1(_ scheduled: [Block]) throws -> [Block] {
        try outer(outerPremaster, scheduled)
    }

    /// The first 32 bytes of the master secret (kept), and A(2), to be opened.
    package mutating func masterFirstBlock(_ scheduled: [Block], a2 scheduledA2: [Block]) throws -> [Block] {
        masterFirst = try outer(outerPremaster, scheduled)
        return try outer(outerPremaster, scheduledA2)
    }

    /// The last 16 bytes of the master secret (kept), and the state after `master ⊕ ipad`, to be opened.
    package mutating func masterSecondBlock(_ scheduled: [Block]) throws -> [Block] {
        let second = try outer(outerPremaster, scheduled)
        let master = masterFirst + second[..<128]
        let inner = try backend.run(Circuits.sha256KeyPad(byteCount: 48, pad: 0x36), master)
        outerMaster = try backend.run(Circuits.sha256KeyPad(byteCount: 48, pad: 0x5c), master)
        return inner
    }

    /// One HMAC under the master secret whose result is to be opened: an A(i), or a Finished's first output.
    package mutating func underMaster(_ scheduled: [Block]) throws -> [Block] {
        try outer(outerMaster, scheduled)
    }

    /// The first block of the key expansion: both write keys (kept).
    ///
    /// - Returns: GHASH's key of the client's direction, 128 wires, to be shared.
    package mutating func writeKeys(_ scheduled: [Block]) throws -> [Block] {
        let block = BitOrder.wordBitsToByteBits(try outer(outerMaster, scheduled))
        clientKeyWires = Array(block[..<128])
        serverKeyWires = Array(block[128...])
        let key = try backend.aesExpand(clientKeyWires)
        clientKey = key
        return try backend.aesOfZero(key)
    }

    /// The second block of the key expansion: both implicit nonces (kept).
    package mutating func implicitNonces(_ scheduled: [Block]) throws {
        let block = BitOrder.wordBitsToByteBits(try outer(outerMaster, scheduled))
        clientIV = Array(block[..<32])
        serverIV = Array(block[32..<64])
    }

    /// The tag mask and then `byteCount` bytes of keystream (rounded up to blocks) of the client's record
    /// `sequence`, whose explicit nonce is its sequence number (RFC 5288 §3).
    ///
    /// - Parameter firstCounter: the counter of the first block of keystream; every other than AES-GCM's 2 is a cheat.
    package mutating func clientRecord(
        sequence: UInt64,
        byteCount: Int,
        firstCounter: UInt32 = 2
    ) throws -> (mask: [Block], keystream: [Block]) {
        guard let clientKey else { preconditionFailure("keys are derived before records are protected") }
        let explicit = (0..<8).map { UInt8(truncatingIfNeeded: sequence >> (56 - 8 * UInt64($0))) }
        let nonce = clientIV + backend.constants(BitOrder.bits(ofBytes: explicit))
        let counters = [1] + (0..<UInt32((byteCount + 15) / 16)).map { firstCounter + $0 }
        let blocks = try backend.aesCounterBlocks(clientKey, nonce: nonce, counters: counters)
        return (Array(blocks[..<128]), Array(blocks[128...]))
    }

    /// The 64 wires of both implicit nonces, client's first.
    package var implicitNonceWires: [Block] { clientIV + serverIV }

    /// The expanded client key.
    package var expandedClientKey: Backend.AESKey? { clientKey }

    private mutating func outer(_ state: [Block], _ scheduled: [Block]) throws -> [Block] {
        try backend.run(Circuits.sha256ScheduledCompression, state + scheduled)
    }
}
