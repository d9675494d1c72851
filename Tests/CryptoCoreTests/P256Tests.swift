import CryptoCore
import Testing

@Suite struct P256Tests {
    /// Multiples of the generator: NIST's list of P-256 point multiplications, and the two keys of RFC 5903 §8.1.
    @Test(arguments: [
        (
            "0000000000000000000000000000000000000000000000000000000000000001",
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        ),
        (
            "0000000000000000000000000000000000000000000000000000000000000002",
            "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978",
            "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1"
        ),
        (
            "000000000000000000000000000000000000000000000000018ebbb95eed0e13",
            "339150844ec15234807fe862a86be77977dbfb3ae3d96f4c22795513aeaab82f",
            "b1c14ddfdc8ec1b2583f51e85a5eb3a155840f2034730e9b5ada38b674336a21"
        ),
        (
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a"
        ),
        (
            "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
            "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180",
            "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
        ),
        (
            "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
            "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
            "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
        ),
    ])
    func generatorMultiples(scalar: String, x: String, y: String) throws {
        let point = try P256Point.generatorMultiple(P256Scalar(bytes: hex(scalar)))
        #expect(point.x == hex(x))
        #expect(point.y == hex(y))
        #expect(try P256Point(uncompressed: [4] + hex(x) + hex(y)) == point)
    }

    /// RFC 5903 §8.1.
    @Test func keyAgreement() throws {
        let initiator = try P256Scalar(bytes: hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"))
        let responder = try P256Scalar(bytes: hex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"))
        let shared = try P256Point.generatorMultiple(responder).multiplied(by: initiator)
        #expect(shared == (try P256Point.generatorMultiple(initiator).multiplied(by: responder)))
        #expect(shared.x == hex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"))
        #expect(shared.y == hex("522bde0af0d8585b8def9c183b5ae38f50235206a8674ecb5d98edb20eb153a2"))
    }

    @Test func agreesWithWycheproof() throws {
        let tests = try VectorFile("ecdh-p256.txt").tests
        #expect(tests.count == 355)
        for test in tests {
            let scalar = try P256Scalar(bytes: hex(test[2]))
            if test[1] == "valid" {
                let product = try P256Point(uncompressed: hex(test[3])).multiplied(by: scalar)
                #expect(product.x == hex(test[4]), "test \(test[0])")
            } else {
                #expect(throws: CryptoError.invalidPoint, "test \(test[0])") {
                    try P256Point(uncompressed: VectorFile.bytes(test[3]))
                }
            }
        }
    }

    @Test func badEncodingsAreRefused() throws {
        let good = try P256Point.generatorMultiple(P256Scalar(bytes: scalarBytes(7))).uncompressed
        let p = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
        var encodings: [[UInt8]] = [
            [], [0], [4], Array(good.dropLast()), good + [0], [2] + good[1..<33], [3] + good[1..<33],
            [4] + [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0, count: 65), [4] + p + good[33...],
            Array(good[..<33]) + p, [4] + [UInt8](repeating: 0xff, count: 64), [4] + good[33...] + good[1..<33],
        ]
        for prefix: UInt8 in [0, 1, 2, 3, 5, 6, 7, 255] { encodings.append([prefix] + good[1...]) }
        for bit in stride(from: 8, to: 8 * 65, by: 13) {
            var flipped = good
            flipped[bit / 8] ^= 1 << (bit % 8)
            encodings.append(flipped)
        }
        for encoding in encodings {
            #expect(throws: CryptoError.invalidPoint) { try P256Point(uncompressed: encoding) }
        }
    }

    @Test func additionDoublesNegatesAndRefusesInfinity() throws {
        let points = try (1...5).map { try P256Point.generatorMultiple(P256Scalar(bytes: scalarBytes($0))) }
        #expect(try points[0].adding(points[0]) == points[1])
        #expect(try points[1].adding(points[2]) == points[4])
        #expect(try points[4].adding(points[1].negated) == points[2])
        #expect(points[3].negated != points[3])
        #expect(points[3].negated.negated == points[3])
        #expect(try P256Point(uncompressed: points[3].negated.uncompressed).x == points[3].x)
        #expect(throws: CryptoError.pointAtInfinity) { try points[2].adding(points[2].negated) }
    }

    @Test func negatedScalarsGiveNegatedPoints() throws {
        var random = BlockPRG(seed: Block(9, 9))
        for _ in 0..<20 {
            let scalar = P256Scalar.random(from: &random)
            let point = try P256Point.generatorMultiple(scalar)
            #expect(try P256Point.generatorMultiple(scalar.negated) == point.negated)
            #expect(scalar.negated.negated.bytes == scalar.bytes)
        }
    }

    @Test func multiplicationIsAHomomorphism() throws {
        var random = BlockPRG(seed: Block(10, 9))
        let (a, b) = (P256Scalar.random(from: &random), P256Scalar.random(from: &random))
        let (aPoint, bPoint) = (try P256Point.generatorMultiple(a), try P256Point.generatorMultiple(b))
        let base = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
        #expect(try aPoint.multiplied(by: b) == bPoint.multiplied(by: a))
        let sum = try base.multiplied(by: a).adding(base.multiplied(by: b))
        #expect(try sum.adding(base.multiplied(by: b).negated) == base.multiplied(by: a))
    }

    @Test func scalarsOutOfRangeAreRefused() {
        let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
        let invalid = [String(repeating: "00", count: 32), order, String(repeating: "ff", count: 32)]
        for encoding in invalid {
            #expect(throws: CryptoError.invalidScalar) { try P256Scalar(bytes: hex(encoding)) }
        }
        #expect(throws: CryptoError.wrongLength(expected: 32, received: 31)) {
            try P256Scalar(bytes: [UInt8](repeating: 1, count: 31))
        }
    }

    /// Equality looks at every byte of the encoding: a point and its negation share the first 33.
    @Test func pointsCompareByAllOfTheirBytes() throws {
        let scalar = try P256Scalar(bytes: [UInt8](repeating: 7, count: 32))
        let point = try P256Point.generatorMultiple(scalar)
        let again = try P256Point(uncompressed: point.uncompressed)
        #expect(point == again && point.hashValue == again.hashValue)
        #expect(point != point.negated && point.negated.negated == point)
        #expect(point != (try P256Point.generatorMultiple(scalar.negated)))
        #expect(Set([point, again, point.negated]).count == 2)
    }

    @Test func scalarsPrintNothing() throws {
        let scalar = try P256Scalar(bytes: scalarBytes(77))
        #expect("\(scalar)" == "P256Scalar(redacted)")
        #expect(String(reflecting: scalar) == "P256Scalar(redacted)")
        #expect(Mirror(reflecting: scalar).children.isEmpty)
    }

    private func scalarBytes(_ value: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: 31) + [UInt8(value)]
    }
}
