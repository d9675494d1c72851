import BooleanCircuits
import CKernels
import MPCTLS
import PartyChannel

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

    /// The AND gates whose outputs reach the circuit's outputs through linear gates only: an error in their tables
    /// that spares the colour bit changes output labels, and no colour.
    static func finalGates(of circuit: Circuit) -> [Int] {
        var reachesGate = [Bool](repeating: false, count: circuit.slotCount)
        var isUsed = [Bool](repeating: false, count: circuit.slotCount)
        for slot in circuit.outputSlots { isUsed[Int(slot)] = true }
        var index = circuit.andCount
        var result: [Int] = []
        for gate in circuit.gates.reversed() {
            let out = Int(gate.out)
            let (reaches, used) = (reachesGate[out], isUsed[out])
            reachesGate[out] = false
            isUsed[out] = false
            let isAND = gate.op == UInt32(TAB_GATE_AND)
            if isAND {
                index -= 1
                if used, !reaches { result.append(index) }
            }
            let operands = gate.op == UInt32(TAB_GATE_NOT) ? [Int(gate.a)] : [Int(gate.a), Int(gate.b)]
            for operand in operands where used {
                isUsed[operand] = true
                reachesGate[operand] = reachesGate[operand] || reaches || isAND
            }
        }
        return result
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
