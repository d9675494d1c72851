import Foundation
import TestServers
import Testing

/// Nodes of a network as their operators and buyers use them.
@Suite(.timeLimit(.minutes(10)))
struct DevnetTests {
    /// The story of a network: everybody has what one signed; one that was away catches up; a buyer uses who is there.
    @Test func everyNodeHasEveryNotarization() async throws {
        let net = try await Devnet(3)
        let first = try #require(try await net.notarize()["id"] as? String)
        for node in net.nodes { #expect(try await node.has(first)) }

        await net.nodes[2].kill()
        var others: [String] = []
        for _ in 0..<3 {
            let report = try await net.notarize()
            others.append(try #require(report["id"] as? String))
            // The dead node may have been asked first.
            #expect((report["node"] as? String) != net.nodes[2].address)
        }
        for id in others { #expect(try await net.nodes[0].has(id)) }
        #expect(try await Set(net.nodes[1].ids()) == Set([first] + others))

        try net.nodes[2].start()
        for id in [first] + others { #expect(try await net.nodes[2].has(id)) }
        let status = try await net.nodes[2].ask("node", "status")
        let records = try #require(status["records"] as? [String: Any])
        #expect(records["synced"] as? Int == others.count)

        // All of it survives an orderly stop of all, too.
        await net.stop()
        for node in net.nodes {
            let check = try await TabellionProgram.run(["store", "check", "--data", node.data, "--json"])
            let store = try #require(check.json()["store"] as? [String: Any])
            #expect(check.status == 0 && store["sound"] as? Bool == true)
            let keyspaces = try #require(store["keyspaces"] as? [[String: Any]])
            #expect(keyspaces.first { $0["name"] as? String == "notarizations" }?["records"] as? Int == 4)
        }
    }

    @Test func operatorsAskTheirNode() async throws {
        let net = try await Devnet(2)
        let (signer, other) = (net.nodes[0], net.nodes[1])
        let watch = try TabellionProgram.start([
            "notarizations", "watch", "--count", "1", "--data", other.data, "--json",
        ])
        try await Task.sleep(for: .milliseconds(500))
        let report = try await net.notarize("--node", signer.address)
        let id = try #require(report["id"] as? String)
        #expect(report["node"] as? String == signer.address)
        let watched = await watch.end()
        #expect(watched.status == 0 && watched.output.contains(id), "\(watched.errors)\(watched.output)")

        let status = try await signer.ask("node", "status")
        #expect(status["address"] as? String == signer.account)
        #expect(status["network_name"] as? String == "tabellion-devnet")
        #expect((status["records"] as? [String: Any])?["signed"] as? Int == 1)
        #expect(status["peers"] as? Int == 1)
        #expect(status["loopback_exempt"] as? Bool == true)
        #expect((status["formats"] as? [String: Int])?["engine"] == 1)
        #expect((status["scores"] as? [String: NSNumber])?["lowest"]?.doubleValue ?? -1 >= 0)
        let text = try await TabellionProgram.run(["node", "status", "--data", signer.data]).output
        for part in ["Scores", "Exempt", "Speaks", "engine 1"] { #expect(text.contains(part), "\(text)") }
        let peers = try #require(try await signer.ask("node", "peers")["peers"] as? [[String: Any]])
        #expect(peers.count == 1 && other.address.hasSuffix(peers[0]["peer_id"] as? String ?? "?"))
        #expect((peers[0]["score"] as? NSNumber)?.doubleValue ?? -1 >= 0)

        let shown = try await other.ask("notarizations", "show", id)
        #expect(shown["id"] as? String == id)
        #expect((shown["summary"] as? [String: Any])?["notary"] as? String == signer.account)
        func count(_ options: String...) async throws -> Int {
            let run = try await TabellionProgram.run(
                ["notarizations", "list", "--data", other.data, "--json"] + options
            )
            return (try run.json()["notarizations"] as? [Any])?.count ?? -1
        }
        #expect(try await count() == 1)
        #expect(try await count("--notary", signer.account) == 1)
        #expect(try await count("--notary", other.account) == 0)
        #expect(try await count("--server", "LOCALHOST") == 1)
        #expect(try await count("--server", "example.org") == 0)
        #expect(try await count("--since", "1h") == 1)

        let scratch = net.scratch
        try await scratch.expectFailure(
            1,
            saying: "this node has no notarization",
            ["notarizations", "show", "0x" + String(repeating: "0", count: 64), "--data", other.data]
        )
        for option in ["--notary", "--owner"] {
            try await scratch.expectFailure(
                64,
                saying: "is no address",
                ["notarizations", "list", option, "0x12", "--data", other.data]
            )
        }
        for id in ["0x12", "", String(repeating: "0", count: 64) + "00"] {
            let show = ["notarizations", "show", id, "--data", other.data]
            try await scratch.expectFailure(64, saying: "is no id", show)
        }
        try await scratch.expectFailure(63, saying: "no node is running", ["node", "status", "--data", scratch.path])
        await net.stop()
        try await scratch.expectFailure(63, saying: "no node is running", ["node", "peers", "--data", other.data])
    }

    @Test func aStoreIsCheckedBackedUpAndRestored() async throws {
        let net = try await Devnet(1)
        let node = net.nodes[0]
        let scratch = net.scratch
        let id = try #require(try await net.notarize()["id"] as? String)
        // While the node runs it does the work; nobody else may open the store.
        try await scratch.expectSuccess(["store", "check", "--data", node.data])
        try await scratch.expectSuccess(["store", "compact", "--data", node.data])
        try await scratch.expectSuccess(["store", "backup", "backup", "--data", node.data])
        try await scratch.expectFailure(62, saying: "in use by process", ["node", "run", "--data", node.data])
        try await scratch.expectFailure(62, saying: "not empty", ["store", "backup", "backup", "--data", node.data])
        #expect(await node.stop() == 0)

        // A damaged store is refused, left alone, and replaced by its backup.
        let store = node.data + "/store"
        let current = try #require(
            FileManager.default.subpathsOfDirectory(atPath: store).first { $0.hasSuffix("CURRENT") }
        )
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: store + "/" + current))
        try await scratch.expectFailure(62, saying: "the store", ["node", "run", "--data", node.data])
        #expect(try Data(contentsOf: URL(fileURLWithPath: store + "/" + current)) == Data("nonsense".utf8))
        try await scratch.expectSuccess(["store", "restore", "backup", "--data", node.data, "--replace"])
        try node.start()
        #expect(try await node.has(id))
        await node.stop()
    }

    @Test func metricsAndHealthAreServedOnTheLoopback() async throws {
        let net = try await Devnet(2)
        let node = net.nodes[0]
        _ = try await net.notarize("--node", node.address)
        func get(_ path: String) throws -> String {
            try HTTPText.get(port: node.metricsPort, path)
        }
        var metrics = ""
        for _ in 0..<100 {
            metrics = try get("/metrics")
            if metrics.contains("tabellion_records{from=\"own\"} 1\n") { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        for line in [
            "tabellion_records{from=\"own\"} 1", "tabellion_peers 1",
            "tabellion_sessions_total{outcome=\"attested\"} 1",
            "tabellion_store_notarizations 1", "tabellion_store_failed 0", "tabellion_session_duration_seconds_count 1",
        ] { #expect(metrics.contains(line + "\n"), "\(line)") }
        let traffic = metrics.split(separator: "\n").filter { $0.hasPrefix("tabellion_gossip_topic_bytes{") }
        #expect(traffic.count == 2 && traffic.allSatisfy { $0.contains("/notarizations\"") })
        #expect(traffic.contains { $0.contains("direction=\"sent\"") && !$0.hasSuffix(" 0") })
        // Every line is a comment or a name, perhaps labels, and a number.
        for line in try #require(metrics.components(separatedBy: "\r\n\r\n").last).split(separator: "\n") {
            let number = line.split(separator: " ").last.flatMap { Double($0) }
            #expect(line.hasPrefix("# ") || number != nil, "\(line)")
        }
        #expect(try get("/healthz").hasSuffix("ok\n"))
        #expect(try get("/readyz").hasSuffix("ok\n"))
        await net.nodes[1].stop()
        var readiness = ""
        for _ in 0..<200 {
            readiness = try get("/readyz")
            if readiness.hasSuffix("there are no peers yet\n") { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(readiness.hasPrefix("HTTP/1.1 503") && readiness.hasSuffix("there are no peers yet\n"))
        await net.stop()
    }

    @Test func initRefusesWhatWouldBeLostOrWrong() async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        try await scratch.expectSuccess(["init", "--data", "node", "--network", template])
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file("node")).sorted()
        #expect(names == ["network.yaml", "node.key", "node.yaml", "store"])
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.file("node/node.key"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try await scratch.expectFailure(11, saying: "is not empty", ["init", "--data", "node", "--network", template])
        try await scratch.expectFailure(
            10,
            saying: "no such file",
            ["init", "--data", "x", "--network", "nowhere.yaml"]
        )
        let text = try scratch.read("template.yaml")
        try scratch.write("changed.yaml", text.replacing("window-seconds: 3600", with: "window-seconds: 7200"))
        try await scratch.expectFailure(
            60,
            saying: "one of them was changed",
            ["init", "--data", "x", "--network", "changed.yaml"]
        )
        try await scratch.expectFailure(
            60,
            saying: "is no address",
            ["init", "--data", "x", "--network", template, "--listen", "here"]
        )
        try await scratch.expectFailure(
            60,
            saying: "end with /p2p/",
            ["init", "--data", "x", "--network", template, "--bootstrap", "/ip4/127.0.0.1/tcp/1"]
        )
    }

    /// Nodes of two networks that share an address book do not mix.
    @Test func anotherNetworkIsRefused() async throws {
        let net = try await Devnet(1)
        let stranger = try await Devnet(1, starts: false)
        // The same name and another window: another genesis, another id.
        let settings = stranger.nodes[0].data
        let run = try await TabellionProgram.run(["init", "--data", "probe", "--network", "other.yaml"])
        #expect(run.status != 0)
        let text = try String(contentsOfFile: net.file, encoding: .utf8)
            .replacing("dispute-window-seconds: 3600", with: "dispute-window-seconds: 60")
        try stranger.scratch.write("other.yaml", text)
        let refused = try await TabellionProgram.run(
            ["init", "--data", "probe", "--network", "other.yaml", "--json"],
            in: stranger.scratch.path
        )
        // The program says which id the changed genesis has.
        let id = try #require(refused.errors.components(separatedBy: "its genesis has ").last?.prefix(66))
        let old = try #require(text.split(separator: "\n").first { $0.hasPrefix("id:") })
        try stranger.scratch.write("other.yaml", text.replacing(old, with: "id: \"\(id)\""))
        try FileManager.default.removeItem(atPath: settings)
        let listen = stranger.nodes[0].address.components(separatedBy: "/p2p/")[0]
        try await stranger.scratch.expectSuccess([
            "init", "--data", settings, "--network", "other.yaml", "--key", "key0", "--listen", listen,
        ])
        try stranger.nodes[0].start()
        // It dials the node that its file names; neither keeps the other.
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(250))
            for node in [net.nodes[0], stranger.nodes[0]] {
                #expect(try await node.ask("node", "status")["mesh"] as? Int == 0)
            }
        }
        try await net.scratch.expectFailure(
            51,
            saying: "signs for network",
            [
                "notarize", try WebSite.shared.get().url("/payment"), "--node", net.nodes[0].address, "--network",
                settings + "/network.yaml", "--ca", try WebSite.shared.get().authority.rootPath, "--out", "x",
            ]
        )
        await net.stop()
        await stranger.stop()
    }

    /// A buyer whose file names one node uses others, too; nodes that are gone or of another network are passed by.
    @Test func anyNodeOfTheNetworkIsUsed() async throws {
        let net = try await Devnet(3)
        let alone = try await NotaryNode.shared.value
        let text = try String(contentsOfFile: net.file, encoding: .utf8)
        let start = try #require(text.range(of: "bootstrap:")?.lowerBound)
        let nobody = net.nodes[0].address.replacing(#/tcp/\d+/#, with: "tcp/\(try LoopbackPort.unused())")
            .replacing(#/p2p/.*/#, with: "p2p/" + (alone.address.split(separator: "/").last ?? ""))
        func file(_ name: String, _ addresses: [String]) throws -> String {
            try net.scratch.write(
                name,
                text[..<start] + "bootstrap:\n" + addresses.map { "  - \($0)\n" }.joined() + "local: true\n"
            )
            return net.scratch.file(name)
        }
        let one = try file("one.yaml", [net.nodes[0].address])
        var used: Set<String> = []
        for _ in 0..<12 where used.count < 2 {
            let report = try await net.notarize("--network", one)
            #expect(report["nodes_known"] as? Int == 3)
            used.insert(try #require(report["node"] as? String))
        }
        #expect(used.count == 2 && used.isSubset(of: net.nodes.map(\.address)), "\(used)")

        // Who is named and not there, or there and none of this network, costs a moment and nothing else.
        let mixed = try file("mixed.yaml", [nobody, alone.address, net.nodes[1].address])
        for _ in 0..<3 {
            let report = try await net.notarize("--network", mixed)
            #expect(net.nodes.map(\.address).contains(report["node"] as? String ?? "?"))
        }
        // Who is there and says nothing is not waited for, whether it is asked the way or drawn.
        net.nodes[2].freeze()
        for _ in 0..<4 {
            let report = try await net.notarize()
            #expect(net.nodes[0...1].map(\.address).contains(report["node"] as? String ?? "?"))
        }
        net.nodes[2].freeze(false)
        let site = try WebSite.shared.get()
        try await net.scratch.expectFailure(
            51,
            saying: "the node is none of tabellion-devnet",
            ["notarize", site.url("/payment"), "--network", try file("wrong.yaml", [alone.address]), "--out", "x"]
        )
        try await net.scratch.expectFailure(
            50,
            saying: "cannot be reached",
            ["notarize", site.url("/payment"), "--network", try file("gone.yaml", [nobody]), "--out", "x"]
        )
        await net.stop()
    }

    /// A node that listens everywhere tells others where that is, and a buyer who knows another node finds it.
    @Test func whoListensAtAllInterfacesIsFound() async throws {
        let net = try await Devnet(2, starts: false)
        let (first, second) = (net.nodes[0], net.nodes[1])
        for node in net.nodes {
            let file = node.data + "/network.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing("  - \(second.address)\n", with: "")
                .write(toFile: file, atomically: false, encoding: .utf8)
        }
        let settings = try String(contentsOfFile: second.data + "/node.yaml", encoding: .utf8)
        let everywhere = settings.replacing("/ip4/127.0.0.1/", with: "/ip4/0.0.0.0/")
        try everywhere.write(toFile: second.data + "/node.yaml", atomically: false, encoding: .utf8)
        for node in net.nodes { try node.start() }
        for node in net.nodes { #expect(try await node.hasMesh(1)) }
        let announced = try #require(try await second.ask("node", "status")["announced"] as? [String])
        #expect(announced.contains(second.address), "\(announced)")
        #expect(!announced.contains { $0.contains("0.0.0.0") })
        #expect(second.log.contains("others are told where this node is") && second.log.contains("from=interfaces"))
        var known = 0
        for _ in 0..<20 where known < 2 {
            known = try await net.notarize()["nodes_known"] as? Int ?? 0
        }
        #expect(known == 2)
        // When it is told to stop it has kept where the others are.
        #expect(await second.stop() == 0)
        let check = try await TabellionProgram.run(["store", "check", "--data", second.data, "--json"]).json()
        let keyspaces = (check["store"] as? [String: Any])?["keyspaces"] as? [[String: Any]]
        #expect((keyspaces?.first { $0["name"] as? String == "peers" }?["records"] as? Int ?? 0) >= 1)

        // What makes no sense to tell is refused before anything listens; what keeps others away is said.
        for (announce, words) in [
            ("/ip4/0.0.0.0/tcp/7047", "nobody can dial"), ("here", "is no address such as"),
            ("/ip4/203.0.113.9/tcp/0", "needs the port"), (first.address, "the peer id of another node"),
        ] {
            try (everywhere + "announce: [\"\(announce)\"]\n")
                .write(toFile: second.data + "/node.yaml", atomically: false, encoding: .utf8)
            try await net.scratch.expectFailure(60, saying: words, ["node", "run", "--data", second.data])
        }
        let file = second.data + "/network.yaml"
        let network = try String(contentsOfFile: file, encoding: .utf8).replacing("local: true", with: "local: false")
        try network.write(toFile: file, atomically: false, encoding: .utf8)
        try (settings + "announce: [/ip4/127.0.0.1/tcp/7047]\n")
            .write(toFile: second.data + "/node.yaml", atomically: false, encoding: .utf8)
        try await net.scratch.expectFailure(60, saying: "only this machine", ["node", "run", "--data", second.data])
        try settings.write(toFile: second.data + "/node.yaml", atomically: false, encoding: .utf8)
        try second.start()
        _ = try await second.ask("node", "status")
        #expect(second.log.contains("only programs on this machine reach this node"))
        await net.stop()
    }

    /// A node that may not sign for the network is not used, whoever names it.
    @Test func whoMayNotSignIsNotUsed() async throws {
        let net = try await Devnet(1, starts: false)
        let node = net.nodes[0]
        let text = try String(contentsOfFile: net.file, encoding: .utf8)
            .replacing("signers: anyone", with: "signers: [\"0x000000000000000000000000000000000000dEaD\"]")
        try net.scratch.write("listed.yaml", text)
        let refused = try await TabellionProgram.run(
            ["init", "--data", "probe", "--network", "listed.yaml", "--json"],
            in: net.scratch.path
        )
        let id = try #require(refused.errors.components(separatedBy: "its genesis has ").last?.prefix(66))
        let old = try #require(text.split(separator: "\n").first { $0.hasPrefix("id:") })
        try net.scratch.write("listed.yaml", text.replacing(old, with: "id: \"\(id)\""))
        let site = try WebSite.shared.get()
        let file = net.scratch.file("listed.yaml")
        try await net.scratch.expectFailure(
            22,
            saying: "is not among those who may sign",
            ["notarize", site.url("/payment"), "--network", file, "--node", node.address, "--out", "x"]
        )
        try await net.scratch.expectFailure(
            50,
            saying: "leads to no node that may sign",
            ["notarize", site.url("/payment"), "--network", file, "--out", "x"]
        )
    }

    @Test func aNetworkWithoutNodesIsSaid() async throws {
        let scratch = try Scratch()
        let template = try Devnet.template(in: scratch)
        try await scratch.expectFailure(
            64,
            saying: "names no node",
            ["notarize", "https://localhost/", "--network", template, "--out", "x"]
        )
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
