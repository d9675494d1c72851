package import Attestations
internal import CryptoCore
internal import Foundation
package import MPCTLS
internal import PartyChannel
package import PeerNetworking
internal import PeerProtocols
package import ServerIdentity
package import TLSProtocol
internal import WireFormat

/// A buyer's notarization of one request with one notary, from the connection to the checked attestation.
package struct NotarizationClient {
    /// What to fetch and how.
    package struct Task: Sendable {
        /// Where to connect.
        package var host: String
        package var port: UInt16
        /// Whom to expect there.
        package var serverName: ServerName
        /// The whole request.
        package var request: [UInt8]
        /// Bytes of response to allow.
        package var maxReceived: Int
        /// Whether the notary checks the server's identity, or gets a commitment to it.
        package var revealsServerIdentity: Bool
        /// Bits of proof to prepare before the server is contacted; more are made on demand.
        package var preparedCorrelations: Int
        /// What the attestation is to bind.
        package var binding: NotarizationRequest
        /// How long connecting, reading and writing may take with the web server.
        package var serverTimeout: Duration

        /// A task.
        package init(
            host: String,
            port: UInt16,
            serverName: ServerName,
            request: [UInt8],
            maxReceived: Int,
            revealsServerIdentity: Bool,
            preparedCorrelations: Int,
            binding: NotarizationRequest,
            serverTimeout: Duration
        ) {
            self.host = host
            self.port = port
            self.serverName = serverName
            self.request = request
            self.maxReceived = maxReceived
            self.revealsServerIdentity = revealsServerIdentity
            self.preparedCorrelations = preparedCorrelations
            self.binding = binding
            self.serverTimeout = serverTimeout
        }
    }

    /// What a notarization gives.
    package struct Outcome: Sendable {
        /// Signed, checked, and opened by the secrets.
        package let attestation: Attestation
        /// For the owner alone.
        package let secrets: AttestationSecrets
        /// What it took.
        package let meter: SessionMeter
        /// AND gates garbled.
        package let andGatesGarbled: Int
    }

    /// How far a time that the notary signs may lie outside of the session by this machine's clock.
    package static let clockTolerance = Duration.seconds(300)

    private let verifier: ServerIdentityVerifier
    private let unixMilliseconds: @Sendable () -> UInt64

    /// - Parameters:
    ///   - roots: the certificate authorities to trust for the web server.
    ///   - unixMilliseconds: this machine's clock.
    package init(
        roots: TrustedRoots,
        unixMilliseconds: @escaping @Sendable () -> UInt64 = { UnixClock.milliseconds }
    ) {
        verifier = ServerIdentityVerifier(roots: roots)
        self.unixMilliseconds = unixMilliseconds
    }

    /// Runs a session over `stream`, on the calling thread.
    ///
    /// - Parameters:
    ///   - progress: called when a phase starts, with what the session took so far.
    ///   - plan: decides, from the transcript in the clear, what is disclosed and committed to.
    /// - Throws: ``MPCTLSError``, ``ChannelError``, ``WebServerError``, ``TLSError``, ``ServerIdentityError``,
    ///   ``AttestationError``.
    @available(*, noasync)
    package func notarize(
        _ task: Task,
        over stream: PeerStream,
        progress: @escaping (SessionPhase, SessionMeter) -> Void,
        plan: (OpenedTranscript) throws -> DisclosurePlan
    ) throws -> Outcome {
        guard let notary = stream.remotePeer.ethereumAddress else {
            throw MPCTLSError.peerViolation("the notary's identity is no secp256k1 key")
        }
        let channel = StreamChannel(stream)
        let start = ContinuousClock.now
        var server: WebServerConnection?
        do {
            return try run(task, channel: channel, notary: notary, progress: progress, plan: plan) { host, port in
                let connection = try WebServerConnection(
                    host: host,
                    port: port,
                    timeout: task.serverTimeout,
                    heed: { try channel.heedAbort() }
                )
                server = connection
                return connection
            }
        } catch {
            var error = error
            // Who waited for the web server for too long may have lost the notary meanwhile: that is then the reason.
            if error is WebServerError {
                do { try channel.heedAbort() } catch let notary { error = notary }
            }
            error = Self.blamingServer(error, server, sessionDuration: .now - start)
            // The notary learns that it is over, never why: the reason can depend on what it must not see.
            channel.abort(reason: "the prover ended the session")
            throw error
        }
    }

    /// A session that a notary ended because it took too long fails because of the web server, if that took most of it.
    private static func blamingServer(
        _ error: any Error,
        _ server: WebServerConnection?,
        sessionDuration: Duration
    ) -> any Error {
        guard case ChannelError.abortedByPeer(let reason) = error, reason.hasPrefix(SessionRefusal.tookTooLong),
            let server, server.waited * 2 >= sessionDuration
        else { return error }
        return WebServerError.outlasted(
            server: server.name,
            seconds: server.waited.components.seconds,
            reason: reason
        )
    }

    private func run(
        _ task: Task,
        channel: StreamChannel,
        notary: EthereumAddress,
        progress: @escaping (SessionPhase, SessionMeter) -> Void,
        plan: (OpenedTranscript) throws -> DisclosurePlan,
        connect: (_ host: String, _ port: UInt16) throws -> WebServerConnection
    ) throws -> Outcome {
        CircuitPreparation.start()
        let start = unixMilliseconds()
        let parameters = try SessionParameters(
            maxSent: task.request.count,
            maxReceived: task.maxReceived,
            revealsServerIdentity: task.revealsServerIdentity,
            preparedCorrelations: task.preparedCorrelations,
            proverNonce: SecureRandom.bytes(32),
            application: task.binding.wireBytes
        )
        let prover = try Prover(
            channel: channel,
            parameters: parameters,
            random: BlockPRG(seed: SecureRandom.block()),
            hooks: ProverHooks(
                phase: { phase in
                    channel.enter(phase)
                    progress(phase, channel.meter)
                },
                checkSignature: { try Self.check($0, $1, notary: notary) }
            )
        )
        let connection = try connect(task.host, task.port)
        defer { connection.close() }
        let exchange = try prover.exchange(
            task.request,
            serverName: task.serverName,
            connection: connection,
            validate: { flight in
                _ = try verifier.verify(flight, for: task.serverName, at: Int64(unixMilliseconds() / 1000))
            }
        )
        let opened = try prover.open(exchange)
        let (facts, secrets) = try prover.prove(exchange, opened, plan: try plan(opened))
        let bytes = try channel.receive(.attestation, limit: Attestation.byteCountMax)
        let attestation = try Attestation(bytes: bytes)
        try checkTimes(attestation.header, start: start)
        let openings = try check(attestation, facts, secrets, task: task, notary: notary)
        channel.close()
        return Outcome(
            attestation: attestation,
            secrets: openings,
            meter: channel.meter,
            andGatesGarbled: prover.andGatesGarbled
        )
    }

    private static func check(_ digest: [UInt8], _ signature: [UInt8], notary: EthereumAddress) throws {
        guard
            let parsed = try? Secp256k1Signature(bytes: signature),
            let signer = try? Secp256k1PublicKey.recover(
                parsed,
                digest: MisbehaviourEvidence.signedDigest(of: digest)
            ),
            signer.ethereumAddress == notary
        else {
            throw MPCTLSError.peerViolation("the notary did not sign the transcript with its own key")
        }
    }

    /// Compares the times that the notary signed with this machine's clock, by which the session began at `start`.
    private func checkTimes(_ header: AttestationHeader, start: UInt64) throws {
        var times = [header.startTime, header.endTime]
        if case .revealed(let server) = header.server { times.append(server.validatedAt) }
        if let problem = Self.clockProblem(times, start: start, end: unixMilliseconds()) {
            throw MPCTLSError.peerViolation(problem)
        }
    }

    /// What is wrong with times that a notary signed for a session from `start` to `end`, all in Unix milliseconds; nil
    /// if none lies outside by more than ``clockTolerance``.
    package static func clockProblem(_ times: [UInt64], start: UInt64, end: UInt64) -> String? {
        let tolerance = UInt64(clockTolerance.components.seconds) * 1000
        for time in times where time < start && start - time > tolerance {
            return "it signed a time \((start - time) / 1000) s before the session by this machine's clock; one of the "
                + "two clocks is wrong"
        }
        for time in times where time > end && time - end > tolerance {
            return "it signed a time \((time - end) / 1000) s after the session by this machine's clock; one of the "
                + "two clocks is wrong"
        }
        return nil
    }

    /// Compares every signed field with what this party knows, and joins the owner's secrets.
    private func check(
        _ attestation: Attestation,
        _ facts: SessionFacts,
        _ secrets: ProverSecrets,
        task: Task,
        notary: EthereumAddress
    ) throws -> AttestationSecrets {
        let signed = attestation.header
        var times = SessionTimes()
        times.start = signed.startTime
        times.end = signed.endTime
        if case .revealed(let server) = signed.server { times.validated = server.validatedAt }
        let expected = try SessionAttestation.header(
            facts,
            request: task.binding,
            serverName: "\(task.serverName)",
            times: times,
            notary: notary
        )
        guard signed == expected, attestation.contextText == task.binding.contextText else {
            throw MPCTLSError.peerViolation("the notary signed something else than what was proved")
        }
        var blinders = secrets.blinders[...]
        let openings = facts.segments.map { segment in
            let direction: TranscriptLeaf.Direction = segment.direction == .sent ? .sent : .received
            switch segment.content {
            case .committed:
                return SegmentOpening(
                    direction: direction,
                    kind: .committed,
                    range: segment.range,
                    blinder: blinders.popFirst() ?? []
                )
            case .disclosed:
                return SegmentOpening(
                    direction: direction,
                    kind: .disclosed,
                    range: segment.range,
                    blinder: SessionAttestation.blinder(facts, direction, segment.range)
                )
            }
        }
        var identity: IdentityOpening?
        if case .committed = facts.handshake {
            guard let blinder = Bytes32(secrets.handshakeBlinder) else { preconditionFailure("blinders are 32 bytes") }
            identity = try IdentityOpening(blinder: blinder, handshake: secrets.handshake.encoded)
        }
        let result = try AttestationSecrets(
            attestationID: attestation.id,
            sent: secrets.sent,
            received: secrets.received,
            openings: openings,
            identity: identity
        )
        try result.check(against: attestation)
        return result
    }
}

extension NotarizationClient {
    /// Bits of proof to prepare for a session of these sizes; at most what notaries agree to.
    ///
    /// The key schedule's 282,000 AND gates and the S-boxes of the handshake, then for each block of 16 bytes its
    /// keystream, and for commitments about one SHA-256 compression for every 40 bytes of message.
    package static func preparedCorrelations(sent: Int, received: Int, commits: Bool) -> Int {
        let blocks = (sent + 15) / 16 + (received + 15) / 16
        let compressions = commits ? (sent + received) / 40 : 0
        return min(310_000 + 1_200 * blocks + 23_000 * compressions, NotaryConfiguration.preparedCorrelationsMax)
    }
}
