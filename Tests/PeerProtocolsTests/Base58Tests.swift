import PeerProtocols
import Testing

struct Base58Tests {
    /// draft-msporny-base58, section 5.
    @Test(arguments: [
        ("Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            "The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"
        ),
    ])
    func knownAnswers(text: String, encoded: String) {
        #expect(Base58.encode(Array(text.utf8)) == encoded)
        #expect(Base58.decode(encoded, limit: 100) == Array(text.utf8))
    }

    @Test func leadingZerosAreKept() {
        #expect(Base58.encode([0, 0, 0x28, 0x7f, 0xb4, 0xcd]) == "11233QC4")
        #expect(Base58.decode("11233QC4", limit: 8) == [0, 0, 0x28, 0x7f, 0xb4, 0xcd])
        #expect(Base58.decode("", limit: 8) == [])
    }

    @Test(arguments: ["0", "O", "I", "l", "ab c", "é", "11233QC4x"])
    func refusesOtherSymbolsAndOversize(text: String) {
        #expect(Base58.decode(text, limit: 8) == nil)
    }
}
