import CryptoCore
import Testing

@Suite struct RedactionTests {
    private struct Key: Redacted {
        let bytes: [UInt8]
    }

    private final class Box: Redacted {
        let bytes: [UInt8] = [11, 22, 33]
    }

    private static func expectNothing(
        _ value: Any,
        named name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var dumped = ""
        dump(value, to: &dumped)
        #expect("\(value)" == "\(name)(redacted)", sourceLocation: sourceLocation)
        #expect(String(reflecting: value) == "\(name)(redacted)", sourceLocation: sourceLocation)
        #expect(dumped.contains("\(name)(redacted)"), sourceLocation: sourceLocation)
        #expect(dumped.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
        #expect(Mirror(reflecting: value).children.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func redactedValuesShowTheirTypeOnly() {
        Self.expectNothing(Key(bytes: [11, 22, 33]), named: "Key")
        Self.expectNothing(Box(), named: "Box")
        // Inside of something else, too.
        var dumped = ""
        dump(["key": (1, Key(bytes: [11, 22, 33]))], to: &dumped)
        #expect(dumped.contains("redacted") && !dumped.contains("22"))
        #expect(!"\([Key(bytes: [11, 22, 33])])".contains("22"))
    }

    @Test func primitivesShowTheirTypeOnly() throws {
        var random = BlockPRG(seed: Block(8, 9))
        let scalar = P256Scalar.random(from: &random)
        Self.expectNothing(scalar, named: "P256Scalar")
        Self.expectNothing(try P256Point.generatorMultiple(scalar), named: "P256Point")
        Self.expectNothing(P256FieldElement.random(from: &random), named: "P256FieldElement")
        Self.expectNothing(random, named: "BlockPRG")
        Self.expectNothing(Delta(random: &random), named: "Delta")
        Self.expectNothing(AES128(key: random.bytes(16)), named: "AES128")
        var hasher = SHA256Hasher()
        hasher.update(random.bytes(40))
        Self.expectNothing(hasher, named: "SHA256Hasher")
        var sponge = Keccak256()
        sponge.update(random.bytes(40))
        Self.expectNothing(sponge, named: "Keccak256")
    }
}
