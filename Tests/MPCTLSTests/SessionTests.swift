import CryptoCore
import MPCTLS
import TestServers
import Testing

/// Whole sessions against a server that somebody else wrote.
@Suite(.serialized)
struct SessionTests {
    static let body = #"{"payment":{"id":"p-1","amount":"12.30","currency":"EUR","payee":"Ada"}}"#

    private func server() throws -> (NginxServer, TestCertificateAuthority) {
        let authority = try TestCertificateAuthority()
        let server = try NginxServer(
            certificates: [try authority.issue()],
            pages: ["/payment": NginxServer.Page(Self.body)]
        )
        return (server, authority)
    }

    @Test func commitsAndDisclosesRanges() async throws {
        let (server, authority) = try server()
        defer { server.stop() }
        var harness = SessionHarness(path: "/payment")
        harness.plan = { opened in
            let end = opened.received.count
            return DisclosurePlan(
                sent: DirectionPlan(opensKey: false, segments: [PlannedSegment(range: 0..<12, treatment: .disclosed)]),
                received: DirectionPlan(
                    opensKey: false,
                    segments: [
                        PlannedSegment(range: 0..<15, treatment: .disclosed),
                        PlannedSegment(range: 20..<40, treatment: .committed),
                        PlannedSegment(range: end - 70..<end, treatment: .committed),
                    ]
                )
            )
        }
        let (prover, notary) = try await harness.run(port: server.port).both()
        #expect(prover.facts == notary)
        #expect(notary.endedWithCloseNotify)
        #expect(String(decoding: prover.secrets.received, as: UTF8.self).hasSuffix(Self.body))
        #expect(notary.segments.count == 4)
        #expect(notary.segments[0].content == .disclosed(Array("GET /payment".utf8)))
        #expect(notary.segments[1].content == .disclosed(Array("HTTP/1.1 200 OK".utf8)))
        for (index, segment) in notary.segments[2...].enumerated() {
            let bytes = Array(prover.secrets.received[segment.range]) + prover.secrets.blinders[index]
            #expect(segment.content == .committed(SHA256.hash(bytes)))
        }
        _ = authority
    }

    @Test func opensBothKeys() async throws {
        let (server, authority) = try server()
        defer { server.stop() }
        var harness = SessionHarness(path: "/payment")
        harness.revealsServerIdentity = false
        harness.plan = { opened in
            DisclosurePlan(
                sent: DirectionPlan(
                    opensKey: true,
                    segments: [PlannedSegment(range: 0..<opened.sent.count, treatment: .disclosed)]
                ),
                received: DirectionPlan(
                    opensKey: true,
                    segments: [PlannedSegment(range: 0..<opened.received.count, treatment: .disclosed)]
                )
            )
        }
        let (prover, notary) = try await harness.run(port: server.port).both()
        #expect(prover.facts == notary)
        #expect(notary.segments[0].content == .disclosed(prover.secrets.sent))
        #expect(notary.segments[1].content == .disclosed(prover.secrets.received))
        _ = authority
    }
}
