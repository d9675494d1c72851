import Attestations
import Foundation
import MPCTLS
import NodeRuntime
import PartyChannel
import Testing

/// What a notary refuses, and what the buyer is told.
@Suite(.timeLimit(.minutes(10)))
struct PolicyTests {
    /// The reason that a buyer gets; nil if it was not refused by the notary.
    private func refusal(
        of buyer: Buyer,
        by configure: (inout NotaryConfiguration) -> Void = { _ in }
    ) async throws -> String? {
        let notary = try await TestNotary(configure)
        defer { Task { await notary.close() } }
        do {
            _ = try await buyer.notarize(with: notary.address)
            return nil
        } catch ChannelError.abortedByPeer(let reason) {
            #expect(await notary.isIdle())
            expectNoPlaintext(in: notary.log.text)
            return reason
        }
    }

    @Test func sizes() async throws {
        var buyer = Buyer()
        let size = buyer.request.count
        #expect(
            try await refusal(of: buyer) { $0.maxSent = size - 1 }
                == "a request may have \(size - 1) bytes here, not \(size)"
        )
        #expect(try await refusal(of: buyer) { $0.maxSent = size } == nil)
        buyer.maxReceived = 5000
        #expect(
            try await refusal(of: buyer) { $0.maxReceived = 4999 } == "a response may have 4999 bytes here, not 5000"
        )
    }

    @Test func serverNames() async throws {
        let others = ["bank.example", "shop.example"]
        var buyer = Buyer()
        #expect(
            try await refusal(of: buyer) { $0.allowedServerNames = others } == "this notary does not notarize localhost"
        )
        #expect(try await refusal(of: buyer) { $0.allowedServerNames = others + ["localhost"] } == nil)
        buyer.revealsServerIdentity = false
        let reason = try await refusal(of: buyer) { $0.allowedServerNames = ["localhost"] }
        #expect(reason?.contains("must be revealed") == true)
    }

    @Test func networkAndExpiry() async throws {
        var buyer = Buyer()
        buyer.network = NetworkID(named: "another")
        #expect(try await refusal(of: buyer)?.contains("this notary signs for network") == true)
        buyer.network = TestNotary.network
        for lifetime in [Duration.seconds(-10), .seconds(30), .seconds(500 * 86_400)] {
            buyer.lifetime = lifetime
            #expect(try await refusal(of: buyer) == "the attestation's expiry is too near, past, or too far")
        }
    }

    /// The notary's own roots count, whatever the buyer trusts.
    @Test func certificatesThatTheNotaryDoesNotTrust() async throws {
        let notary = try await TestNotary(rootsOf: .another)
        let error = await #expect(throws: ChannelError.self) { try await Buyer().notarize(with: notary.address) }
        #expect("\(String(describing: error))".contains("the server is refused: no chain of valid signatures"))
        var hiding = Buyer()
        hiding.revealsServerIdentity = false
        _ = try await hiding.notarize(with: notary.address)
        await notary.close()
    }

    @Test func whoFailsTooOftenWaits() async throws {
        let notary = try await TestNotary { $0.abortCountMax = 2 }
        var dialler = Dialler()
        for _ in 0..<2 {
            let reason = try await dialler.garbage(to: notary.address)
            #expect(reason.contains("your side broke the protocol"))
        }
        #expect(try await dialler.garbage(to: notary.address).contains("too many of your sessions failed lately"))
        // Somebody else is not affected, nor is who was only refused by policy.
        dialler = Dialler()
        #expect(try await dialler.garbage(to: notary.address).contains("your side broke the protocol"))
        #expect(await notary.isIdle())
        await notary.close()
    }

    /// Whatever the buyer does meanwhile, the place is free when the time is over, and the buyer learns why.
    @Test func aSessionHasALimitInTime() async throws {
        let notary = try await TestNotary { $0.sessionDuration = .seconds(1) }
        var buyer = Buyer()
        buyer.didEnter = { phase in
            guard phase == .setup else { return }
            for _ in 0..<2000 where !notary.log.text.contains("session failed") { Thread.sleep(forTimeInterval: 0.01) }
        }
        let error = await #expect(throws: ChannelError.self) { try await buyer.notarize(with: notary.address) }
        #expect("\(String(describing: error))".contains("you took longer than this notary waits: 1 s in all"))
        #expect(await notary.isIdle())
        await notary.close()
    }
}
