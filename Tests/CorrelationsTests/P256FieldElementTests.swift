import CryptoCore
import Testing

@Suite("The field of P-256")
struct P256FieldElementTests {
    private static let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")

    private func element(_ text: String) throws -> P256FieldElement {
        try P256FieldElement(bigEndian: hex(text))
    }

    @Test("Numbers below p are accepted, p and more are refused")
    func range() throws {
        var largest = Self.prime
        largest[31] -= 1
        #expect(try P256FieldElement(bigEndian: largest) == -P256FieldElement.one)
        #expect(try P256FieldElement(bigEndian: largest).bytes == largest)
        #expect(throws: CryptoError.invalidParameters) { try P256FieldElement(bigEndian: Self.prime) }
        #expect(throws: CryptoError.invalidParameters) {
            try P256FieldElement(bigEndian: [UInt8](repeating: 0xff, count: 32))
        }
        #expect(throws: CryptoError.wrongLength(expected: 32, received: 31)) {
            try P256FieldElement(bigEndian: [UInt8](repeating: 0, count: 31))
        }
    }

    @Test("Long numbers are reduced")
    func reduction() throws {
        #expect(P256FieldElement(reducingBigEndian: Self.prime).isZero)
        #expect(P256FieldElement(reducingBigEndian: [UInt8]()).isZero)
        // 2^512 - 1 and 2^256 mod p.
        let all = P256FieldElement(reducingBigEndian: [UInt8](repeating: 0xff, count: 64))
        #expect(all == (try element("00000004fffffffdfffffffffffffffefffffffbffffffff0000000000000002")))
        let radix = P256FieldElement(reducingBigEndian: [1] + [UInt8](repeating: 0, count: 32))
        #expect(radix == (try element("00000000fffffffeffffffffffffffffffffffff000000000000000000000001")))
    }

    @Test("The laws of a field hold, at the edges too")
    func laws() {
        var random = coins(7)
        let edges: [P256FieldElement] = [.zero, .one, -.one, P256FieldElement(2), -P256FieldElement(2)]
        let elements = edges + (0..<40).map { _ in P256FieldElement.random(from: &random) }
        for a in elements {
            for b in elements.suffix(12) + edges {
                #expect(a + b == b + a && a * b == b * a)
                #expect((a - b) + b == a && a - a == .zero)
                #expect((a + b) * a == a * a + b * a)
            }
            #expect(a + .zero == a && a * .one == a && (a * .zero).isZero)
            #expect(a.isZero ? a.inverse.isZero : a * a.inverse == .one)
            #expect(a.masked(by: true) == a && a.masked(by: false).isZero)
            #expect(-(-a) == a)
        }
    }

    @Test("Affine addition and doubling agree with OpenSSL's points")
    func againstOpenSSL() throws {
        var random = coins(8)
        for _ in 0..<20 {
            let p = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
            let q = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
            let (px, py) = (try P256FieldElement(bigEndian: p.x), try P256FieldElement(bigEndian: p.y))
            let (qx, qy) = (try P256FieldElement(bigEndian: q.x), try P256FieldElement(bigEndian: q.y))
            for (slope, x2, expected) in [
                ((qy - py) * (qx - px).inverse, qx, try p.adding(q)),
                (P256FieldElement(3) * (px * px - .one) * (py + py).inverse, px, try p.adding(p)),
            ] {
                let x = slope * slope - px - x2
                let y = slope * (px - x) - py
                #expect(x.bytes == expected.x && y.bytes == expected.y)
            }
        }
    }

    @Test("Elements print nothing of themselves")
    func redacted() {
        var text = ""
        dump(P256FieldElement(12_345), to: &text)
        #expect(!text.contains("12345") && "\(P256FieldElement(7))" == "P256FieldElement(redacted)")
    }

    @Test("Compressed points are what OpenSSL's points are, and others are refused")
    func compression() throws {
        var random = coins(9)
        for _ in 0..<20 {
            let point = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
            #expect(try P256Point(compressed: point.compressed) == point)
            var other = point.compressed
            other[0] ^= 1
            #expect(try P256Point(compressed: other) == point.negated)
        }
        for encoding in BaseOTTests.badPoints + [[], [2], [UInt8](repeating: 2, count: 34)] {
            #expect(throws: CryptoError.invalidPoint) { try P256Point(compressed: encoding) }
        }
    }
}

/// RFC 9380 §J.1.1, P256_XMD:SHA-256_SSWU_RO_.
@Suite("Hashing to P-256")
struct P256HashToCurveTests {
    static let vectors: [(message: String, x: String, y: String)] = [
        (
            "", "2c15230b26dbc6fc9a37051158c95b79656e17a1a920b11394ca91c44247d3e4",
            "8a7a74985cc5c776cdfe4b1f19884970453912e9d31528c060be9ab5c43e8415"
        ),
        (
            "abc", "0bb8b87485551aa43ed54f009230450b492fead5f1cc91658775dac4a3388a0f",
            "5c41b3d0731a27a7b14bc0bf0ccded2d8751f83493404c84a88e71ffd424212e"
        ),
        (
            "abcdef0123456789", "65038ac8f2b1def042a5df0b33b1f4eca6bff7cb0f9c6c1526811864e544ed80",
            "cad44d40a656e7aff4002a8de287abc8ae0482b5ae825822bb870d6df9b56ca3"
        ),
        (
            "q128_" + String(repeating: "q", count: 128),
            "4be61ee205094282ba8a2042bcb48d88dfbb609301c49aa8b078533dc65a0b5d",
            "98f8df449a072c4721d241a3b1236d3caccba603f916ca680f4539d2bfb3c29e"
        ),
        (
            "a512_" + String(repeating: "a", count: 512),
            "457ae2981f70ca85d8e24c308b14db22f3e3862c5ea0f652ca38b5e49cd64bc5",
            "ecb9f0eadc9aeed232dabc53235368c1394c78de05dd96893eefa62b0f4757dc"
        ),
    ]

    @Test("The vectors of RFC 9380", arguments: vectors.indices)
    func knownAnswer(index: Int) throws {
        let vector = Self.vectors[index]
        let point = try P256Point.hashing(
            [UInt8](vector.message.utf8),
            domain: [UInt8]("QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_".utf8)
        )
        #expect(point.x == hex(vector.x) && point.y == hex(vector.y))
    }
}
