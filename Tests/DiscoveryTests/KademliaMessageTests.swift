import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct KademliaMessageTests {
    private let limits = KademliaLimits()

    @Test func independentEncodingsAreReadAndWritten() throws {
        let request = try KademliaMessage(decoding: DiscoveryVectors.request, limits: limits)
        #expect(request == KademliaMessage(.findNode, key: DiscoveryVectors.peer7))
        #expect(request.encoded == DiscoveryVectors.request)
        let answer = try KademliaMessage(decoding: DiscoveryVectors.answer, limits: limits)
        #expect(try answer == DiscoveryVectors.decodedAnswer())
        #expect(answer.encoded == DiscoveryVectors.answer)
        #expect(try KademliaMessage(decoding: DiscoveryVectors.ping, limits: limits) == KademliaMessage(.ping))
        #expect(KademliaMessage(.ping).encoded == DiscoveryVectors.ping)
        let getValue = try KademliaMessage(decoding: DiscoveryVectors.getValue, limits: limits)
        #expect(getValue == KademliaMessage(.getValue, key: Array("name".utf8)))
    }

    @Test func whatHasNoUseIsReadOver() throws {
        let signed = try KademliaMessage(decoding: DiscoveryVectors.signedAnswer, limits: limits)
        #expect(try signed == DiscoveryVectors.decodedAnswer())
        let putValue = try KademliaMessage(decoding: DiscoveryVectors.putValue, limits: limits)
        #expect(putValue == KademliaMessage(.putValue, key: Array("name".utf8)))
        // A peer with an id of an unknown form, then a good one with an address of UDP beside one of TCP.
        let udp = bytes("04cb007107910201bb")
        let tcp = address("/ip4/203.0.113.7/tcp/1").bytes
        let message = message([
            field(8, field(1, [0x55, 1, 2]) + field(2, tcp)),
            field(8, field(1, DiscoveryVectors.peer8) + field(2, udp) + field(2, tcp)),
        ])
        let read = try KademliaMessage(decoding: message, limits: limits)
        #expect(read.closerPeers.map(\.id.bytes) == [DiscoveryVectors.peer8])
        #expect(read.closerPeers.first?.endpoints == [endpoint("/ip4/203.0.113.7/tcp/1")])
    }

    @Test func tooManyEntriesAreRefused() throws {
        let entry = field(8, field(1, DiscoveryVectors.peer8))
        let most = message([[UInt8]](repeating: entry, count: limits.peerCountMax))
        #expect(try KademliaMessage(decoding: most, limits: limits).closerPeers.count == limits.peerCountMax)
        #expect(throws: KademliaMessageError.tooMany) { try KademliaMessage(decoding: most + entry, limits: limits) }
        // Providers count, too, though they are not kept.
        let provider = field(9, field(1, DiscoveryVectors.peer8))
        #expect(throws: KademliaMessageError.tooMany) { try KademliaMessage(decoding: most + provider, limits: limits) }
        let tcp = field(2, address("/ip4/203.0.113.7/tcp/1").bytes)
        for (count, isAccepted) in [(limits.addressCountMax, true), (limits.addressCountMax + 1, false)] {
            let addresses = [[UInt8]](repeating: tcp, count: count).flatMap { $0 }
            let message = message([field(8, field(1, DiscoveryVectors.peer8) + addresses)])
            #expect(((try? KademliaMessage(decoding: message, limits: limits)) != nil) == isAccepted)
        }
        for (count, isAccepted) in [(limits.keyByteCountMax, true), (limits.keyByteCountMax + 1, false)] {
            let message = [8, 4] + field(2, [UInt8](repeating: 7, count: count))
            #expect(((try? KademliaMessage(decoding: message, limits: limits)) != nil) == isAccepted)
        }
        let oversize = [8, 4] + field(15, [UInt8](repeating: 0, count: limits.messageByteCountMax))
        #expect(throws: KademliaMessageError.oversize(announced: UInt64(oversize.count))) {
            try KademliaMessage(decoding: oversize, limits: limits)
        }
    }

    @Test(arguments: [
        "0806", "08ff01", "0804" + "0804", "1200" + "1200", "0a00", "1001", "4001", "4801", "420608011a00", "42021800",
        "42041a0108", "42060a000a00", "00", "0c", "12ff",
    ])
    func otherBytesAreRefused(_ hex: String) {
        let hostile = bytes(hex)
        if let message = try? KademliaMessage(decoding: hostile, limits: limits) {
            // Only a peer without a name may be read over.
            #expect(hex == "42021800" && message.closerPeers.isEmpty)
        }
    }

    @Test func everyTruncationAndEveryFlippedBitIsSurvived() throws {
        var accepted = 0
        for whole in [DiscoveryVectors.signedAnswer, DiscoveryVectors.putValue, DiscoveryVectors.request] {
            for length in whole.indices {
                _ = try? KademliaMessage(decoding: Array(whole.prefix(length)), limits: limits)
            }
            for index in whole.indices {
                for bit in 0..<8 {
                    var hostile = whole
                    hostile[index] ^= 1 << UInt8(bit)
                    guard let message = try? KademliaMessage(decoding: hostile, limits: limits) else { continue }
                    accepted += 1
                    // What is read can be written, and means the same again.
                    #expect(try KademliaMessage(decoding: message.encoded, limits: limits) == message)
                }
            }
        }
        // Flips within keys and names change values, not the form.
        #expect(accepted > 500)
    }

    @Test func alteredMessagesNeverTrap() throws {
        var random = BlockPRG(seed: Block(7, 8))
        for round in 0..<20_000 {
            var hostile = round.isMultiple(of: 2) ? DiscoveryVectors.answer : DiscoveryVectors.signedAnswer
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: hostile.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: hostile[index] = UInt8.random(in: 0...255, using: &random)
                case 1: hostile.remove(at: index)
                default: hostile.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            guard let message = try? KademliaMessage(decoding: hostile, limits: limits) else { continue }
            #expect(try KademliaMessage(decoding: message.encoded, limits: limits) == message)
        }
    }

    @Test func framesArriveByteByByte() throws {
        let messages = [try DiscoveryVectors.decodedAnswer(), KademliaMessage(.ping), KademliaMessage(.putValue)]
        var decoder = KademliaFrameDecoder(limits: limits)
        var arrived: [KademliaMessage] = []
        for byte in messages.flatMap(\.frame) {
            decoder.append([byte])
            while let body = try decoder.next() { arrived.append(try KademliaMessage(decoding: body, limits: limits)) }
        }
        #expect(arrived == messages)
        #expect(decoder.bufferedByteCount == 0)
        decoder.append(UnsignedVarint.encode(UInt64(limits.messageByteCountMax) + 1))
        #expect(throws: KademliaMessageError.oversize(announced: UInt64(limits.messageByteCountMax) + 1)) {
            try decoder.next()
        }
        var endless = KademliaFrameDecoder(limits: limits)
        endless.append([UInt8](repeating: 0xff, count: 20))
        #expect(throws: KademliaMessageError.malformed(.invalidVarint)) { try endless.next() }
    }

    private func message(_ fields: [[UInt8]]) -> [UInt8] { [8, 4] + fields.flatMap { $0 } }

    private func field(_ number: UInt64, _ value: [UInt8]) -> [UInt8] {
        UnsignedVarint.encode(number << 3 | 2) + UnsignedVarint.encode(UInt64(value.count)) + value
    }
}
