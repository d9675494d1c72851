import BooleanCircuits
import Testing

/// Every circuit of the library with its AND gates: a budget that the protocol's message sizes are computed from.
enum LibraryCircuit: String, CaseIterable, CustomTestStringConvertible {
    case sha256Compression, sha256ScheduledCompression
    case innerPad32, outerPad32, innerPad48, outerPad48
    case aes128KeySchedule, aes128Block, aes128CTRPrefix, aes128CTRBlock
    case p256ModularAdd

    var circuit: Circuit {
        switch self {
        case .sha256Compression: Circuits.sha256Compression
        case .sha256ScheduledCompression: Circuits.sha256ScheduledCompression
        case .innerPad32: Circuits.sha256KeyPad(byteCount: 32, pad: 0x36)
        case .outerPad32: Circuits.sha256KeyPad(byteCount: 32, pad: 0x5c)
        case .innerPad48: Circuits.sha256KeyPad(byteCount: 48, pad: 0x36)
        case .outerPad48: Circuits.sha256KeyPad(byteCount: 48, pad: 0x5c)
        case .aes128KeySchedule: Circuits.aes128KeySchedule
        case .aes128Block: Circuits.aes128Block
        case .aes128CTRPrefix: Circuits.aes128CTRPrefix
        case .aes128CTRBlock: Circuits.aes128CTRBlock
        case .p256ModularAdd: Circuits.p256ModularAdd
        }
    }

    var andCount: Int {
        switch self {
        case .sha256Compression: 22_271
        case .sha256ScheduledCompression: 16_120
        case .innerPad32: 21_298
        case .outerPad32: 21_269
        case .innerPad48: 21_606
        case .outerPad48: 21_593
        case .aes128KeySchedule: 1_280
        case .aes128Block: 5_120
        case .aes128CTRPrefix: 864
        case .aes128CTRBlock: 4_256
        case .p256ModularAdd: 766
        }
    }

    var testDescription: String { rawValue }
}
