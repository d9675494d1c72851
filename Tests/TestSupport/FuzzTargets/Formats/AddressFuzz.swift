import CryptoCore
import Discovery
import PeerProtocols

/// The input is, in turn, each of the things that have one encoding.
enum AddressFuzz {
    static func run(_ bytes: [UInt8]) throws {
        if let (value, count) = try? UnsignedVarint.decode(bytes) {
            try requireEqual(UnsignedVarint.encode(value), Array(bytes.prefix(count)), "a varint")
        }
        if let peer = try? PeerID(bytes: bytes) {
            try requireEqual(peer.bytes, bytes, "a peer id")
            try requireEqual(try PeerID(peer.description), peer, "a peer id's text")
            if let key = peer.publicKey { try requireEqual(PeerID(publicKey: key), peer, "the id of a peer's key") }
        }
        if let key = try? PeerKeyEncoding.decode(bytes) {
            try requireEqual(PeerKeyEncoding.encode(key), bytes, "a key")
        }
        if let address = try? Multiaddr(bytes: bytes) {
            try requireEqual(address.bytes, bytes, "an address")
            try requireEqual(try Multiaddr(address.description), address, "an address's text")
        }
        try checkEndpoint(bytes)
        if bytes.count <= 64 {
            try requireEqual(Base58.decode(Base58.encode(bytes), limit: 128), bytes, "bytes in base58")
        }
        if let address = IPv6Address(bytes: bytes) {
            try requireEqual(IPv6Address(address.description), address, "an IPv6 address's text")
        }
        if let text = String(validating: bytes, as: UTF8.self) { try checkText(text) }
    }

    private static func checkEndpoint(_ bytes: [UInt8]) throws {
        let endpoint = PeerEndpoint(addressBytes: bytes, in: bytes.indices)
        let slow = (try? Multiaddr(bytes: bytes)).flatMap { PeerEndpoint($0) }
        try requireEqual(endpoint, slow, "the short way to an endpoint")
        guard let endpoint else { return }
        let again = endpoint.addressBytes
        try requireEqual(PeerEndpoint(addressBytes: again, in: again.indices), endpoint, "an endpoint")
        try requireEqual(endpoint.address.bytes, again, "an endpoint's address")
        try require(again.count <= PeerEndpoint.addressByteCountMax, "an endpoint is long")
        _ = (endpoint.scope, AddressPrefix.host(of: endpoint), AddressPrefix.network(of: endpoint))
    }

    private static func checkText(_ text: String) throws {
        if let address = try? Multiaddr(text) {
            try requireEqual(try Multiaddr(address.description), address, "an address from text")
            // An address of the internet is short; one of eight names is none.
            if address.bytes.count <= 1_024 {
                try requireEqual(try Multiaddr(bytes: address.bytes), address, "its bytes")
            }
            for name in address.description.utf8 { try require((0x21...0x7e).contains(name), "text that is no ASCII") }
        }
        if let peer = try? PeerID(text) { try requireEqual(peer.description, text, "a peer id from text") }
        if let address = IPv4Address(text) { try requireEqual(address.description, text, "an IPv4 address") }
        if let address = IPv6Address(text) {
            try requireEqual(IPv6Address(address.description), address, "an IPv6 address from text")
        }
        if let decoded = Base58.decode(text, limit: 128) { try requireEqual(Base58.encode(decoded), text, "base58") }
    }

    static func seeds() throws -> [[UInt8]] {
        let peer = FuzzIdentities.own.id
        let texts = [
            "/ip4/203.0.113.7/tcp/7047", "/ip6/2001:db8::1/tcp/1", "/ip6/::ffff:10.0.0.1/tcp/65535",
            "/dns4/a.example/tcp/1",
            "/dns/x/tcp/2/p2p/\(peer)", "/dns6/\(String(repeating: "a.", count: 100))b/tcp/9",
        ]
        let addresses = try texts.flatMap { (text: String) -> [[UInt8]] in
            [Array(text.utf8), try Multiaddr(text).bytes]
        }
        let others: [[UInt8]] = [
            peer.bytes, Array(peer.description.utf8), Array(peer.bytes.dropFirst(2)),
            [0x12, 0x20] + [UInt8](repeating: 7, count: 32), Array("1::ffff:1.2.3.4".utf8), Array("::".utf8),
            Array("1:2:3:4:5:6:7:8".utf8), Array("255.0.10.1".utf8), [0x80, 1], [0xff, 0xff, 3],
            [0, 1, 0], [0, 2, 8, 2], Array("/ip4/1.2.3.4/ipfs/\(peer)/".utf8),
        ]
        return addresses + others
    }
}
