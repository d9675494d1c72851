import Gossip
import PeerProtocols
import Testing

struct MessageSigningTests {
    private let author = CodecVectors.author

    @Test func signsAsAnIndependentImplementation() throws {
        let message = MessageSigning.sign(
            Array("attested".utf8),
            topic: topic("notarizations"),
            sequenceNumber: 0x0001_0203_0405_0607,
            author: author
        )
        // Nonces follow RFC 6979 on both sides, so even the signatures are equal.
        #expect(message?.encoded == CodecVectors.signed)
    }

    @Test func acceptsAGoodSignature() throws {
        #expect(try MessageSigning.verify(GossipMessage(encoded: CodecVectors.signed)) == author.id)
    }

    @Test func refusesEveryAlteredByte() {
        for index in CodecVectors.signed.indices {
            var altered = CodecVectors.signed
            altered[index] ^= 1
            guard let message = try? GossipMessage(encoded: altered) else { continue }
            #expect(throws: MessageSigningError.self) { try MessageSigning.verify(message) }
        }
    }

    @Test func refusesAbsentFields() {
        let good = GossipMessage(topic: topic("t"), data: [], source: author.id, sequenceNumber: 1)
        #expect(throws: MessageSigningError.missingField) { try MessageSigning.verify(good) }
        let anonymous = GossipMessage(topic: topic("t"), data: [], source: nil, sequenceNumber: 1, signature: [1])
        #expect(throws: MessageSigningError.missingField) { try MessageSigning.verify(anonymous) }
        let unnumbered = GossipMessage(
            topic: topic("t"),
            data: [],
            source: author.id,
            sequenceNumber: nil,
            signature: [1]
        )
        #expect(throws: MessageSigningError.missingField) { try MessageSigning.verify(unnumbered) }
    }

    /// go-libp2p-pubsub and py-libp2p add the key after signing; the signature covers neither of both fields.
    @Test func theKeyInAMessageMustBeTheAuthors() throws {
        for (keyOwner, isGood) in [(author, true), (identity(9), false)] {
            let key = PeerKeyEncoding.encode(keyOwner.publicKey)
            let unsigned = GossipMessage(topic: topic("t"), data: [5], source: author.id, sequenceNumber: 1)
            let signature = try #require(author.sign(Array("libp2p-pubsub:".utf8) + unsigned.encoded))
            let message = GossipMessage(
                topic: topic("t"),
                data: [5],
                source: author.id,
                sequenceNumber: 1,
                signature: signature,
                key: key
            )
            if isGood {
                #expect(try MessageSigning.verify(message) == author.id)
            } else {
                #expect(throws: MessageSigningError.keyMismatch) { try MessageSigning.verify(message) }
            }
        }
    }

    @Test func anotherAuthorsSignatureIsRefused() throws {
        let unsigned = GossipMessage(topic: topic("t"), data: [5], source: author.id, sequenceNumber: 1)
        let signature = try #require(identity(9).sign(Array("libp2p-pubsub:".utf8) + unsigned.encoded))
        let forged = GossipMessage(
            topic: topic("t"),
            data: [5],
            source: author.id,
            sequenceNumber: 1,
            signature: signature
        )
        #expect(throws: MessageSigningError.badSignature) { try MessageSigning.verify(forged) }
    }

    @Test func authorsWithoutAKeyInTheirNameAreRefused() throws {
        let hashed = try PeerID(bytes: [0x12, 32] + [UInt8](repeating: 3, count: 32))
        let message = GossipMessage(topic: topic("t"), data: [], source: hashed, sequenceNumber: 1, signature: [1, 2])
        #expect(throws: MessageSigningError.unsupportedAuthor) { try MessageSigning.verify(message) }
    }
}
