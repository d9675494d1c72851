import CryptoCore
import Foundation
import NodeRuntime
import PartyChannel
import PeerNetworking
import Testing

/// Provers that send garbage, too much, too slowly or nothing.
@Suite(.timeLimit(.minutes(10)))
struct HostileProverTests {
    @Test func garbageIsRefusedAtOnce() async throws {
        // No limit in time plays a part.
        let notary = try await TestNotary {
            $0.messageTimeout = .seconds(3600)
            $0.sessionDuration = .seconds(3600)
        }
        var random = BlockPRG(seed: .init(1, 2))
        for length in [1, 5, 6, 7, 100, 70_000] {
            let reason = try await Dialler().garbage(random.bytes(length), to: notary.address)
            #expect(reason.contains(length < 6 ? "the session was over" : "your side broke the protocol"), "\(length)")
        }
        // The right tag, and a length that must not be believed.
        let reason = try await Dialler().garbage([0x01, 0x2c, 0xff, 0xff, 0xff, 0xff], to: notary.address)
        #expect(reason.contains("at most 16384 are allowed"))
        // The right tag and length, and a content that is none.
        let parameters = try await Dialler().garbage([0x01, 0x2c, 0, 0, 0, 50] + random.bytes(50), to: notary.address)
        #expect(parameters.contains("your side broke the protocol: a message is malformed"))
        #expect(await notary.isIdle())
        await notary.close()
    }

    /// Who sends a byte now and then occupies a place for as long as any session may, and no longer.
    @Test func slowProversLoseTheirPlace() async throws {
        let notary = try await TestNotary {
            $0.sessionDuration = .seconds(2)
            $0.sessionCountMax = 1
        }
        let start = ContinuousClock.now
        let error = await #expect(throws: (any Error).self) {
            try await Dialler().withStream(to: notary.address) { stream in
                try stream.write([0x01, 0x2c, 0, 0, 0x20, 0])
                let channel = StreamChannel(stream)
                stream.timeLimits.read = .milliseconds(200)
                while ContinuousClock.now - start < .seconds(60) {
                    try stream.write([0])
                    do {
                        _ = try channel.receive(FrameTag(rawValue: 1), limit: 0)
                    } catch ChannelError.timedOut {
                        continue
                    }
                }
            }
        }
        #expect("\(String(describing: error))".contains("you took longer than this notary waits"))
        #expect(ContinuousClock.now - start < .seconds(25))
        #expect(await notary.isIdle())
        #expect(try await Dialler().garbage(to: notary.address).contains("your side broke the protocol"))
        await notary.close()
    }

    @Test func silentProversLoseTheirPlaceSooner() async throws {
        let notary = try await TestNotary { $0.messageTimeout = .milliseconds(300) }
        let start = ContinuousClock.now
        let error = await #expect(throws: ChannelError.self) {
            try await Dialler().withStream(to: notary.address) { stream in
                _ = try StreamChannel(stream).receive(FrameTag(rawValue: 1), limit: 0)
            }
        }
        #expect("\(String(describing: error))".contains("you took longer than this notary waits"))
        #expect(ContinuousClock.now - start < .seconds(25))
        #expect(await notary.isIdle())
        await notary.close()
    }

    /// Who never reads holds the notary up no longer than who never writes.
    @Test func proversThatDoNotReadLoseTheirPlace() async throws {
        let notary = try await TestNotary { $0.messageTimeout = .milliseconds(300) }
        try await Dialler().withStream(to: notary.address) { stream in
            let parameters = try SessionStart.parameters()
            try stream.write(parameters)
            let start = ContinuousClock.now
            // The session may have begun and ended before anybody looks.
            while !notary.log.text.contains("session failed"), ContinuousClock.now - start < .seconds(60) {
                Thread.sleep(forTimeInterval: 0.01)
            }
            #expect(ContinuousClock.now - start < .seconds(25))
        }
        #expect(await notary.isIdle())
        await notary.close()
    }
}
