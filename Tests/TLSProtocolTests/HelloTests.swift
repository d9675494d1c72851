import TLSProtocol
import Testing

@Suite("ClientHello and server names")
struct HelloTests {
    @Test("the offer is this, byte for byte")
    func knownBytes() throws {
        let hello = try ClientHello(random: (0..<32).map { $0 }, serverName: ServerName("a.test"))
        #expect(
            hello.message.encoded
                == hex(
                    """
                    01000078 0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00
                    0004c02bc02f 0100 004b
                    0000000b0009000006612e74657374
                    00170000 ff01000100 000a00040002 0017 000b00020100
                    000d0012001004030503080408050806040105010601
                    0010000b000908687474702f312e31
                    """
                )
        )
    }

    @Test("decoding accepts every offer and nothing else")
    func canonicalDecoding() throws {
        for name in ["a.test", "localhost", "127.0.0.1"] {
            for offersHTTP11 in [true, false] {
                let hello = try ClientHello(
                    random: [UInt8](repeating: 5, count: 32),
                    serverName: ServerName(name),
                    offersHTTP11: offersHTTP11
                )
                #expect(try ClientHello(decoding: hello.message.encoded) == hello)
            }
        }
        let hello = try ClientHello(random: [UInt8](repeating: 5, count: 32), serverName: ServerName("a.test"))
        let bytes = hello.message.encoded
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            // A flipped bit of the random or the name gives another offer; anywhere else it is refused.
            let isFree = (6..<38).contains(bit / 8) || (56..<64).contains(bit / 8)
            let decoded = try? ClientHello(decoding: flipped)
            #expect(decoded == nil || isFree && decoded?.message.encoded == flipped)
        }
        for count in 0..<bytes.count {
            #expect(throws: TLSError.malformed(.clientHello)) { try ClientHello(decoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: TLSError.malformed(.clientHello)) { try ClientHello(decoding: bytes + [0]) }
    }

    @Test("host names and addresses are told apart and brought to one form")
    func serverNames() throws {
        #expect(try ServerName("Example.COM.") == .dns("example.com"))
        #expect(try ServerName("127.0.0.1") == .address([127, 0, 0, 1]))
        #expect(try ServerName("[::1]") == .address([UInt8](repeating: 0, count: 15) + [1]))
        #expect(try ServerName("::1") == .address([UInt8](repeating: 0, count: 15) + [1]))
        #expect(try ServerName("[2001:db8::1]").description == "2001:db8::1")
        #expect(try ServerName("10.0.0.1").description == "10.0.0.1")
        #expect(try ServerName("xn--bcher-kva.example") == .dns("xn--bcher-kva.example"))
    }

    @Test(
        "what is no host name is refused",
        arguments: [
            "", ".", "a..b", "-a.test", "a-.test", "bücher.example", "a b", "a/b", "a:1", "[a]", "[127.0.0.1]", "1.2.3",
            "256.1.1.1", "0x7f.1", "a\u{0}b", String(repeating: "a", count: 64) + ".test",
            String(repeating: "a.", count: 127) + "aa",
        ]
    )
    func badNames(text: String) {
        #expect(throws: TLSError.self) { try ServerName(text) }
    }

    @Test("a random of another length is the caller's mistake")
    func badRandom() {
        #expect(throws: TLSError.misuse("a client random is 32 bytes")) {
            try ClientHello(random: [1], serverName: nil)
        }
    }
}
