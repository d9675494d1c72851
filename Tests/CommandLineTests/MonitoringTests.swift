import Foundation
import TestServers
import Testing

/// What a node tells monitoring: metrics, health, readiness.
@Suite(.timeLimit(.minutes(10)))
struct MonitoringTests {
    /// Asks until the answer is as wanted, or the time is over; gives the last one.
    private func answer(
        of node: Devnet.Node,
        _ path: String,
        within limit: Duration = .seconds(30),
        until isWanted: (String) -> Bool
    ) async throws -> String {
        let end = ContinuousClock.now + limit
        while true {
            let text = try HTTPText.get(port: node.metricsPort, path)
            guard !isWanted(text), ContinuousClock.now < end else { return text }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// The value of a series, which is called as it is printed, labels included.
    private func value(_ series: String, in metrics: String) throws -> Double {
        let line = try #require(metrics.split(separator: "\n").first { $0.hasPrefix(series + " ") }, "\(series)")
        return try #require(Double(line.dropFirst(series.count + 1)), "\(line)")
    }

    @Test func metricsAndHealthAreServedOnTheLoopback() async throws {
        let net = try await Devnet(2)
        let node = net.nodes[0]
        _ = try await net.notarize("--node", node.address)
        let lines = [
            "tabellion_records{from=\"own\"} 1", "tabellion_records{from=\"gossip\"} 0",
            "tabellion_records{from=\"sync\"} 0", "tabellion_peers 1",
            "tabellion_sessions_total{outcome=\"attested\"} 1", "tabellion_sessions_running 0",
            "tabellion_store_notarizations 1", "tabellion_store_failed 0", "tabellion_outbox 0", "tabellion_waiting 0",
            "tabellion_session_duration_seconds_count 1",
            "tabellion_session_duration_seconds_bucket{le=\"+Inf\"} 1",
            "tabellion_session_duration_seconds_bucket{le=\"0.001\"} 0",
            "# TYPE tabellion_session_duration_seconds histogram", "# TYPE tabellion_session_bytes_total counter",
            "# TYPE tabellion_peer_score gauge", "# TYPE tabellion_store_file_bytes gauge",
        ]
        // A session is counted a moment after its attestation is stored.
        let metrics = try await answer(of: node, "/metrics") { text in
            lines.allSatisfy { text.contains($0 + "\n") }
        }
        for line in lines { #expect(metrics.contains(line + "\n"), "\(line)") }
        let scores = try ["lowest", "median", "highest"].map {
            try value("tabellion_peer_score{of=\"\($0)\"}", in: metrics)
        }
        #expect(scores[0] >= 0 && scores == scores.sorted(), "\(scores)")
        // The garbled tables come in, which are by far the most.
        #expect(try value("tabellion_session_bytes_total{direction=\"received\"}", in: metrics) > 5_000_000)
        #expect(try value("tabellion_session_bytes_total{direction=\"sent\"}", in: metrics) > 10_000)
        #expect(try value("tabellion_session_duration_seconds_sum", in: metrics) > 0)
        #expect(try value("tabellion_store_file_bytes", in: metrics) > 0)
        #expect(try value("tabellion_store_notarization_bytes", in: metrics) > 0)
        let traffic = metrics.split(separator: "\n").filter { $0.hasPrefix("tabellion_gossip_topic_bytes{") }
        #expect(traffic.count == 2 && traffic.allSatisfy { $0.contains("/notarizations\"") })
        #expect(traffic.contains { $0.contains("direction=\"sent\"") && !$0.hasSuffix(" 0") })
        // Every line is a comment or a name, perhaps labels, and a number.
        for line in try #require(metrics.components(separatedBy: "\r\n\r\n").last).split(separator: "\n") {
            let number = line.split(separator: " ").last.flatMap { Double($0) }
            #expect(line.hasPrefix("# ") || number != nil, "\(line)")
        }
        for path in ["/healthz", "/readyz"] {
            let reply = try HTTPText.get(port: node.metricsPort, path)
            #expect(reply.hasPrefix("HTTP/1.1 200") && reply.hasSuffix("\r\n\r\nok\n"), "\(reply)")
        }
        await net.nodes[1].stop()
        let readiness = try await answer(of: node, "/readyz") { $0.hasSuffix("there are no peers yet\n") }
        #expect(readiness.hasPrefix("HTTP/1.1 503") && readiness.hasSuffix("there are no peers yet\n"))
        #expect(try HTTPText.get(port: node.metricsPort, "/healthz").hasSuffix("ok\n"), "being alone is no illness")
        await net.stop()
    }

    /// Records that a node refuses are counted by reason: here those of a notary that makes more than it may.
    @Test func whatANodeRefusesIsCounted() async throws {
        let net = try await Devnet(2, genesis: { $0.replacing("-and-minute: 4096", with: "-and-minute: 1") })
        let (signer, other) = (net.nodes[0], net.nodes[1])
        let series = "tabellion_refused{reason=\"tooMany\"}"
        var metrics = ""
        // One of a minute is taken, and a minute may end between two.
        for _ in 0..<4 where !metrics.contains(series) {
            for _ in 0..<2 { _ = try await net.notarize("--node", signer.address) }
            metrics = try await answer(of: other, "/metrics", within: .seconds(10)) { $0.contains(series) }
        }
        #expect(try value(series, in: metrics) >= 1)
        #expect(metrics.contains("# HELP tabellion_refused Records that were refused, by reason.\n"))
        let status = try await other.ask("node", "status")
        #expect((status["refused"] as? [String: Int])?.keys.contains("tooMany") == true)
        #expect(try await other.ids().count < signer.ids().count)
        await net.stop()
    }

    /// A node whose disk is full signs nothing more and says so, and is well again once there is room.
    @Test func aNodeWhoseStoreFailedIsIll() async throws {
        let net = try await Devnet(1, starts: false)
        let node = net.nodes[0]
        // No file gets longer than 16 KiB, and the store's log would after some notarizations.
        try node.start(wrapper: ["/bin/sh", "-c", "ulimit -f 32; exec \"$0\" \"$@\""])
        #expect(try await node.hasMesh(0))
        #expect(try HTTPText.get(port: node.metricsPort, "/healthz").hasPrefix("HTTP/1.1 200"))
        var signed: [String] = []
        var failed: TabellionProgram.Run?
        for _ in 0..<40 where failed == nil {
            let run = try await TabellionProgram.run(net.notarization() + ["--json"], in: net.scratch.path)
            if run.status == 0 { signed.append(try #require(run.json()["id"] as? String)) } else { failed = run }
        }
        let run = try #require(failed, "the disk never was full")
        #expect(run.status == 51 && run.errors.contains("the notary failed"), "\(run.errors)")
        #expect(!signed.isEmpty)

        let illness = try await answer(of: node, "/healthz") { $0.hasPrefix("HTTP/1.1 503") }
        #expect(illness.hasPrefix("HTTP/1.1 503"), "\(illness)")
        #expect(illness.contains("\r\n\r\nthe store failed: no room left on the disk of "), "\(illness)")
        #expect(try HTTPText.get(port: node.metricsPort, "/readyz").hasPrefix("HTTP/1.1 503"))
        let metrics = try await answer(of: node, "/metrics") { $0.contains("tabellion_store_failed 1\n") }
        #expect(metrics.contains("tabellion_store_failed 1\n"))
        let store = try await node.ask("node", "status")["store"] as? [String: Any]
        #expect((store?["failure"] as? String)?.contains("no room left") == true)

        await node.stop()
        try node.start()
        #expect(try await node.hasMesh(0))
        #expect(try HTTPText.get(port: node.metricsPort, "/healthz").hasPrefix("HTTP/1.1 200"))
        #expect(try await Set(node.ids()).isSuperset(of: signed), "what was signed is kept")
        let id = try #require(try await net.notarize()["id"] as? String)
        #expect(try await node.has(id))
        await net.stop()
    }
}

/// HTTP by hand.
enum HTTPText {
    /// Everything that a server on this machine answers to a GET.
    static func get(port: UInt16, _ path: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let request = Array("GET \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".utf8)
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: result, as: UTF8.self) }
            result += buffer[..<count]
        }
    }
}
