/// Decides whether a presentation proves anything to a relying party, and what.
public struct PresentationVerifier: Sendable {
    /// A committed handshake that a presentation opened; the commitment has been checked, its content has not.
    public struct OpenedHandshake: Hashable, Sendable {
        /// The engine's encoding of the handshake messages.
        public let handshake: [UInt8]
        /// What the notary signed about the connection.
        ///
        /// Randoms, suite, ephemeral key and session hash must be those of the messages, or the handshake is another.
        public let tls: TLSFacts
        /// When the session ended by the notary's clock, in Unix milliseconds: the moment to check certificates for.
        public let endTime: UInt64
    }

    /// What checking an opened handshake establishes.
    public struct CheckedServer: Hashable, Sendable {
        /// The name that the client asked for and the certificate is valid for.
        public let name: String
        /// SHA-256 of the leaf certificate in DER.
        public let certificateFingerprint: Bytes32

        /// A checked server.
        public init(name: String, certificateFingerprint: Bytes32) {
            self.name = name
            self.certificateFingerprint = certificateFingerprint
        }
    }

    /// Checks that an opened handshake is the one of the signed facts, certificates and signature included.
    public typealias IdentityCheck = @Sendable (OpenedHandshake) throws -> CheckedServer

    private let policy: PresentationPolicy
    private let identityCheck: IdentityCheck?

    /// A verifier.
    ///
    /// - Parameters:
    ///   - policy: What is demanded.
    ///   - identityCheck: Checks an opened server identity. This module knows nothing about certificates; without a
    ///     check, presentations that open one are refused.
    public init(policy: PresentationPolicy, identityCheck: IdentityCheck? = nil) {
        self.policy = policy
        self.identityCheck = identityCheck
    }

    /// What `presentation` proves.
    ///
    /// - Throws: The first reason to refuse it: trust, purpose, time, identity, completeness, then the segments.
    public func verify(_ presentation: Presentation) throws(AttestationError) -> VerifiedPresentation {
        try verify(presentation, checksSegments: true)
    }

    /// What `attestation` alone proves, without any part of the transcript.
    ///
    /// - Throws: The first reason to refuse it: trust, purpose, time, identity, completeness.
    public func verify(_ attestation: Attestation) throws(AttestationError) -> VerifiedPresentation {
        let presentation = try Presentation(
            attestation: attestation,
            segments: [],
            proof: MerkleProof(hashes: []),
            identity: nil
        )
        return try verify(presentation, checksSegments: false)
    }

    private func verify(
        _ presentation: Presentation,
        checksSegments: Bool
    ) throws(AttestationError) -> VerifiedPresentation {
        let header = presentation.attestation.header
        try checkTrust(header)
        try checkTime(header)
        let server = try server(of: presentation)
        if let expected = policy.serverName {
            guard let server else { throw .identityMissing }
            guard server.name.lowercased() == expected.lowercased() else {
                throw .wrongServerName(found: server.name)
            }
        }
        if policy.requiresCompleteTranscript, !header.transcript.complete { throw .incomplete }
        if checksSegments { try checkSegments(presentation) }
        let sent = visible(.sent, presentation)
        let received = visible(.received, presentation)
        return VerifiedPresentation(
            id: presentation.attestation.id,
            header: header,
            contextText: presentation.attestation.contextText,
            server: server,
            sent: sent,
            received: received,
            notProven: limits(header, server, sent, received)
        )
    }

    private func checkTrust(_ header: AttestationHeader) throws(AttestationError) {
        if case .addresses(let trusted) = policy.notaries, !trusted.contains(header.notary) {
            throw .untrustedNotary(header.notary)
        }
        if let network = policy.network, network != header.network { throw .wrongNetwork(found: header.network) }
        if let owner = policy.owner, owner != header.purpose.owner { throw .wrongOwner(found: header.purpose.owner) }
        if let contextHash = policy.contextHash, contextHash != header.purpose.contextHash {
            throw .wrongContext(found: header.purpose.contextHash)
        }
    }

    private func checkTime(_ header: AttestationHeader) throws(AttestationError) {
        let (latest, overflow) = policy.now.addingReportingOverflow(policy.clockToleranceMilliseconds)
        guard overflow || header.endTime <= latest else { throw .notYetValid(endTime: header.endTime) }
        guard policy.now <= header.purpose.expiry else { throw .expired(at: header.purpose.expiry) }
        if let limit = policy.ageMillisecondsMax, policy.now > header.endTime {
            let age = policy.now - header.endTime
            guard age <= limit else { throw .tooOld(ageMilliseconds: age) }
        }
    }

    private func server(of presentation: Presentation) throws(AttestationError) -> VerifiedServer? {
        let header = presentation.attestation.header
        switch (header.server, presentation.identity) {
        case (.revealed(let revealed), nil):
            return VerifiedServer(
                name: revealed.name,
                certificateFingerprint: revealed.certificateFingerprint,
                checker: .notary(at: revealed.validatedAt)
            )
        case (.revealed, .some):
            throw .identityOpeningMismatch
        case (.committed, nil):
            guard !policy.requiresServerIdentity else { throw .identityMissing }
            return nil
        case (.committed(let commitment), let opening?):
            guard opening.commitment == commitment else { throw .identityOpeningMismatch }
            guard let identityCheck else { throw .identityNotChecked }
            let opened = OpenedHandshake(handshake: opening.handshake, tls: header.tls, endTime: header.endTime)
            do {
                let checked = try identityCheck(opened)
                return VerifiedServer(
                    name: checked.name,
                    certificateFingerprint: checked.certificateFingerprint,
                    checker: .relyingParty
                )
            } catch {
                throw .identityRejected("\(error)")
            }
        }
    }

    private func checkSegments(_ presentation: Presentation) throws(AttestationError) {
        let summary = presentation.attestation.header.transcript
        var hashes: [(index: Int, hash: Bytes32)] = []
        var previous: (index: Int, leaf: TranscriptLeaf)?
        for segment in presentation.segments {
            let leaf = try segment.leaf
            guard segment.index < summary.leafCount, leaf.range.upperBound <= summary.length(leaf.direction) else {
                throw .segmentOutOfRange(leaf: segment.index)
            }
            if let previous, segment.index <= previous.index || !previous.leaf.precedes(leaf) {
                throw .overlappingSegments(leaf: previous.index, next: segment.index)
            }
            previous = (segment.index, leaf)
            hashes.append((segment.index, leaf.hash(index: segment.index)))
        }
        let root = try presentation.proof.root(leafCount: summary.leafCount, shown: hashes)
        guard root == summary.root else { throw .merkleMismatch }
    }

    private func visible(_ direction: TranscriptLeaf.Direction, _ presentation: Presentation) -> VisibleTranscript {
        let segments = presentation.segments.filter { $0.direction == direction }
        return VisibleTranscript(
            length: presentation.attestation.header.transcript.length(direction),
            segments: segments.map { VisibleSegment(range: $0.range, bytes: $0.bytes, kind: $0.kind) }
        )
    }

    private func limits(
        _ header: AttestationHeader,
        _ server: VerifiedServer?,
        _ sent: VisibleTranscript,
        _ received: VisibleTranscript
    ) -> [ProofLimit] {
        var limits: [ProofLimit] = []
        if case .anyone = policy.notaries { limits.append(.notaryUnknown) }
        limits.append(.collusion)
        switch server?.checker {
        case nil: limits.append(.serverUnknown)
        case .notary: limits.append(.certificateCheckedByNotary)
        case .relyingParty: break
        }
        if !header.transcript.complete { limits.append(.prefixOnly) }
        for (direction, transcript) in [(TranscriptLeaf.Direction.sent, sent), (.received, received)] {
            let count = transcript.hiddenRanges.reduce(0) { $0 + $1.count }
            if count > 0 { limits.append(.hiddenBytes(direction, count: count)) }
        }
        return limits + [.purposeIsDeclared, .truthOfContent]
    }
}
