import Attestations
import CryptoCore
import MPCTLS
import NodeRuntime
import PeerProtocols
import Testing

@Suite struct NotaryAdmissionTests {
    private struct Failed: Error {}

    private static let failure = Result<Void, any Error>.failure(Failed())

    private func peer(_ number: UInt8) throws -> PeerID {
        let key = try Secp256k1PrivateKey(bytes: [UInt8](repeating: 0, count: 31) + [number])
        return PeerIdentity(privateKey: key).id
    }

    private func configuration(_ change: (inout NotaryConfiguration) -> Void = { _ in }) -> NotaryConfiguration {
        var configuration = NotaryConfiguration(network: TestNotary.network)
        configuration.abortCountMax = 1
        change(&configuration)
        return configuration
    }

    @Test(arguments: [(1, 1), (3, 1), (4, 1), (8, 2), (32, 8), (4096, 1024)])
    func aPeerGetsAQuarterOfTheSessions(all: Int, share: Int) throws {
        let admission = NotaryAdmission(configuration: configuration { $0.sessionCountMax = all })
        for _ in 0..<share { #expect(admission.enter(try peer(1), now: .now) == nil) }
        let reason = admission.enter(try peer(1), now: .now)
        #expect(reason?.contains(all == 1 ? "busy: 1 sessions" : "you have \(share) sessions running") == true)
        if all > 1 { #expect(admission.enter(try peer(2), now: .now) == nil) }
        admission.leave(try peer(1), counting: Result<Void, any Error>.success(()), now: .now)
        #expect(admission.enter(try peer(1), now: .now) == nil)
    }

    @Test func abortsAreForgottenInTime() throws {
        let admission = NotaryAdmission(configuration: configuration { $0.abortWindow = .seconds(10) })
        let start = ContinuousClock.now
        #expect(admission.enter(try peer(1), now: start) == nil)
        admission.leave(try peer(1), counting: Self.failure, now: start)
        #expect(admission.enter(try peer(1), now: start + .seconds(9)) != nil)
        #expect(admission.enter(try peer(1), now: start + .seconds(10)) == nil)
        // What the notary refuses by its policy is no abort.
        admission.leave(
            try peer(1),
            counting: Result<Void, any Error>.failure(MPCTLSError.refusedByPolicy("too long")),
            now: start + .seconds(10)
        )
        #expect(admission.enter(try peer(1), now: start + .seconds(10)) == nil)
    }

    /// Of more peers than are remembered, the one is forgotten that failed the longest ago, and no other.
    @Test func oneFailingPeerMoreCostsTheOldestOnly() throws {
        let admission = NotaryAdmission(configuration: configuration(), rememberedPeerCountMax: 3)
        let start = ContinuousClock.now
        func fail(_ number: UInt8, _ seconds: Int) throws {
            #expect(admission.enter(try peer(number), now: start + .seconds(seconds)) == nil)
            admission.leave(try peer(number), counting: Self.failure, now: start + .seconds(seconds))
        }
        try fail(2, 1)
        try fail(1, 2)
        try fail(3, 3)
        try fail(4, 4)
        #expect(admission.rememberedPeerCount == 3)
        for number: UInt8 in [1, 3, 4] {
            #expect(admission.enter(try peer(number), now: start + .seconds(5)) != nil, "\(number)")
        }
        #expect(admission.enter(try peer(2), now: start + .seconds(5)) == nil)
    }
}
