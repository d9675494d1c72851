import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

@Suite("Wires do not outlive the circuit that ran on them")
struct WipingTests {
    /// 24 inputs and so few slots that they are on the stack.
    private static let circuit: Circuit = {
        var builder = CircuitBuilder(inputCount: 24)
        let inputs = builder.inputs
        let outputs = (0..<12).map { builder.and(inputs[$0], inputs[23 - $0]) }
        return builder.finish(outputs: outputs)
    }()

    @Test("neither party leaves its wires on the stack")
    func slotsAreWiped() throws {
        let session = ProofSession()
        #expect(Self.circuit.slotCount <= 64)
        let wires = try session.commit((0..<24).map { $0 % 3 == 0 })
        for (party, own) in [(session.prover as any ProofParty, wires.prover), (session.verifier, wires.verifier)] {
            let traces = own.map(\.littleEndianBytes)
            let control = deadStack { leaveOnStack(traces.flatMap { $0 }) }
            #expect(count(of: traces, in: control) == 24)
            var outputs: [Block]?
            let remains = deadStack { outputs = try? party.run(Self.circuit, inputs: own) }
            #expect(outputs?.count == 12)
            // One or two may have been in a register that a callee saved; all of the slots may not stay.
            #expect(count(of: traces, in: remains) <= 2)
            session.send()
        }
    }
}
