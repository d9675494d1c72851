internal import BooleanCircuits
internal import Correlations
package import CryptoCore

/// A random product: this party's factor b and its share y with a·b = x + y.
package typealias FieldProduct = (factor: P256FieldElement, share: P256FieldElement)

/// From one point of P-256 each to additive shares, modulo p, of the x-coordinate of their sum.
///
/// The chord formula x = λ² − x_P − x_V with λ = (y_P − y_V)/(x_P − x_V), in the way of DECO (arXiv
/// 1909.00938 §4.1.1) and [GTP] §5.1: each difference is turned into multiplicative
/// shares by one oblivious linear evaluation (the notary's share is the inverse of a mask r), the quotient's square is
/// then multiplicative already, and one more evaluation makes it additive. Three evaluations, two messages each way.
///
/// Neither party's error is detected here: a prover's gives circuit keys that differ from the server's, so that
/// Finished and every tag fail in the proof; a notary's is found when its seed is opened
/// (``PremasterProver/check(seed:shares:notaryPoint:)``).
package struct PremasterProver: Redacted {
    private let point: P256Point
    private let correlations: [FieldProduct]
    private let differences: [P256FieldElement]
    private var squaredSlope = P256FieldElement.zero
    private var first: [P256FieldElement] = []
    private var second: [P256FieldElement] = []

    /// The prover's additive share of the premaster secret, once the second reply is in.
    package private(set) var share = P256FieldElement.zero

    /// - Parameter correlations: three random evaluations (b, y).
    package init(point: P256Point, correlations: [FieldProduct]) throws {
        precondition(correlations.count == 3, "the chord formula takes three evaluations")
        self.point = point
        self.correlations = correlations
        differences = [
            try P256FieldElement(bigEndian: point.x) - correlations[0].factor,
            try P256FieldElement(bigEndian: point.y) - correlations[1].factor,
        ]
    }

    /// x_P − b₁ and y_P − b₂, 64 bytes.
    package var firstMessage: [UInt8] { differences.flatMap(\.bytes) }

    /// Takes v₁, m₁, v₂, m₂ (128 bytes) and gives the masked square of the slope's share, 32 bytes.
    package mutating func secondMessage(reply: [UInt8]) throws -> [UInt8] {
        first = try FieldCoding.elements(reply, count: 4)
        let coordinates = [try P256FieldElement(bigEndian: point.x), try P256FieldElement(bigEndian: point.y)]
        let products = (0..<2).map { correlations[$0].share + first[2 * $0] * coordinates[$0] + first[2 * $0 + 1] }
        guard !products[0].isZero else {
            throw MPCTLSError.peerViolation("the shares of the key exchange coincide")
        }
        let slope = products[1] * products[0].inverse
        squaredSlope = slope * slope
        return (squaredSlope - correlations[2].factor).bytes
    }

    /// Takes v₃ (32 bytes); afterwards ``share`` is valid.
    package mutating func finish(reply: [UInt8]) throws {
        second = try FieldCoding.elements(reply, count: 1)
        share = correlations[2].share + second[0] * squaredSlope - (try P256FieldElement(bigEndian: point.x))
    }

    /// Recomputes everything that the notary sent from its opened seed.
    ///
    /// - Parameter shares: the notary's shares x of the three evaluations, from their audit.
    /// - Returns: the notary's share of the premaster secret.
    /// - Throws: ``MPCTLSError/notaryMisbehaved(_:evidence:)`` at the first difference.
    package func check(seed: NotarySeed, shares: [P256FieldElement], notaryPoint: P256Point) throws -> P256FieldElement
    {
        let inputs = seed.fieldInputs
        let masks = seed.differenceMasks
        let coordinates = [
            try P256FieldElement(bigEndian: notaryPoint.x), try P256FieldElement(bigEndian: notaryPoint.y),
        ]
        for index in 0..<2 {
            let shift = masks[index] - inputs[index]
            let masked = shares[index] + inputs[index] * differences[index] - masks[index] * coordinates[index]
            guard first[2 * index] == shift, first[2 * index + 1] == masked else {
                throw MPCTLSError.notaryMisbehaved("its key exchange does not follow from its seed", evidence: nil)
            }
        }
        let slope = masks[0] * masks[1].inverse
        let squared = slope * slope
        guard second[0] == squared - inputs[2] else {
            throw MPCTLSError.notaryMisbehaved("its key exchange does not follow from its seed", evidence: nil)
        }
        return try notaryShare(seed: seed, shares: shares, notaryPoint: notaryPoint)
    }

    /// The notary's share of the premaster secret, if it did as its seed says.
    package func notaryShare(
        seed: NotarySeed,
        shares: [P256FieldElement],
        notaryPoint: P256Point
    ) throws -> P256FieldElement {
        let difference = squaredSlope - correlations[2].factor
        return shares[2] + seed.fieldInputs[2] * difference - (try P256FieldElement(bigEndian: notaryPoint.x))
    }
}

/// The notary's side of ``PremasterProver``; all its inputs follow from ``NotarySeed``.
package struct PremasterNotary: Redacted {
    private let seed: NotarySeed
    private let coordinates: [P256FieldElement]
    private let shares: [P256FieldElement]

    /// The notary's additive share of the premaster secret, once the second reply is made.
    package private(set) var share = P256FieldElement.zero

    /// - Parameter shares: its shares x of the three random evaluations whose inputs are `seed.fieldInputs`.
    package init(point: P256Point, seed: NotarySeed, shares: [P256FieldElement]) throws {
        precondition(shares.count == 3, "the chord formula takes three evaluations")
        self.seed = seed
        self.shares = shares
        coordinates = [try P256FieldElement(bigEndian: point.x), try P256FieldElement(bigEndian: point.y)]
    }

    /// Answers the prover's first message: v₁, m₁, v₂, m₂, 128 bytes.
    package func firstReply(_ message: [UInt8]) throws -> [UInt8] {
        let differences = try FieldCoding.elements(message, count: 2)
        let inputs = seed.fieldInputs
        let masks = seed.differenceMasks
        return (0..<2).flatMap { index -> [UInt8] in
            let masked = shares[index] + inputs[index] * differences[index] - masks[index] * coordinates[index]
            return (masks[index] - inputs[index]).bytes + masked.bytes
        }
    }

    /// Answers the prover's second message: v₃, 32 bytes; afterwards ``share`` is valid.
    package mutating func secondReply(_ message: [UInt8]) throws -> [UInt8] {
        let difference = try FieldCoding.elements(message, count: 1)[0]
        let inputs = seed.fieldInputs
        let masks = seed.differenceMasks
        let slope = masks[0] * masks[1].inverse
        share = shares[2] + inputs[2] * difference - coordinates[0]
        return (slope * slope - inputs[2]).bytes
    }
}

/// Field elements in messages: 32 bytes each, big-endian, below p.
package enum FieldCoding {
    /// Exactly `count` elements.
    ///
    /// - Throws: ``MPCTLSError/peerViolation(_:)`` for another length or a number that is not below p.
    package static func elements(_ bytes: [UInt8], count: Int) throws(MPCTLSError) -> [P256FieldElement] {
        guard bytes.count == 32 * count else {
            throw .peerViolation("a message of the key exchange has \(bytes.count) bytes, not \(32 * count)")
        }
        var elements: [P256FieldElement] = []
        for index in 0..<count {
            guard let element = try? P256FieldElement(bigEndian: Array(bytes[32 * index..<32 * (index + 1)])) else {
                throw .peerViolation("a number of the key exchange is not below the field's prime")
            }
            elements.append(element)
        }
        return elements
    }

    /// The 256 bits of a field element, least significant first.
    package static func integerBits(_ element: P256FieldElement) -> [Bool] {
        BitOrder.bits(ofBytes: element.bytes.reversed())
    }
}
