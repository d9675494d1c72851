import Discovery
import Testing

struct KademliaKeyTests {
    @Test func keysAreHashes() {
        // SHA-256 of the empty string begins with e3b0, that of "abc" with ba78 (FIPS 180-4's examples).
        let empty = KademliaKey(hashing: [])
        let abc = KademliaKey(hashing: Array("abc".utf8))
        // 0xe3 ^ 0xba = 0x59: the second bit differs.
        #expect(empty.commonPrefixLength(with: abc) == 1)
        #expect(empty.commonPrefixLength(with: empty) == 256)
    }
}
