import Foundation
import LocalControl
import Synchronization
import Testing

/// What a monitoring system sees.
@Suite(.timeLimit(.minutes(2)))
struct MonitoringTests {
    private static func endpoint(
        illness: String? = nil,
        obstacle: String? = nil
    ) async throws -> MonitoringEndpoint {
        try await MonitoringEndpoint(
            host: "127.0.0.1",
            port: 0,
            sources: MonitoringEndpoint.Sources(
                metrics: { "peers 3\n" },
                illness: { illness },
                obstacle: { obstacle }
            )
        )
    }

    /// Sends a request and gives all that comes back until the other side closes.
    private static func request(_ endpoint: MonitoringEndpoint, _ text: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(endpoint.port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let bytes = Array(text.replacing("\n", with: "\r\n").utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: result, as: UTF8.self) }
            result += buffer[..<count]
        }
    }

    private static func get(_ endpoint: MonitoringEndpoint, _ path: String, method: String = "GET") throws -> String {
        try request(endpoint, "\(method) \(path) HTTP/1.1\nhost: localhost\nconnection: close\n\n")
    }

    @Test func aHealthyNode() async throws {
        let endpoint = try await Self.endpoint()
        let metrics = try Self.get(endpoint, "/metrics")
        #expect(metrics.hasPrefix("HTTP/1.1 200 OK\r\n") && metrics.hasSuffix("\r\n\r\npeers 3\n"))
        #expect(metrics.contains("content-type: text/plain; version=0.0.4"))
        #expect(try Self.get(endpoint, "/healthz").hasSuffix("\r\n\r\nok\n"))
        #expect(try Self.get(endpoint, "/readyz?x=1").hasPrefix("HTTP/1.1 200"))
        await endpoint.stop()
    }

    @Test func oneThatIsNot() async throws {
        let endpoint = try await Self.endpoint(illness: "the store failed", obstacle: "there are no peers yet")
        let health = try Self.get(endpoint, "/healthz")
        #expect(health.hasPrefix("HTTP/1.1 503 ") && health.hasSuffix("the store failed\n"))
        #expect(try Self.get(endpoint, "/readyz").hasSuffix("there are no peers yet\n"))
        await endpoint.stop()
    }

    @Test func otherRequestsAreRefused() async throws {
        let endpoint = try await Self.endpoint()
        #expect(try Self.get(endpoint, "/").hasPrefix("HTTP/1.1 404 "))
        #expect(try Self.get(endpoint, "/metrics", method: "POST").hasPrefix("HTTP/1.1 405 "))
        let head = try Self.get(endpoint, "/metrics", method: "HEAD")
        #expect(head.hasPrefix("HTTP/1.1 200 ") && head.hasSuffix("\r\n\r\n"))
        #expect(try Self.request(endpoint, "nonsense\n\n").hasPrefix("HTTP/1.1 400 "))
        let long =
            "POST /metrics HTTP/1.1\nhost: x\ncontent-length: 1000000\n\n" + String(repeating: "x", count: 200_000)
        #expect(try Self.request(endpoint, long) == "")
        await endpoint.stop()
    }

    @Test(arguments: ["0.0.0.0", "192.0.2.1", "::", "localhost", ""])
    func otherMachinesCannotAsk(host: String) async {
        await #expect(throws: MonitoringError.notLoopback(host)) {
            _ = try await MonitoringEndpoint(
                host: host,
                port: 0,
                sources: MonitoringEndpoint.Sources(metrics: { "" }, illness: { nil }, obstacle: { nil })
            )
        }
    }

    @Test func aTakenPortIsNamed() async throws {
        let endpoint = try await Self.endpoint()
        let error = await #expect(throws: MonitoringError.self) {
            _ = try await MonitoringEndpoint(
                host: "127.0.0.1",
                port: endpoint.port,
                sources: MonitoringEndpoint.Sources(metrics: { "" }, illness: { nil }, obstacle: { nil })
            )
        }
        #expect("\(try #require(error))".contains("127.0.0.1:\(endpoint.port)"))
        await endpoint.stop()
    }
}
