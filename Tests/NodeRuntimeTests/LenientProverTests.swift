import Attestations
import CryptoCore
import MPCTLS
import NodeRuntime
import PartyChannel
import PeerNetworking
import PeerProtocols
import TLSProtocol
import TestServers
import Testing
import WireFormat

/// Buyers who accept any certificate; the notary must not.
@Suite(.timeLimit(.minutes(10)))
struct LenientProverTests {
    /// What a notary tells a prover that does not check the certificate of the server at `port`.
    private func refusal(port: UInt16, revealsServerIdentity: Bool = true) async throws -> String? {
        let notary = try await TestNotary()
        var buyer = Buyer()
        buyer.revealsServerIdentity = revealsServerIdentity
        let task = try buyer.task()
        let reason: String? = try await Dialler().withStream(to: notary.address) { stream in
            let prover = try Prover(
                channel: StreamChannel(stream),
                parameters: try SessionParameters(
                    maxSent: task.request.count,
                    maxReceived: task.maxReceived,
                    revealsServerIdentity: task.revealsServerIdentity,
                    preparedCorrelations: task.preparedCorrelations,
                    proverNonce: SecureRandom.bytes(32),
                    application: task.binding.wireBytes
                ),
                random: BlockPRG(seed: SecureRandom.block()),
                hooks: ProverHooks(phase: { _ in }, checkSignature: { _, _ in })
            )
            let server = try WebServerConnection(host: "127.0.0.1", port: port, timeout: .seconds(10))
            do {
                _ = try prover.exchange(
                    task.request,
                    serverName: task.serverName,
                    connection: server,
                    validate: { _ in }
                )
                return nil
            } catch ChannelError.abortedByPeer(let reason) {
                return reason
            }
        }
        #expect(await notary.isIdle())
        #expect(!notary.log.text.contains("attestation signed"))
        await notary.close()
        return reason
    }

    @Test func anExpiredCertificate() async throws {
        let authority = try WebServer.shared.get().authority
        let server = try NginxServer(certificates: [try authority.issue(days: -1)])
        defer { server.stop() }
        let reason = try await refusal(port: server.port)
        #expect(reason?.hasPrefix("the server is refused: ") == true, "\(reason ?? "")")
        #expect(reason?.contains("expired") == true, "\(reason ?? "")")
    }

    @Test func aCertificateForAnotherHost() async throws {
        let authority = try WebServer.shared.get().authority
        let server = try NginxServer(certificates: [try authority.issue(names: ["DNS:shop.example"])])
        defer { server.stop() }
        let reason = try await refusal(port: server.port)
        #expect(reason?.contains("not for localhost but for shop.example") == true, "\(reason ?? "")")
    }

    /// The same prover gets through with a server that is in order, and where the notary only gets a commitment.
    @Test func nothingElseIsWrong() async throws {
        #expect(try await refusal(port: try WebServer.shared.get().port) == nil)
        let authority = try WebServer.shared.get().authority
        let server = try NginxServer(certificates: [try authority.issue(days: -1)])
        defer { server.stop() }
        #expect(try await refusal(port: server.port, revealsServerIdentity: false) == nil)
    }
}
