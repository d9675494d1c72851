internal import Attestations
internal import CKernels
internal import CryptoCore
package import Logging
internal import MPCTLS
internal import PartyChannel
package import PeerNetworking
package import PeerProtocols
package import ServerIdentity
internal import TLSProtocol
internal import WireFormat

/// The notary behind `/tabellion/notarize/1`: admits sessions, runs the engine on each stream's thread, and signs.
///
/// No log line at any level contains plaintext, keys or shares: only peers, phases, sizes, server names that are to be
/// attested anyway, and error texts made by this program.
package final class NotaryService: Sendable {
    /// Signs with the key that is the node's peer identity, too.
    private let signer: any NotarySigner
    private let configuration: NotaryConfiguration
    private let verifier: ServerIdentityVerifier
    private let admission: NotaryAdmission
    private let logger: Logger
    private let sessionEnded: @Sendable (SessionSummary) -> Void

    /// - Parameters:
    ///   - signer: signs for the notary.
    ///   - roots: the certificate authorities that the notary trusts for web servers.
    ///   - sessionEnded: hears of each session that ended, on its thread; must not wait.
    package init(
        signer: any NotarySigner,
        configuration: NotaryConfiguration,
        roots: TrustedRoots,
        logger: Logger,
        sessionEnded: @escaping @Sendable (SessionSummary) -> Void = { _ in }
    ) {
        self.signer = signer
        self.sessionEnded = sessionEnded
        self.configuration = configuration
        self.logger = logger
        verifier = ServerIdentityVerifier(roots: roots)
        admission = NotaryAdmission(configuration: configuration)
    }

    /// Sessions that are running.
    package var runningSessionCount: Int { admission.runningCount }

    /// Starts taking sessions on `host`.
    package func attach(to host: PeerHost) {
        CircuitPreparation.start()
        host.handle(.notarize) { [self] stream in
            serve(stream)
            // A session's tables take tens of megabytes, which the allocator would keep for the next one.
            if admission.runningCount == 0 { tab_memory_release() }
        }
    }

    private func serve(_ stream: PeerStream) {
        let peer = stream.remotePeer
        var logger = logger
        logger[metadataKey: "peer"] = "\(peer)"
        let channel = StreamChannel(stream)
        stream.timeLimits = StreamTimeLimits(
            read: configuration.messageTimeout,
            write: configuration.messageTimeout
        ).endingAfter(configuration.sessionDuration)
        if let reason = admission.enter(peer, now: .now) {
            logger.info("session refused", metadata: ["reason": "\(reason)"])
            sessionEnded(SessionSummary(outcome: .refused, seconds: 0, bytesIn: 0, bytesOut: 0))
            channel.abort(reason: reason, patience: Self.patience)
            return
        }
        let start = ContinuousClock.now
        let result = Result {
            try NotarySessionRun(
                signer: signer,
                configuration: configuration,
                verifier: verifier,
                channel: channel
            ).run()
        }
        admission.leave(peer, counting: result, now: .now)
        let total = channel.meter.total()
        sessionEnded(
            SessionSummary(
                outcome: (try? result.get()) == nil ? .failed : .attested,
                seconds: (ContinuousClock.now - start) / .seconds(1),
                bytesIn: total.bytesIn,
                bytesOut: total.bytesOut
            )
        )
        switch result {
        case .success(let attestation):
            logger.info(
                "attestation signed",
                metadata: [
                    "attestation": "\(attestation.id)",
                    "received": "\(total.bytesIn)",
                    "sent": "\(total.bytesOut)",
                ]
            )
            channel.close()
        case .failure(let error):
            logger.notice(
                "session failed",
                metadata: ["phase": "\(channel.meter.phase.rawValue)", "error": "\(PrintableText.clean("\(error)"))"]
            )
            channel.abort(reason: SessionRefusal.reason(error, configuration: configuration), patience: Self.patience)
        }
    }

    /// How long a session that is over, and no longer counts, listens so that the prover gets to read the reason.
    private static let patience = Duration.seconds(2)
}

extension ProtocolName {
    /// Sessions with a notary.
    package static let notarize: ProtocolName = "/tabellion/notarize/1"
}

extension FrameTag {
    /// The signed attestation in its binary form, the last frame of a session.
    static let attestation = FrameTag(rawValue: 400)
}

/// One session of a notary, from the first frame to the signature.
private final class NotarySessionRun {
    private let signer: any NotarySigner
    private let configuration: NotaryConfiguration
    private let verifier: ServerIdentityVerifier
    private let channel: StreamChannel
    private var request: NotarizationRequest?
    private var serverName: String?
    private var times = SessionTimes()

    init(
        signer: any NotarySigner,
        configuration: NotaryConfiguration,
        verifier: ServerIdentityVerifier,
        channel: StreamChannel
    ) {
        self.signer = signer
        self.configuration = configuration
        self.verifier = verifier
        self.channel = channel
    }

    func run() throws -> Attestation {
        let notary = Notary(
            channel: channel,
            random: BlockPRG(seed: SecureRandom.block()),
            hooks: NotaryHooks(
                phase: { [self] in enter($0) },
                accept: { [self] in try accept($0) },
                validate: { [self] in try validate($0) },
                sign: { [self] in try sign($0, sessionID: $1) }
            )
        )
        let facts = try notary.run()
        guard let request else { preconditionFailure("parameters are accepted before anything is proved") }
        let header = try SessionAttestation.header(
            facts,
            request: request,
            serverName: serverName,
            times: times,
            notary: signer.account
        )
        let attestation = try signer.attest(header, contextText: request.contextText)
        try channel.send(.attestation, attestation.bytes)
        try channel.flush()
        return attestation
    }

    /// The prover answers at once, unless it has to wait for the web server first.
    private func enter(_ phase: SessionPhase) {
        channel.enter(phase)
        switch phase {
        case .handshake, .response: channel.limitReads(to: nil)
        case .setup, .garbling, .request, .proof: channel.limitReads(to: configuration.messageTimeout)
        }
    }

    private func accept(_ parameters: SessionParameters) throws(MPCTLSError) {
        times.start = UnixClock.milliseconds
        guard parameters.maxSent <= configuration.maxSent else {
            throw .refusedByPolicy("a request may have \(configuration.maxSent) bytes here, not \(parameters.maxSent)")
        }
        guard parameters.maxReceived <= configuration.maxReceived else {
            throw .refusedByPolicy(
                "a response may have \(configuration.maxReceived) bytes here, not \(parameters.maxReceived)"
            )
        }
        guard parameters.preparedCorrelations <= NotaryConfiguration.preparedCorrelationsMax else {
            throw .refusedByPolicy("too many correlations are to be prepared")
        }
        guard configuration.allowedServerNames == nil || parameters.revealsServerIdentity else {
            throw .refusedByPolicy("this notary serves listed servers only, so their identity must be revealed")
        }
        let request: NotarizationRequest
        do {
            request = try NotarizationRequest(
                wireBytes: parameters.application,
                limit: SessionParameters.applicationByteCountMax
            )
        } catch {
            throw .peerViolation("the notarization request is malformed: \(error)")
        }
        guard request.network == configuration.network else {
            throw .refusedByPolicy("this notary signs for network \(configuration.network)")
        }
        let lifetime = UInt64(configuration.lifetimeMax.components.seconds) * 1000
        let earliest = times.start + UInt64(configuration.sessionDuration.components.seconds) * 1000
        guard (earliest...times.start + lifetime).contains(request.purpose.expiry) else {
            throw .refusedByPolicy("the attestation's expiry is too near, past, or too far")
        }
        self.request = request
    }

    private func validate(_ handshake: HandshakeTranscript) throws {
        guard let name = handshake.clientHello.serverName else {
            throw MPCTLSError.peerViolation(
                "the ClientHello names no server; one that has an address only must be hidden"
            )
        }
        if let allowed = configuration.allowedServerNames, !allowed.contains("\(name)") {
            throw MPCTLSError.refusedByPolicy("this notary does not notarize \(name)")
        }
        times.validated = UnixClock.milliseconds
        _ = try verifier.verify(handshake.serverFlight, for: name, at: Int64(times.validated / 1000))
        serverName = "\(name)"
    }

    private func sign(_ digest: [UInt8], sessionID: [UInt8]) throws -> [UInt8] {
        times.end = UnixClock.milliseconds
        guard let signed = Bytes32(MisbehaviourEvidence.signedDigest(of: digest)), let session = Bytes32(sessionID)
        else {
            throw MPCTLSError.invalidRequest("digests and session ids have 32 bytes")
        }
        return try signer.signTranscript(signed, sessionID: session).bytes
    }
}
