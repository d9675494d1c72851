import CryptoCore
import Discovery
import PeerProtocols

/// Messages and records as py-libp2p 0.8.1 encodes them; Tests/Interop/libp2p/discovery_vectors.py prints them.
enum DiscoveryVectors {
    static let peer7 = bytes("00250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f")
    static let peer8 = bytes("00250802122103f991f944d1e1954a7fc8b9bf62e0d78f015f4c07762d505e20e6c45260a3661b")
    static let request =
        bytes("0804122700250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f")
    static let ping = bytes("0805")
    static let getValue = bytes("080112046e616d65")
    static let putValue = bytes(
        "12046e616d651a230a046e616d65120576616c75652a14323032352d30312d30315430303a30303a30305a"
    )
    static let record = bytes(
        "0a250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f120203011a530a270025080212210298"
            + "9c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f1080e2cfaa061a0a0a0804cb007107060fa11a"
            + "160a142920010db8000000000000000000000007060fa22a463044022067ef5dd2e692e62eebfab4bff7a7d38c281ff25ea6"
            + "340b64e2b0f18d697b4dca02204b88ca37e972221920267aaa24e9c23dd5e493868b517db946e37cd95fad2f6f"
    )
    static let answer = bytes(
        "0804122700250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f424b0a270025080212210298"
            + "9c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f120804cb007107060fa112142920010db80000"
            + "00000000000000000007060fa21801423c0a2700250802122103f991f944d1e1954a7fc8b9bf62e0d78f015f4c07762d505e"
            + "20e6c45260a3661b1211360c6e6f64652e6578616d706c65060fa3"
    )
    /// `answer` with signed records in fields 4 and 11, and a provider.
    static let signedAnswer =
        bytes(
            "0804122700250802122102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f4296020a270025080212"
                + "2102989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f120804cb007107060fa112142920"
                + "010db8000000000000000000000007060fa2180122c801"
        ) + record
        + bytes(
            "423c0a2700250802122103f991f944d1e1954a7fc8b9bf62e0d78f015f4c07762d505e20e6c45260a3661b1211360c6e6f64652e65"
                + "78616d706c65060fa34a290a2700250802122103f991f944d1e1954a7fc8b9bf62e0d78f015f4c07762d505e20e6c452"
                + "60a3661b5ac801"
        ) + record

    /// The identity whose private key is 32 times the byte 7.
    static let author = identity(0x0707_0707_0707_0707)
    static let addresses = [address("/ip4/203.0.113.7/tcp/4001"), address("/ip6/2001:db8::7/tcp/4002")]

    /// What `answer` says.
    static func decodedAnswer() throws -> KademliaMessage {
        KademliaMessage(
            .findNode,
            key: peer7,
            closerPeers: [
                .init(
                    id: try PeerID(bytes: peer7),
                    endpoints: [endpoint("/ip4/203.0.113.7/tcp/4001"), endpoint("/ip6/2001:db8::7/tcp/4002")],
                    connection: .connected
                ),
                .init(id: try PeerID(bytes: peer8), endpoints: [endpoint("/dns4/node.example/tcp/4003")]),
            ]
        )
    }
}

/// The identity whose private key is this number four times.
func identity(_ number: UInt64) -> PeerIdentity {
    let eight = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    guard let key = try? Secp256k1PrivateKey(bytes: eight + eight + eight + eight) else {
        preconditionFailure("tests use numbers above 0 and below n")
    }
    return PeerIdentity(privateKey: key)
}

/// A peer id with the form of a secp256k1 key's; nobody may have such a key, which tables cannot tell.
func peer(_ number: UInt64, salt: UInt64 = 0) -> PeerID {
    var random = BlockPRG(seed: Block(number, salt))
    guard let id = try? PeerID(bytes: [0, 37, 8, 2, 18, 33, 2] + random.bytes(32)) else {
        preconditionFailure("the form is right")
    }
    return id
}

/// An address that stands in a test.
func address(_ text: String) -> Multiaddr {
    guard let address = try? Multiaddr(text) else { preconditionFailure("a test names no address") }
    return address
}

/// An endpoint that stands in a test.
func endpoint(_ text: String) -> PeerEndpoint {
    guard let endpoint = PeerEndpoint(address(text)) else { preconditionFailure("a test names no endpoint") }
    return endpoint
}

/// The bytes of a hexadecimal text that stands in a test.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { $0 < 0x3a ? $0 - 0x30 : $0 - 0x61 + 10 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A moment so many milliseconds after the beginning of a test.
func instant(_ milliseconds: UInt64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
}

/// The same by the calendar.
func time(_ milliseconds: UInt64) -> UnixTime { UnixTime(milliseconds: 1_700_000_000_000 + milliseconds) }
