import PeerProtocols
import Testing

struct MultiaddrTests {
    /// Texts and binary forms as PyPI multiaddr 0.2.0 gives them.
    private static let examples = [
        ("/ip4/203.0.113.7/tcp/4001", "04cb007107060fa1"),
        ("/ip6/2001:db8::1/tcp/65535", "2920010db800000000000000000000000106ffff"),
        ("/dns4/node.example.org/tcp/443", "36106e6f64652e6578616d706c652e6f72670601bb"),
        ("/dns6/node.example.org/tcp/0", "37106e6f64652e6578616d706c652e6f7267060000"),
        ("/dns/a-b.example/tcp/1", "350b612d622e6578616d706c65060001"),
        (
            "/ip4/127.0.0.1/tcp/4001/p2p/16Uiu2HAm8kegYGp6XeybmZAuNcnLosyjsRwZ44yLgfEuqLqYL9zt",
            "047f000001060fa1a5032700250802122102c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
        ),
    ]

    @Test(arguments: examples)
    func knownAnswers(text: String, hex: String) throws {
        let address = try Multiaddr(text)
        #expect(address.description == text)
        #expect(address.bytes == bytes(hex))
        #expect(try Multiaddr(bytes: bytes(hex)) == address)
        for length in 0..<bytes(hex).count {
            // A prefix is refused, or is the address without its last components.
            if let prefix = try? Multiaddr(bytes: Array(bytes(hex).prefix(length))) {
                #expect(address.components.starts(with: prefix.components))
                #expect(prefix.components.count < address.components.count)
            }
        }
    }

    @Test(arguments: [
        "", "/", "ip4/1.2.3.4", "/ip4", "/ip4/1.2.3.4/tcp", "//1", "/ip4/1.2.3/tcp/1", "/ip4/1.2.3.256/tcp/1",
        "/ip4/01.2.3.4/tcp/1", "/ip4/1.2.3.4/tcp/65536", "/ip4/1.2.3.4/tcp/-1", "/ip4/1.2.3.4/tcp/01",
        "/ip4/1.2.3.4/tcp/+1", "/ip6/1::2::3/tcp/1", "/ip6/12345::/tcp/1", "/ip6/1:2:3:4:5:6:7:8:9/tcp/1",
        "/ip6/fe80::1%eth0/tcp/1", "/dns4/-/../tcp/1", "/dns4/a b/tcp/1", "/dns4/.a/tcp/1", "/p2p/abc", "/quic/1",
        "/ip4/1.2.3.4/udp/1/quic-v1",
        "/tcp/1/tcp/1/tcp/1/tcp/1/tcp/1/tcp/1/tcp/1/tcp/1/tcp/1",
    ])
    func refusesMalformedText(text: String) {
        #expect(throws: MultiaddrError.self) { try Multiaddr(text) }
    }

    @Test(arguments: [
        "", "ff", "0480", "05", "047f0000", "0601", "a503", "a50301", "3503612062", "3500", "8004", "a50500",
    ])
    func refusesMalformedBytes(hex: String) {
        #expect(throws: MultiaddrError.self) { try Multiaddr(bytes: bytes(hex)) }
    }

    @Test func refusesOversize() {
        let long = [UInt8](repeating: 6, count: 2000)
        #expect(throws: MultiaddrError.tooLong) { try Multiaddr(bytes: long) }
        #expect(throws: MultiaddrError.tooLong) { try Multiaddr("/" + String(repeating: "a", count: 2000)) }
    }

    @Test func endpointsAndPeers() throws {
        let peer = try identity(1).id
        let address = try Multiaddr("/ip4/127.0.0.1/tcp/4001")
        #expect(address.peerID == nil)
        #expect(address.with(peer).peerID == peer)
        #expect(address.with(peer).with(peer) == address.with(peer))
        #expect(address.with(peer).withoutPeerID == address)
        #expect(try Multiaddr("/ip4/127.0.0.1/tcp/4001/ipfs/\(peer)") == address.with(peer))
        #expect(address.with(peer).tcpEndpoint?.port == 4001)
        #expect(try Multiaddr("/tcp/1/ip4/1.2.3.4").tcpEndpoint == nil)
        #expect(try Multiaddr("/ip4/1.2.3.4").tcpEndpoint == nil)
        #expect(try Multiaddr("/ip4/1.2.3.4/tcp/1/tcp/2").tcpEndpoint == nil)
    }

    /// RFC 5952, sections 1 and 4.
    @Test(arguments: [
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0DB8::0001", "2001:db8::1"), ("::", "::"),
        ("0:0:0:0:0:0:0:1", "::1"), ("1::", "1::"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("::ffff:192.0.2.1", "::ffff:c000:201"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ])
    func ip6Texts(written: String, canonical: String) throws {
        let address = try #require(IPv6Address(written))
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
    }

    @Test(arguments: [":", ":::", "1:", ":1", "1:2:3:4:5:6:7", "1.2.3.4", "::1.2.3", "1.2.3.4::", "g::", "1::2::"])
    func refusesOtherIP6Texts(text: String) {
        #expect(IPv6Address(text) == nil)
    }
}
