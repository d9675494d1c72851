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
        for id in others { #expect(try await net.nodes[1].has(id)) }
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
        #expect(await watch.hasWritten("\"watching\""))
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
        let text = try String(contentsOfFile: net.file, encoding: .utf8)
            .replacing("dispute-window-seconds: 3600", with: "dispute-window-seconds: 60")
        let file = try await Devnet.reseal(text, as: "other.yaml", in: stranger.scratch)
        try FileManager.default.removeItem(atPath: settings)
        let listen = stranger.nodes[0].address.components(separatedBy: "/p2p/")[0]
        try await stranger.scratch.expectSuccess([
            "init", "--data", settings, "--network", file, "--key", "key0", "--listen", listen,
        ])
        try stranger.nodes[0].start()
        // It dials the node that its file names; who hears first what the other one is says so.
        let nodes = [net.nodes[0], stranger.nodes[0]]
        func isRefused() -> Bool { nodes.contains { $0.log.contains("peer refused: it is of another network") } }
        for _ in 0..<300 where !isRefused() { try await Task.sleep(for: .milliseconds(100)) }
        #expect(isRefused())
        // Neither keeps the other.
        for _ in 0..<4 {
            for node in nodes { #expect(try await node.ask("node", "status")["mesh"] as? Int == 0) }
            try await Task.sleep(for: .milliseconds(250))
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
        let nobody = net.nodes[0].address.replacing(#/tcp/\d+/#, with: "tcp/\(try LoopbackPort.unused())")
            .replacing(#/p2p/.*/#, with: "p2p/" + (alone.address.split(separator: "/").last ?? ""))
        let one = try net.networkFile(naming: [net.nodes[0].address], as: "one.yaml")
        var used: Set<String> = []
        for _ in 0..<64 where used.count < 2 {
            let report = try await net.notarize("--network", one)
            #expect(report["nodes_known"] as? Int == 3)
            used.insert(try #require(report["node"] as? String))
        }
        #expect(used.count == 2 && used.isSubset(of: net.nodes.map(\.address)), "\(used)")

        // Who is named and not there, or there and none of this network, costs a moment and nothing else.
        let mixed = try net.networkFile(naming: [nobody, alone.address, net.nodes[1].address], as: "mixed.yaml")
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
        let wrong = try net.networkFile(naming: [alone.address], as: "wrong.yaml")
        try await net.scratch.expectFailure(
            51,
            saying: "the node is none of tabellion-devnet",
            net.notarization("/payment", out: "x", "--network", wrong)
        )
        let gone = try net.networkFile(naming: [nobody], as: "gone.yaml")
        try await net.scratch.expectFailure(
            50,
            saying: "cannot be reached",
            net.notarization("/payment", out: "x", "--network", gone)
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
        let file = try await Devnet.reseal(text, as: "listed.yaml", in: net.scratch)
        let site = try WebSite.shared.get()
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
