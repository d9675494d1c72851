import BooleanCircuits
import CryptoCore
import MPCTLS
import PartyChannel
import Testing

/// Where the garbled tables of each circuit of the handshake lie, for tests that bend them.
struct GarbledTables {
    /// The circuits in garbling order for a request of 32 bytes.
    static let circuits: [(name: String, circuit: Circuit)] = {
        let outer = Circuits.sha256ScheduledCompression
        return [
            ("modular addition", Circuits.p256ModularAdd),
            ("inner premaster", Circuits.sha256KeyPad(byteCount: 32, pad: 0x36)),
            ("outer premaster", Circuits.sha256KeyPad(byteCount: 32, pad: 0x5c)),
            ("A1", outer), ("first block", outer), ("A2", outer), ("second block", outer),
            ("inner master", Circuits.sha256KeyPad(byteCount: 48, pad: 0x36)),
            ("outer master", Circuits.sha256KeyPad(byteCount: 48, pad: 0x5c)),
            ("expansion A1", outer), ("finished A1", outer), ("write keys", outer),
            ("key schedule", Circuits.aes128KeySchedule), ("hash key", Circuits.aes128Block),
            ("expansion A2", outer), ("verify data", outer), ("implicit nonces", outer),
            ("finished prefix", Circuits.aes128CTRPrefix), ("finished mask", Circuits.aes128CTRBlock),
            ("finished keystream", Circuits.aes128CTRBlock),
            ("request prefix", Circuits.aes128CTRPrefix), ("request mask", Circuits.aes128CTRBlock),
            ("request keystream", Circuits.aes128CTRBlock), ("more request keystream", Circuits.aes128CTRBlock),
        ]
    }()

    /// The last AND gates of a circuit, whose outputs reach the circuit's outputs through linear gates only: an error in
    /// their tables that spares the colour bit changes output labels, and no colour.
    ///
    /// These are the last carries of eight additions, or the last layer of 16 S-boxes.
    static func finalGates(of circuit: Circuit) -> [Int] {
        let isCipher = circuit === Circuits.aes128CTRBlock || circuit === Circuits.aes128Block
        return Array((circuit.andCount - (isCipher ? 16 * 18 : 16))..<circuit.andCount)
    }

    /// Byte offsets of the tables of `gates` of the named circuit.
    static func offsets(of name: String, gates: [Int]) -> [Int] {
        var start = 0
        for (each, circuit) in circuits {
            if each == name { return gates.map { start + 32 * $0 } }
            start += 32 * circuit.andCount
        }
        return []
    }

    /// Offsets of the final gates of the named circuits.
    static func finalOffsets(of names: [String]) -> [Int] {
        names.flatMap { name in
            circuits.first { $0.name == name }.map { offsets(of: name, gates: finalGates(of: $0.circuit)) } ?? []
        }
    }

    /// A rule that adds `error`, 32 bytes, to the tables at `offsets`.
    static func adding(_ error: [UInt8], at offsets: [Int]) -> TamperingChannel.Rule {
        let position = Shared(0)
        return { frame in
            guard frame.direction == .outgoing, frame.tag == SessionFrame.tables else { return .pass }
            let start = position.value
            position.update { $0 += frame.payload.count }
            var payload = frame.payload
            for offset in offsets {
                for (index, byte) in error.enumerated() where payload.indices.contains(offset + index - start) {
                    payload[offset + index - start] ^= byte
                }
            }
            return .replace(payload)
        }
    }

    /// An error in both halves of a gate that spares the colour bit.
    static let labelError: [UInt8] = (0..<32).map { $0 == 1 ? 1 : $0 == 17 ? 2 : 0 }
    /// An error in both halves of a gate's colour bit.
    static let colourError: [UInt8] = (0..<32).map { $0 == 0 || $0 == 16 ? 1 : 0 }
}

@Suite struct GarbledTablesTests {
    /// What the tests of table errors rely on.
    @Test(arguments: ["inner premaster", "A1", "inner master", "hash key", "request keystream"])
    func errorsInFinalGatesSpareColours(name: String) throws {
        let circuit = try #require(GarbledTables.circuits.first { $0.name == name }?.circuit)
        var random = BlockPRG(seed: Block(1, 2))
        let delta = Delta(random: &random)
        let hashSeed = random.nextBlock()
        let collected = Shared<[UInt8]>([])
        let garbling = GarblingBackend(delta: delta, hashSeed: hashSeed) { frame in collected.update { $0 += frame } }
        let zero = random.blocks(circuit.inputCount)
        _ = try garbling.run(circuit, zero)
        try garbling.finish()
        let active = zero.map { random.next() & 1 == 0 ? $0 : $0 ^ delta.block }
        func evaluate(_ tables: [UInt8]) throws -> [Block] {
            let store = TableStore(byteCount: tables.count)
            try store.append(tables)
            return try EvaluationBackend(hashSeed: hashSeed, tables: store).run(circuit, active)
        }
        var bent = collected.value
        for gate in GarbledTables.finalGates(of: circuit) {
            for (index, byte) in GarbledTables.labelError.enumerated() { bent[32 * gate + index] ^= byte }
        }
        let (right, wrong) = (try evaluate(collected.value), try evaluate(bent))
        #expect(right.map(\.lowBit) == wrong.map(\.lowBit))
        #expect(right != wrong)
    }
}
