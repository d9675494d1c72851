import CryptoCore
import Foundation
import PeerProtocols
import TabellionCommands
import Testing

/// What a node tells others of where they reach it.
struct ReachableAddressesTests {
    private let interfaces = [
        "/ip4/127.0.0.1", "/ip6/::1", "/ip4/192.168.1.5", "/ip4/169.254.3.4", "/ip6/fe80::1", "/ip6/fd00::5",
        "/ip4/198.51.100.7", "/ip6/2001:db8::7",
    ]

    private func reachable(
        _ listening: [String],
        announced: [String] = [],
        isLocal: Bool = false,
        interfaces: [String]? = nil,
        names: [String: [String]] = [:]
    ) throws -> ReachableAddresses {
        ReachableAddresses(
            listening: try listening.map { try Multiaddr($0) },
            announced: try announced.map { try Multiaddr($0) },
            interfaces: try (interfaces ?? self.interfaces).map { try Multiaddr($0) },
            isLocal: isLocal,
            resolve: { name, _, port in
                (names[name.description] ?? []).compactMap { try? Multiaddr("\($0)/tcp/\(port)") }
            }
        )
    }

    private func texts(_ addresses: ReachableAddresses) -> [String] { addresses.told.map(\.description) }

    @Test func allInterfacesStandForThoseThatOthersReach() throws {
        let both = try reachable(["/ip4/0.0.0.0/tcp/7047", "/ip6/::/tcp/7048"])
        #expect(
            texts(both) == [
                "/ip4/198.51.100.7/tcp/7047", "/ip6/2001:db8::7/tcp/7048", "/ip4/192.168.1.5/tcp/7047",
                "/ip6/fd00::5/tcp/7048",
            ]
        )
        #expect(both.source == .interfaces && both.warnings.isEmpty)
        // Each family by itself.
        #expect(try texts(reachable(["/ip6/::/tcp/1"])) == ["/ip6/2001:db8::7/tcp/1", "/ip6/fd00::5/tcp/1"])
        // Nodes of one machine reach each other at the loopback address, too.
        let local = try reachable(["/ip4/0.0.0.0/tcp/7047"], isLocal: true, interfaces: ["/ip4/127.0.0.1"])
        #expect(texts(local) == ["/ip4/127.0.0.1/tcp/7047"] && local.warnings.isEmpty)
    }

    @Test func whatKeepsOthersAwayIsSaid() throws {
        let none = try reachable(["/ip4/0.0.0.0/tcp/7047"], interfaces: ["/ip4/127.0.0.1"])
        #expect(none.told.isEmpty && none.warnings == ["no address is told to others, who cannot connect to this node"])
        let inside = try reachable(["/ip4/0.0.0.0/tcp/7047"], interfaces: ["/ip4/10.1.2.3"])
        #expect(texts(inside) == ["/ip4/10.1.2.3/tcp/7047"])
        #expect(inside.warnings.count == 1 && inside.warnings[0].contains("of the same local network"))
        let loopback = try reachable(["/ip4/127.0.0.1/tcp/7047"])
        #expect(texts(loopback) == ["/ip4/127.0.0.1/tcp/7047"] && loopback.source == .listen)
        #expect(loopback.warnings.count == 1 && loopback.warnings[0].contains("only programs on this machine"))
        #expect(try reachable(["/ip4/127.0.0.1/tcp/7047"], isLocal: true).warnings.isEmpty)
        #expect(try reachable(["/ip4/203.0.113.9/tcp/7047"]).warnings.isEmpty)
    }

    @Test func announceWinsAndNamesAreToldWithTheirAddresses() throws {
        let announced = try reachable(
            ["/ip4/0.0.0.0/tcp/7047"],
            announced: ["/dns4/notary.example/tcp/443", "/ip4/203.0.113.9/tcp/7047"],
            names: ["notary.example": ["/ip4/198.51.100.80", "/ip4/127.0.0.1"]]
        )
        #expect(
            texts(announced) == [
                "/ip4/198.51.100.80/tcp/443", "/ip4/203.0.113.9/tcp/7047", "/dns4/notary.example/tcp/443",
            ]
        )
        #expect(announced.source == .announce && announced.warnings.isEmpty && announced.unresolved.isEmpty)
        let unresolved = try reachable([], announced: ["/dns4/nowhere.example/tcp/443"])
        #expect(texts(unresolved) == ["/dns4/nowhere.example/tcp/443"])
        #expect(unresolved.unresolved.map(\.description) == ["nowhere.example"] && unresolved.warnings.count == 1)
        let many = try reachable([], announced: (1...8).map { "/dns4/n\($0).example/tcp/1" })
        #expect(many.told.count == ReachableAddresses.countMax)
    }

    @Test func anAnnouncementThatMakesNoSenseIsRefused() throws {
        let own = try PeerID(publicKey: Secp256k1PrivateKey(bytes: [UInt8](repeating: 1, count: 32)).publicKey)
        let other = try PeerID(publicKey: Secp256k1PrivateKey(bytes: [UInt8](repeating: 2, count: 32)).publicKey)
        func error(_ text: String, isLocal: Bool = false) -> AnnounceError? {
            do throws(AnnounceError) {
                _ = try ReachableAddresses.announced([text], by: own, isLocal: isLocal)
                return nil
            } catch {
                #expect(text.isEmpty || "\(error)".contains(text))
                return error
            }
        }
        for text in ["", "notary.example", "/ip4/203.0.113.9", "/tcp/1", "/ip4/256.0.0.1/tcp/1", "/p2p/\(own)"] {
            #expect(error(text) == .noAddress(text))
        }
        let foreign = "/ip4/203.0.113.9/tcp/1/p2p/\(other)"
        #expect(error(foreign) == .anotherPeer(foreign))
        #expect(error("/ip4/203.0.113.9/tcp/0") == .noPort("/ip4/203.0.113.9/tcp/0"))
        for text in ["/ip4/0.0.0.0/tcp/1", "/ip6/::/tcp/1", "/ip4/224.0.0.1/tcp/1", "/ip6/ff02::1/tcp/1"] {
            #expect(error(text) == .nowhere(text) && error(text, isLocal: true) == .nowhere(text))
        }
        for text in ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip6/::ffff:127.0.0.1/tcp/1"] {
            #expect(error(text) == .loopback(text) && error(text, isLocal: true) == nil)
        }
        let full = "/ip4/203.0.113.9/tcp/4/p2p/\(own)"
        let good = ["/ip4/10.0.0.1/tcp/1", "/dns/x/tcp/2", "/ip6/2001:db8::1/tcp/3", full]
        let taken = try ReachableAddresses.announced(good + [good[0]], by: own, isLocal: false)
        #expect(taken.map(\.description) == good.map { $0.components(separatedBy: "/p2p/")[0] })
        #expect(throws: AnnounceError.tooMany) {
            try ReachableAddresses.announced(
                (1...9).map { "/ip4/203.0.113.\($0)/tcp/1" },
                by: own,
                isLocal: false
            )
        }
    }

    /// A change is told once; that a name cannot be looked up for a while is none.
    @Test func changesAreTold() async throws {
        let first = try reachable([], announced: ["/dns4/a.example/tcp/1"], names: ["a.example": ["/ip4/192.0.2.1"]])
        let second = try reachable([], announced: ["/dns4/a.example/tcp/1"], names: ["a.example": ["/ip4/192.0.2.2"]])
        let looks = Looks([first, try reachable([], announced: ["/dns4/a.example/tcp/1"]), second, second])
        let watch = AddressWatch(interval: .milliseconds(1)) { await looks.next() }
        let task = Task {
            var told: [ReachableAddresses] = []
            await watch.run(from: first) { told.append($0) }
            return told
        }
        // Two looks after the change: the one that found it has told, and the next one has found none.
        while await looks.lastCount < 3 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        #expect(await task.value == [second])
    }
}

/// What somebody finds who looks again and again; the last for ever.
private actor Looks {
    private var waiting: [ReachableAddresses]

    init(_ all: [ReachableAddresses]) {
        waiting = all
    }

    /// How often the last was found.
    private(set) var lastCount = 0

    func next() -> ReachableAddresses {
        if waiting.count == 1 { lastCount += 1 }
        return waiting.count > 1 ? waiting.removeFirst() : waiting[0]
    }
}
