import BooleanCircuits
import CKernels
import CryptoCore
import GarbledCircuits
import Testing

/// The portable kernels and the accelerated ones are interchangeable, also between the two parties.
@Suite(.serialized) struct GarblingKernelPathTests {
    private func garble(_ circuit: Circuit, portable: Bool) -> GarbledRun {
        tab_cpu_use_portable(portable ? 1 : 0)
        defer { tab_cpu_use_portable(0) }
        return GarbledRun(circuit, seed: 21)
    }

    @Test(arguments: GarbledCircuit.allCases)
    func tablesAndLabelsAreEqual(name: GarbledCircuit) throws {
        let circuit = name.circuit
        let accelerated = garble(circuit, portable: false)
        let portable = garble(circuit, portable: true)
        #expect(accelerated.tables == portable.tables)
        #expect(accelerated.outputZeroLabels == portable.outputZeroLabels)

        let bits = randomBits(circuit.inputCount, seed: 22)
        let fast = try accelerated.evaluate(circuit, bits)
        tab_cpu_use_portable(1)
        defer { tab_cpu_use_portable(0) }
        let slow = try accelerated.evaluate(circuit, bits)
        #expect(fast == slow)
        #expect(accelerated.decode(slow) == circuit.evaluate(bits))
    }

    /// A trace under a fixed seed: whatever changes it breaks peers of an earlier version.
    @Test func wireTraceOfAFixedSeed() {
        let run = GarbledRun(Circuits.aes128CTRBlock, seed: 1)
        let trace = SHA256.hash(run.tables + run.outputZeroLabels.littleEndianBytes)
        let expected = "7a0674cf50ce8edac1ee39298fa1c4bdcd392f75a6d1dc40f899a48652e71f86"
        #expect(trace.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == expected)
    }
}
