import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

@Suite("What proofs show of themselves")
struct RedactionTests {
    private static func expectNothing(
        _ value: Any,
        named name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), dumped] {
            #expect(text.contains("\(name)(redacted)"), sourceLocation: sourceLocation)
        }
        #expect(dumped.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
        #expect(Mirror(reflecting: value).children.isEmpty, sourceLocation: sourceLocation)
    }

    @Test("neither party nor a key on wires prints or reflects anything")
    func parties() throws {
        let session = ProofSession()
        let wires = try session.commit(bits(ofBytes: [UInt8](repeating: 0x5a, count: 28)))
        Self.expectNothing(session.prover, named: "ProofProver")
        Self.expectNothing(session.verifier, named: "ProofVerifier")
        let key = try session.prover.aesKeySchedule(key: Array(wires.prover[..<128]))
        Self.expectNothing(key, named: "AESProofKey")
        let prefix = try session.prover.aesCounterPrefix(key, nonce: Array(wires.prover[128...]), counter: 2)
        Self.expectNothing(prefix, named: "AESProofCounterPrefix")
    }
}
