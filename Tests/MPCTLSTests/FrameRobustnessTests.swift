import Correlations
import CryptoCore
import Foundation
import MPCTLS
import PartyChannel
import Testing

/// Every frame of a session dropped, changed, cut, extended, too long, under another name, or the last: both parties end
/// with an error, none hangs, none traps, and the notary states no facts.
@Suite struct FrameRobustnessTests {
    enum Party: String, Sendable {
        case prover, notary
    }

    /// One frame of an honest session.
    struct FrameName: Hashable, Sendable {
        let party: Party
        let tag: FrameTag
        let occurrence: Int
    }

    enum Damage: CaseIterable {
        case drop, garble, truncate, extend, oversize, rename, disconnect
    }

    /// The frames of a session in which nothing is prepared, so that correlations are made in every phase; of the
    /// tables only the first two.
    private actor Catalogue {
        static let shared = Catalogue()
        private var recording: Task<[FrameName], any Error>?

        func frames() async throws -> [FrameName] {
            let task = recording ?? Task { try await Self.record() }
            recording = task
            return try await task.value
        }

        private static func record() async throws -> [FrameName] {
            let names = Shared<[FrameName]>([])
            func recorder(_ party: Party) -> @Sendable (any PartyChannel) -> any PartyChannel {
                { channel in
                    TamperingChannel(channel) { frame in
                        guard frame.direction == .outgoing else { return .pass }
                        guard frame.tag != SessionFrame.tables || frame.occurrence < 2 else { return .pass }
                        let name = FrameName(party: party, tag: frame.tag, occurrence: frame.occurrence)
                        names.update { $0.append(name) }
                        return .pass
                    }
                }
            }
            var harness = SessionHarness()
            harness.proverChannel = recorder(.prover)
            harness.notaryChannel = recorder(.notary)
            _ = try await harness.run(try ScriptedTLSServer()).both()
            return names.value.sorted { ($0.tag.rawValue, $0.occurrence) < ($1.tag.rawValue, $1.occurrence) }
        }
    }

    @Test func sessionHasTheFramesOfTheProtocol() async throws {
        let frames = try await Catalogue.shared.frames()
        let tags = Set(frames.map(\.tag))
        for tag in [
            SessionFrame.parameters, SessionFrame.acceptance, SessionFrame.tables, SessionFrame.openings,
            SessionFrame.masks, SessionFrame.ready, SessionFrame.keyExchange, SessionFrame.keyExchangeReply,
            SessionFrame.slope,
            SessionFrame.slopeReply, SessionFrame.shareCommitment, SessionFrame.labels, SessionFrame.colours,
            SessionFrame.finishedRecord, SessionFrame.finishedTag, SessionFrame.requestRecord, SessionFrame.requestTag,
            SessionFrame.close, SessionFrame.opening, SessionFrame.plan, SessionFrame.proof, SessionFrame.challenge,
            SessionFrame.finalProof,
        ] { #expect(tags.contains(tag)) }
        // Of the correlations, too, which are damaged like the rest.
        for tag in [
            FrameTag.baseOTKey, .baseOTChoice, .treeCorrections, .extensionColumns, .oleChoices, .p256OLE, .gf128OLE,
            .bulkSums, .bulkChallenge, .bulkDigest,
        ] { #expect(tags.contains(tag)) }
        #expect(frames.count < 120)
    }

    private static func action(_ damage: Damage, _ frame: TamperedFrame) -> FrameAction {
        switch damage {
        case .drop: .drop
        case .disconnect: .disconnect
        case .garble: frame.payload.isEmpty ? .replace([1]) : .replace(frame.payload.map { $0 ^ 0x5a })
        case .truncate: frame.payload.isEmpty ? .drop : .replace(Array(frame.payload.dropLast()))
        case .extend: .replace(frame.payload + [0])
        case .oversize: .replace(frame.payload + [UInt8](repeating: 0, count: 3 << 20))
        case .rename: .send([(FrameTag(rawValue: frame.tag.rawValue ^ 1), frame.payload)])
        }
    }

    /// Of the frames of one party every sixteenth.
    private static func damageAll(of party: Party, group: Int) async throws {
        let frames = try await Catalogue.shared.frames().filter { $0.party == party }
        for (index, name) in frames.enumerated() where index % 16 == group {
            for damage in Damage.allCases { try await Self.damage(name, damage) }
        }
    }

    @Suite(.serialized) struct OfTheProver {
        @Test(arguments: 0..<16) func damagedFramesEndTheSession(group: Int) async throws {
            try await damageAll(of: .prover, group: group)
        }
    }

    @Suite(.serialized) struct OfTheNotary {
        @Test(arguments: 0..<16) func damagedFramesEndTheSession(group: Int) async throws {
            try await damageAll(of: .notary, group: group)
        }
    }

    private static func damage(_ name: FrameName, _ damage: Damage) async throws {
        let rule: TamperingChannel.Rule = { frame in
            frame.isSent(name.tag, name.occurrence) ? action(damage, frame) : .pass
        }
        var harness = SessionHarness()
        switch name.party {
        case .prover: harness.proverChannel = { TamperingChannel($0, rule: rule) }
        case .notary: harness.notaryChannel = { TamperingChannel($0, rule: rule) }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        if case .success = outcome.notary {
            Issue.record("the notary stated facts although frame \(name) was damaged: \(damage)")
        }
        // Once the proof is sent, nothing tells the prover what became of it.
        let isLast = [SessionFrame.proof, SessionFrame.challenge, SessionFrame.finalProof].contains(name.tag)
        if case .success = outcome.prover, !isLast {
            Issue.record("the prover succeeded although frame \(name) was damaged: \(damage)")
        }
    }
}
