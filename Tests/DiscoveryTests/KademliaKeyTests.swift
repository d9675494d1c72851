import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct KademliaKeyTests {
    @Test func keysAreHashes() {
        // SHA-256 of the empty string begins with e3b0, that of "abc" with ba78 (FIPS 180-4's examples).
        let empty = KademliaKey(hashing: [])
        let abc = KademliaKey(hashing: Array("abc".utf8))
        // 0xe3 ^ 0xba = 0x59: the second bit differs.
        #expect(empty.commonPrefixLength(with: abc) == 1)
        #expect(empty.commonPrefixLength(with: empty) == 256)
        #expect(empty.distance(to: abc) == abc.distance(to: empty))
        #expect(KademliaKey(peer(1)) == KademliaKey(hashing: peer(1).bytes))
    }

    @Test func distanceIsTheExclusiveOrOfTheHashes() {
        for number in 0..<200 as Range<UInt64> {
            let (a, b, c) = (peer(number), peer(number, salt: 1), peer(number, salt: 2))
            func distance(_ left: PeerID, _ right: PeerID) -> [UInt8] {
                zip(SHA256.hash(left.bytes), SHA256.hash(right.bytes)).map { $0 ^ $1 }
            }
            let near = KademliaKey(a).distance(to: KademliaKey(b))
            let far = KademliaKey(a).distance(to: KademliaKey(c))
            #expect((near < far) == distance(a, b).lexicographicallyPrecedes(distance(a, c)))
            let bits = distance(a, b).flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
            #expect(near.leadingZeroBitCount == bits.prefix { $0 == 0 }.count)
        }
    }

    @Test func longPrefixesAreCounted() {
        // Two texts whose SHA-256 shares its first 16 bits, found by trying: words beyond the first byte count.
        var seen: [UInt16: UInt64] = [:]
        for number in 0..<2_000 as Range<UInt64> {
            let digest = SHA256.hash(peer(number).bytes)
            let head = UInt16(digest[0]) << 8 | UInt16(digest[1])
            if let other = seen[head] {
                #expect(KademliaKey(peer(number)).commonPrefixLength(with: KademliaKey(peer(other))) >= 16)
                return
            }
            seen[head] = number
        }
        Issue.record("2,000 hashes without two that share 16 bits")
    }
}
