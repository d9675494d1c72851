import Attestations
import CryptoCore
import Testing

@Suite("Transcript trees")
struct TranscriptTreeTests {
    /// A session whose response is cut into `count` committed bytes.
    private static func session(_ count: Int) -> SampleSession {
        var session = SampleSession()
        session.sent = []
        session.received = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        session.openings = (0..<count).map {
            SampleSession.opening(.received, .committed, $0..<$0 + 1, UInt8(truncatingIfNeeded: 3 * $0))
        }
        return session
    }

    /// The definition, word for word and without any code of the module.
    private static func definedRoot(_ session: SampleSession) -> [UInt8] {
        func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
        }
        let leaves = session.openings.enumerated().map { index, opening -> [UInt8] in
            let transcript = opening.direction == .sent ? session.sent : session.received
            let commitment = SHA256.hash(Array(transcript[opening.range]) + opening.blinder)
            let place = [opening.direction == .sent ? 0 : 1, opening.kind == .disclosed ? 0 : 1].map { UInt8($0) }
            return Keccak256.hash(
                [0] + bigEndian(index, 4) + place + bigEndian(opening.range.lowerBound, 8)
                    + bigEndian(opening.range.upperBound, 8) + commitment
            )
        }
        func top(_ leaves: [[UInt8]]) -> [UInt8] {
            if leaves.count == 1 { return leaves[0] }
            var left = 1
            while left * 2 < leaves.count { left *= 2 }
            return Keccak256.hash([1] + top(Array(leaves[..<left])) + top(Array(leaves[left...])))
        }
        let highest = leaves.isEmpty ? [UInt8](repeating: 0, count: 32) : top(leaves)
        return Keccak256.hash([2] + bigEndian(leaves.count, 4) + highest)
    }

    @Test("Roots follow the definition", arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 100])
    func roots(count: Int) throws {
        let session = Self.session(count)
        #expect(try session.tree().root.bytes == Self.definedRoot(session))
    }

    @Test func theSampleFollowsTheDefinition() throws {
        #expect(try SampleSession().tree().root.bytes == Self.definedRoot(SampleSession()))
    }

    @Test("Every subset of leaves can be shown", arguments: 0...7)
    func subsets(count: Int) throws {
        let session = Self.session(count)
        let attestation = try session.attestation()
        let secrets = try session.secrets(of: attestation)
        let verifier = PresentationVerifier(policy: try session.policy())
        for subset in 0..<1 << count {
            let leaves = (0..<count).filter { subset >> $0 & 1 == 1 }
            let presentation = try secrets.presentation(
                of: attestation,
                showing: leaves,
                opensIdentity: false,
                includesContextText: false
            )
            let verified = try verifier.verify(presentation)
            #expect(verified.received.segments.map(\.range.lowerBound) == leaves)
            #expect(verified.received.segments.flatMap(\.bytes) == leaves.map { UInt8($0) })
            #expect(verified.received.hiddenRanges.reduce(0) { $0 + $1.count } == count - leaves.count)
            if count > 0, subset == 0 { #expect(presentation.proof.hashes.count == 1) }
            if leaves.count == count { #expect(presentation.proof.hashes.isEmpty) }
        }
    }

    @Test func largeTrees() throws {
        let session = Self.session(5000)
        let attestation = try session.attestation()
        let presentation = try session.secrets(of: attestation).presentation(
            of: attestation,
            showing: [0, 1, 2500, 4999],
            opensIdentity: false,
            includesContextText: false
        )
        #expect(presentation.proof.hashes.count < 40)
        let verified = try PresentationVerifier(policy: session.policy()).verify(presentation)
        #expect(verified.received.segments.map(\.range.lowerBound) == [0, 1, 2500, 4999])
    }

    @Test func treesRefuseWhatIsOutOfOrder() throws {
        func openings(_ ranges: (TranscriptLeaf.Direction, Range<Int>)...) -> [SegmentOpening] {
            ranges.map { SampleSession.opening($0.0, .committed, $0.1, 1) }
        }
        var session = SampleSession()
        for wrong in [
            openings((.sent, 0..<10), (.sent, 9..<20)), openings((.sent, 0..<10), (.sent, 0..<10)),
            openings((.sent, 10..<20), (.sent, 0..<10)), openings((.received, 0..<10), (.sent, 20..<30)),
        ] {
            session.openings = wrong
            #expect(throws: AttestationError.overlappingSegments(leaf: 0, next: 1)) { try session.tree() }
        }
        for wrong in [openings((.sent, 0..<74)), openings((.sent, -1..<10))] {
            session.openings = wrong
            #expect(throws: AttestationError.segmentOutOfRange(leaf: 0)) { try session.tree() }
        }
        session.openings = openings((.sent, 5..<5))
        #expect(throws: AttestationError.malformed("range of a leaf")) { try session.tree() }
    }

    @Test func theBlinderHidesAndTheSaltSeparates() {
        let salt = [UInt8](repeating: 9, count: 32)
        let blinder = TranscriptLeaf.disclosureBlinder(salt: salt, direction: .sent, start: 0)
        #expect(blinder.count == TranscriptLeaf.blinderByteCount)
        var others: Set<[UInt8]> = [blinder]
        #expect(others.insert(TranscriptLeaf.disclosureBlinder(salt: salt, direction: .received, start: 0)).inserted)
        #expect(others.insert(TranscriptLeaf.disclosureBlinder(salt: salt, direction: .sent, start: 1)).inserted)
        #expect(others.insert(TranscriptLeaf.disclosureBlinder(salt: [1], direction: .sent, start: 0)).inserted)
        let bytes: [UInt8] = [1, 2]
        #expect(
            TranscriptLeaf.commitment(to: bytes, blinder: blinder)
                != TranscriptLeaf.commitment(to: bytes, blinder: [UInt8](repeating: 0, count: 16))
        )
    }
}
