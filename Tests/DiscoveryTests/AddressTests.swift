import Discovery
import PeerProtocols
import Testing

struct AddressTests {
    @Test(arguments: [
        "/ip4/203.0.113.7/tcp/4001", "/ip6/2001:db8::7/tcp/1", "/dns/node.example/tcp/65535",
        "/dns4/node.example/tcp/2", "/dns6/node.example/tcp/3",
    ])
    func endpointsKeepTheirAddress(_ text: String) {
        #expect(endpoint(text).address == address(text))
        #expect(PeerEndpoint(address(text).with(peer(1))) == endpoint(text))
        let binary = address(text).bytes
        #expect(endpoint(text).addressBytes == binary)
        #expect(PeerEndpoint(addressBytes: [9] + binary + [9], in: 1..<binary.count + 1) == endpoint(text))
    }

    @Test func whatIsNoTCPEndpointIsNone() {
        #expect(PeerEndpoint(address("/ip4/203.0.113.7")) == nil)
        #expect(PeerEndpoint(address("/tcp/1/ip4/203.0.113.7")) == nil)
        #expect(PeerEndpoint(address("/ip4/203.0.113.7/tcp/1/tcp/2")) == nil)
    }

    @Test func binaryFormsAreThoseOfAddresses() {
        for bytes: [UInt8] in [
            [], [4], [4, 1, 2, 3, 4], [4, 1, 2, 3, 4, 6, 1], [4, 1, 2, 3, 4, 7, 1, 2], [5, 1, 2, 3, 4, 6, 1, 2],
            [4, 1, 2, 3, 4, 6, 1, 2, 3], [6, 1, 2], [4, 1, 2, 3, 4, 6, 1, 2, 6, 1, 2],
        ] {
            #expect(PeerEndpoint(addressBytes: bytes, in: bytes.indices) == nil)
        }
    }

    @Test func mappedAddressesAreWhatTheyStandFor() {
        let mapped = endpoint("/ip6/::ffff:127.0.0.1/tcp/1")
        #expect(mapped == endpoint("/ip4/127.0.0.1/tcp/1"))
        #expect(mapped.scope == .loopback)
    }

    @Test(arguments: [
        ("/ip4/127.0.0.1", AddressScope.loopback), ("/ip4/127.255.0.1", .loopback), ("/ip6/::1", .loopback),
        ("/ip4/10.1.2.3", .local), ("/ip4/172.16.0.1", .local), ("/ip4/172.31.0.1", .local),
        ("/ip4/192.168.9.9", .local), ("/ip4/169.254.0.1", .local), ("/ip4/100.64.0.1", .local),
        ("/ip4/100.127.0.1", .local), ("/ip6/fe80::1", .local), ("/ip6/fd00::1", .local), ("/ip6/fc00::1", .local),
        ("/ip4/0.0.0.0", .unusable), ("/ip4/224.0.0.1", .unusable), ("/ip4/255.255.255.255", .unusable),
        ("/ip6/::", .unusable), ("/ip6/ff02::1", .unusable), ("/ip4/8.8.8.8", .global), ("/ip4/172.32.0.1", .global),
        ("/ip4/100.128.0.1", .global), ("/ip4/192.169.0.1", .global), ("/ip6/2001:db8::1", .global),
        ("/dns/localhost", .name),
    ])
    func scopesAreThoseOfTheRegistries(_ text: String, _ scope: AddressScope) {
        #expect(endpoint(text + "/tcp/1").scope == scope)
    }

    @Test func prefixesGroupAddresses() {
        func host(_ text: String) -> AddressPrefix? { .host(of: endpoint("/\(text)/tcp/1")) }
        func network(_ text: String) -> AddressPrefix? { .network(of: endpoint("/\(text)/tcp/1")) }
        #expect(host("ip4/203.0.113.7") == .host(of: endpoint("/ip4/203.0.113.7/tcp/2")))
        #expect(host("ip4/203.0.113.7") != host("ip4/203.0.113.8"))
        #expect(network("ip4/203.0.113.7") == network("ip4/203.0.9.8"))
        #expect(network("ip4/203.0.113.7") != network("ip4/203.1.113.7"))
        #expect(host("ip6/2001:db8::7") == host("ip6/2001:db8::8:7"))
        #expect(host("ip6/2001:db8::7") != host("ip6/2001:db8:0:1::7"))
        #expect(network("ip6/2001:db8::7") == network("ip6/2001:db8:9::7"))
        #expect(network("ip6/2001:db8::7") != network("ip6/2001:db9::7"))
        #expect(host("dns/node.example") == nil)
        // An IPv4 and an IPv6 address with the same bits are different.
        #expect(network("ip4/32.1.13.184") != network("ip6/2001:0db8::"))
    }

    @Test func strangersCannotNameLocalAddresses() {
        let policy = AddressPolicy()
        let global = endpoint("/ip4/8.8.8.8/tcp/1")
        let local = endpoint("/ip4/192.168.0.1/tcp/1")
        let loopback = endpoint("/ip4/127.0.0.1/tcp/1")
        for source in [AddressScope.global, .name, nil] {
            #expect(policy.accepts(global, from: source))
            #expect(!policy.accepts(local, from: source))
            #expect(!policy.accepts(loopback, from: source))
        }
        #expect(policy.accepts(local, from: .local) && policy.accepts(local, from: .loopback))
        #expect(policy.accepts(loopback, from: .loopback) && !policy.accepts(loopback, from: .local))
        #expect(AddressPolicy.oneMachine.accepts(loopback, from: .global))
        #expect(!AddressPolicy.oneMachine.accepts(endpoint("/ip4/0.0.0.0/tcp/1"), from: .loopback))
        #expect(!policy.accepts(endpoint("/ip4/8.8.8.8/tcp/0"), from: .global))
        #expect(!policy.accepts(endpoint("/dns/localhost/tcp/1"), from: .global))
    }

    @Test func addressesOfOtherPeersAreLeftOut() {
        let addresses = [
            address("/ip4/8.8.8.8/tcp/1").with(peer(2)), address("/ip4/8.8.8.8/tcp/2").with(peer(1)),
            address("/ip4/8.8.8.8/tcp/3"), address("/ip4/8.8.8.8/tcp/3"), address("/ip4/10.0.0.1/tcp/4"),
            address("/ip4/8.8.8.8/tcp/5"), address("/ip4/8.8.8.8/tcp/6"),
        ]
        let endpoints = AddressPolicy().endpoints(of: addresses, of: peer(1), from: .global, limit: 3)
        #expect(endpoints.map(\.port) == [2, 3, 5])
    }
}
