import Attestations
import CryptoCore
import Testing

@Suite("Presentations")
struct PresentationTests {
    private let session = SampleSession()

    private func verify(
        _ presentation: Presentation,
        _ adjust: (inout PresentationPolicy) -> Void = { _ in }
    ) throws -> VerifiedPresentation {
        var policy = try session.policy()
        adjust(&policy)
        return try PresentationVerifier(policy: policy).verify(presentation)
    }

    /// `presentation` with other segments.
    private func altered(
        _ presentation: Presentation,
        _ change: (inout [ShownSegment]) throws -> Void
    ) throws -> Presentation {
        var segments = presentation.segments
        try change(&segments)
        return try Presentation(
            attestation: presentation.attestation,
            segments: segments,
            proof: presentation.proof,
            identity: presentation.identity
        )
    }

    private func segment(
        _ original: ShownSegment,
        index: Int? = nil,
        direction: TranscriptLeaf.Direction? = nil,
        kind: TranscriptLeaf.Kind? = nil,
        start: Int? = nil,
        bytes: [UInt8]? = nil,
        blinder: [UInt8]? = nil
    ) throws -> ShownSegment {
        try ShownSegment(
            index: index ?? original.index,
            direction: direction ?? original.direction,
            kind: kind ?? original.kind,
            start: start ?? original.start,
            bytes: bytes ?? original.bytes,
            blinder: blinder ?? original.blinder
        )
    }

    @Test func anHonestPresentationSaysWhatIsProved() throws {
        let verified = try verify(session.presentation())
        #expect(verified.server?.name == "bank.example")
        #expect(verified.server?.checker == .notary(at: session.validatedAt))
        #expect(verified.contextText == session.contextText)
        let marked = { (range: Range<Int>) in Array("[\(range.count)]".utf8) }
        #expect(
            String(decoding: verified.sent.bytes(marking: marked), as: UTF8.self)
                == "GET /payments/42 HTTP/1.1\r\nHost: bank.example\r\n[26]"
        )
        #expect(
            String(decoding: verified.received.bytes(marking: marked), as: UTF8.self)
                == "HTTP/1.1 200 OK\r\n[31]\"amount\":\"129.90\"[23]"
        )
        #expect(verified.sent.segments.map(\.kind) == [.disclosed, .disclosed])
        #expect(verified.received.segments.map(\.kind) == [.disclosed, .committed])
        #expect(
            verified.notProven == [
                .collusion, .certificateCheckedByNotary, .hiddenBytes(.sent, count: 26),
                .hiddenBytes(.received, count: 54), .purposeIsDeclared, .truthOfContent,
            ]
        )
    }

    @Test func bothFormsRoundTrip() throws {
        var committed = session
        committed.identity = try SampleSession.sampleIdentity()
        for presentation in [try session.presentation(), try committed.presentation(showing: [])] {
            #expect(try Presentation(bytes: presentation.bytes) == presentation)
            #expect(try Presentation(json: Array(presentation.json.utf8)) == presentation)
        }
        let attestation = try committed.attestation()
        let secrets = try committed.secrets(of: attestation)
        #expect(try AttestationSecrets(bytes: secrets.bytes) == secrets)
        #expect(try AttestationSecrets(json: Array(secrets.json.utf8)) == secrets)
    }

    @Test func changedSegmentsAreRefused() throws {
        let honest = try session.presentation()
        let leaf = try #require(honest.segments.last)
        var bytes = leaf.bytes
        bytes[10] = UInt8(ascii: "9")
        var blinder = leaf.blinder
        blinder[0] ^= 1
        let cheats: [(String, ShownSegment)] = [
            ("bytes", try segment(leaf, bytes: bytes)),
            ("shorter", try segment(leaf, bytes: Array(leaf.bytes.dropLast()))),
            ("blinder", try segment(leaf, blinder: blinder)),
            (
                "bytes moved into the blinder",
                try segment(
                    leaf,
                    bytes: leaf.bytes + [leaf.blinder[0]],
                    blinder: Array(leaf.blinder.dropFirst()) + [0]
                )
            ),
            ("kind", try segment(leaf, kind: .disclosed)),
            ("place", try segment(leaf, start: leaf.start - 1)),
            ("index", try segment(leaf, index: 5)),
        ]
        for (name, cheat) in cheats {
            #expect(throws: AttestationError.merkleMismatch, "\(name)") {
                try verify(altered(honest) { $0[$0.count - 1] = cheat })
            }
        }
    }

    @Test func aLeafIsNoLeafOfTheOtherDirection() throws {
        let honest = try session.presentation(showing: [3])
        let replayed = try altered(honest) { $0[0] = try segment($0[0], direction: .sent) }
        #expect(throws: AttestationError.merkleMismatch) { try verify(replayed) }
        let cookie = try session.presentation(showing: [2])
        let response = try altered(cookie) { $0[0] = try segment($0[0], direction: .received) }
        #expect(throws: AttestationError.merkleMismatch) { try verify(response) }
    }

    @Test func overlapsRepetitionsAndDisorderAreRefused() throws {
        let honest = try session.presentation()
        let repeated = try altered(honest) { $0.insert($0[0], at: 0) }
        #expect(throws: AttestationError.overlappingSegments(leaf: 0, next: 0)) { try verify(repeated) }
        let disordered = try altered(honest) { $0.swapAt(0, 1) }
        #expect(throws: AttestationError.overlappingSegments(leaf: 1, next: 0)) { try verify(disordered) }
        let overlapping = try altered(honest) { $0[1] = try segment($0[1], start: 20) }
        #expect(throws: AttestationError.overlappingSegments(leaf: 0, next: 1)) { try verify(overlapping) }
        let again = try altered(honest) { $0.append(try segment($0[0], index: 5)) }
        #expect(throws: AttestationError.overlappingSegments(leaf: 4, next: 5)) { try verify(again) }
        let beyond = try altered(honest) { $0[3] = try segment($0[3], index: 6) }
        #expect(throws: AttestationError.segmentOutOfRange(leaf: 6)) { try verify(beyond) }
        let outside = try altered(honest) { $0[3] = try segment($0[3], start: 80) }
        #expect(throws: AttestationError.segmentOutOfRange(leaf: 4)) { try verify(outside) }
    }

    @Test func wrongProofsAreRefused() throws {
        let honest = try session.presentation(showing: [1, 4])
        let hashes = honest.proof.hashes
        var flipped = hashes
        flipped[0] = SampleSession.fill(0)
        for wrong in [[], Array(hashes.dropLast()), hashes + [.zero], flipped, hashes.reversed()] {
            let cheat = try Presentation(
                attestation: honest.attestation,
                segments: honest.segments,
                proof: MerkleProof(hashes: wrong),
                identity: nil
            )
            #expect(throws: AttestationError.merkleMismatch, "\(wrong.count) hashes") { try verify(cheat) }
        }
        let other = try Presentation(
            attestation: honest.attestation,
            segments: [],
            proof: MerkleProof(hashes: hashes),
            identity: nil
        )
        #expect(throws: AttestationError.merkleMismatch) { try verify(other) }
    }

    @Test func theLeafCountIsUnderTheSignature() throws {
        // A proof for a tree of two leaves, with the top of the other two in place of the second leaf.
        var wide = session
        wide.openings = Array(wide.openings.prefix(4))
        var narrow = session
        narrow.openings = Array(narrow.openings.prefix(2))
        #expect(try wide.tree().root != narrow.tree().root)
        let honest = try wide.presentation(showing: [0])
        let cheat = try Presentation(
            attestation: honest.attestation,
            segments: honest.segments,
            proof: MerkleProof(hashes: [honest.proof.hashes[1]]),
            identity: nil
        )
        #expect(throws: AttestationError.merkleMismatch) { try verify(cheat) }
    }

    @Test func segmentsOfAnotherAttestationAreRefused() throws {
        let honest = try session.presentation()
        var other = session
        other.received[60] = UInt8(ascii: "8")
        let swapped = try Presentation(
            attestation: try other.attestation(),
            segments: honest.segments,
            proof: honest.proof,
            identity: nil
        )
        #expect(throws: AttestationError.merkleMismatch) { try verify(swapped) }
        let attestation = try session.attestation()
        #expect(throws: AttestationError.secretsMismatch) {
            try other.secrets(of: attestation).check(against: attestation)
        }
        #expect(throws: AttestationError.secretsMismatch) {
            try session.secrets(of: try other.attestation()).check(against: attestation)
        }
    }

    @Test func bytesOfAPresentationAreCanonical() throws {
        let honest = try session.presentation()
        let bytes = honest.bytes
        for index in bytes.indices {
            var tampered = bytes
            tampered[index] ^= 1
            #expect(throws: AttestationError.self, "byte \(index)") { try verify(Presentation(bytes: tampered)) }
        }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: AttestationError.self) { try Presentation(bytes: Array(bytes.prefix(count))) }
        }
        #expect(throws: AttestationError.malformed("1 bytes after the end")) { try Presentation(bytes: bytes + [0]) }
        #expect(throws: AttestationError.malformed("magic")) { try Presentation(bytes: honest.attestation.bytes) }
        #expect(throws: AttestationError.malformed("magic")) { try Attestation(bytes: bytes) }
    }

    @Test func announcedCountsDoNotAllocate() throws {
        let attestation = try session.attestation().bytes
        let start: [UInt8] = Array("TABP".utf8) + [0, 1]
        let length = withUnsafeBytes(of: UInt32(attestation.count).bigEndian) { Array($0) }
        for announced: [UInt8] in [[0, 1, 0, 0], [0, 1, 0, 1], [0xff, 0xff, 0xff, 0xff]] {
            #expect(throws: AttestationError.self) {
                try Presentation(bytes: start + length + attestation + announced)
            }
            #expect(throws: AttestationError.self) {
                try Presentation(bytes: start + length + attestation + [0, 0, 0, 0] + announced)
            }
        }
        #expect(throws: AttestationError.self) { try Presentation(bytes: start + [0xff, 0xff, 0xff, 0xff]) }
        #expect(throws: AttestationError.self) {
            try AttestationSecrets(bytes: Array("TABS".utf8) + [0, 1] + [UInt8](repeating: 0xff, count: 36))
        }
    }

    @Test func selectionsMustBeWholeSegments() throws {
        let secrets = try session.secrets(of: session.attestation())
        typealias Selection = AttestationSecrets.Selection
        #expect(try secrets.leaves(covering: []) == [])
        #expect(try secrets.leaves(covering: [Selection(.received, SampleSession.amount)]) == [4])
        #expect(
            try secrets.leaves(covering: [Selection(.received, SampleSession.iban), Selection(.sent, 0..<47)])
                == [0, 1, 5]
        )
        for range in [0..<10, 1..<27, 20..<47, 0..<73, 71..<73, 5..<5] {
            #expect(throws: AttestationError.notCovered(direction: .sent, range: range)) {
                try secrets.leaves(covering: [Selection(.sent, range)])
            }
        }
        #expect(throws: AttestationError.segmentOutOfRange(leaf: 6)) { try session.presentation(showing: [6]) }
    }

    @Test func secretsAreNotPrinted() throws {
        let secrets = try session.secrets(of: session.attestation())
        var dumped = ""
        dump(secrets, to: &dumped)
        for text in ["\(secrets)", String(reflecting: secrets), dumped] {
            #expect(!text.contains("71, 69, 84") && text.contains("redacted"))
        }
    }
}
