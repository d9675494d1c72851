internal import BooleanCircuits
internal import CryptoCore

/// SHA-256 (FIPS 180-4) over authenticated wires, 64 bytes at a time.
///
/// - Complexity: one compression, 22,271 AND gates, for every 64 bytes of message and padding.
struct WireSHA256: Redacted {
    private var state: [Block]?
    private var pending: [Block] = []
    private var bitCount = 0

    /// Appends whole bytes, eight wires each, least significant bit first.
    mutating func update<Backend: CircuitBackend>(_ wires: [Block], backend: Backend) throws {
        bitCount += wires.count
        pending += wires
        while pending.count >= 512 {
            try compress(Array(pending[..<512]), backend: backend)
            pending.removeFirst(512)
        }
    }

    /// Pads, gives the digest in word order, and starts afresh.
    mutating func finish<Backend: CircuitBackend>(backend: Backend) throws -> [Block] {
        var padding: [UInt8] = [0x80]
        while (pending.count / 8 + padding.count) % 64 != 56 { padding.append(0) }
        padding += (0..<8).map { UInt8(truncatingIfNeeded: UInt64(bitCount) >> (56 - 8 * UInt64($0))) }
        try update(backend.constants(BitOrder.bits(ofBytes: padding)), backend: backend)
        guard let digest = state else { preconditionFailure("padding completes a block") }
        self = WireSHA256()
        return digest
    }

    private mutating func compress<Backend: CircuitBackend>(_ block: [Block], backend: Backend) throws {
        let current = state ?? backend.constants(BitOrder.bits(ofWords: SHA256.initialState))
        state = try backend.run(Circuits.sha256Compression, current + BitOrder.byteBitsToWordBits(block))
    }
}
