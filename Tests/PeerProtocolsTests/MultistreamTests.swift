import PeerProtocols
import Testing

struct MultistreamTests {
    private static let header = "132f6d756c746973747265616d2f312e302e300a"

    private func run(
        _ initiator: inout MultistreamInitiator,
        _ listener: inout MultistreamListener,
        chunkByteCount: Int
    ) throws -> (ProtocolName?, ProtocolName?, initiatorLeft: [UInt8], listenerLeft: [UInt8]) {
        var toListener: [UInt8] = []
        var toInitiator: [UInt8] = []
        var initiatorInput = ByteQueue()
        var listenerInput = ByteQueue()
        var mine = try initiator.advance(&initiatorInput, output: &toListener)
        var theirs: ProtocolName?
        while !toListener.isEmpty || !toInitiator.isEmpty {
            listenerInput.append(toListener.prefix(chunkByteCount))
            toListener.removeFirst(min(chunkByteCount, toListener.count))
            if theirs == nil { theirs = try listener.advance(&listenerInput, output: &toInitiator) }
            initiatorInput.append(toInitiator.prefix(chunkByteCount))
            toInitiator.removeFirst(min(chunkByteCount, toInitiator.count))
            if mine == nil { mine = try initiator.advance(&initiatorInput, output: &toListener) }
        }
        return (mine, theirs, initiatorInput.takeAll(), listenerInput.takeAll())
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func agreesOnTheFirstCommonProtocol(chunkByteCount: Int) throws {
        var initiator = MultistreamInitiator(["/a/2", "/a/1", "/b"])
        var listener = MultistreamListener(["/a/1", "/b"])
        let result = try run(&initiator, &listener, chunkByteCount: chunkByteCount)
        #expect(result.0 == "/a/1")
        #expect(result.1 == "/a/1")
        #expect(result.initiatorLeft == [] && result.listenerLeft == [])
    }

    /// Strings count as equal when they look alike: a decomposed letter, or the sign of the kelvin.
    @Test(arguments: ["/K/e\u{301}", "/\u{212a}/\u{e9}"])
    func namesThatLookAlikeAreOthers(name: String) throws {
        let other = try #require(ProtocolName(name))
        #expect(other != "/K/\u{e9}")
        var initiator = MultistreamInitiator([other])
        var listener = MultistreamListener(["/K/\u{e9}"])
        #expect(throws: MultistreamError.noCommonProtocol) {
            try run(&initiator, &listener, chunkByteCount: 1000)
        }
    }

    @Test func failsWithoutACommonProtocol() {
        var initiator = MultistreamInitiator(["/a", "/b"])
        var listener = MultistreamListener(["/c"])
        #expect(throws: MultistreamError.noCommonProtocol) {
            try run(&initiator, &listener, chunkByteCount: 1000)
        }
    }

    /// The bytes of the first flights, as every implementation writes them.
    @Test func knownBytes() throws {
        var input = ByteQueue()
        var output: [UInt8] = []
        var initiator = MultistreamInitiator(["/noise"])
        #expect(try initiator.advance(&input, output: &output) == nil)
        #expect(output == bytes(Self.header + "072f6e6f6973650a"))
        var listener = MultistreamListener(["/noise"])
        input.append(output + [1, 2, 3])
        output = []
        #expect(try listener.advance(&input, output: &output) == "/noise")
        #expect(output == bytes(Self.header + "072f6e6f6973650a"))
        #expect(input.takeAll() == [1, 2, 3], "what follows belongs to the agreed protocol")
    }

    @Test(arguments: [
        ("", MultistreamError.unexpectedMessage), (header, .unexpectedMessage), ("036e610a", .unexpectedMessage),
    ])
    func listenerWantsTheHeaderOnceAndFirst(prefix: String, error: MultistreamError) {
        var listener = MultistreamListener(["/noise"])
        var input = ByteQueue()
        var output: [UInt8] = []
        input.append(bytes(prefix) + (prefix == Self.header ? bytes(Self.header) : bytes("072f6e6f6973650a")))
        #expect(throws: error) { try listener.advance(&input, output: &output) }
    }

    @Test(arguments: [
        ("00", MultistreamError.malformed), ("0161", .malformed), ("8000", .malformed), ("036e6100", .malformed),
        ("8202", .oversize(announced: 258)), ("ffffffffffffffff7f", .oversize(announced: (1 << 63) - 1)),
        ("ffffffffffffffffffff", .malformed), ("0561626364" + "0a", .malformed), ("042f20610a", .malformed),
    ])
    func refusesGarbage(hex: String, error: MultistreamError) {
        for prefix in ["", Self.header] {
            var listener = MultistreamListener(["/noise"])
            var initiator = MultistreamInitiator(["/noise"])
            var output: [UInt8] = []
            var input = ByteQueue()
            input.append(bytes(prefix + hex))
            #expect(throws: error) { try listener.advance(&input, output: &output) }
            input = ByteQueue()
            input.append(bytes(prefix + hex))
            #expect(throws: error) { try initiator.advance(&input, output: &output) }
        }
    }

    @Test func initiatorRefusesWhatItDidNotPropose() {
        var initiator = MultistreamInitiator(["/noise"])
        var input = ByteQueue()
        var output: [UInt8] = []
        input.append(bytes(Self.header + "052f746c730a"))
        #expect(throws: MultistreamError.unexpectedMessage) { try initiator.advance(&input, output: &output) }
    }

    @Test func listenerGivesUpOnEndlessProposals() throws {
        var listener = MultistreamListener(["/noise"])
        var input = ByteQueue()
        var output: [UInt8] = []
        input.append(bytes(Self.header))
        for _ in 0..<15 { input.append(bytes("032f610a")) }
        input.append(bytes("036c730a"))
        #expect(try listener.advance(&input, output: &output) == nil)
        #expect(output.count == 20 + 16 * 4, "sixteen times na, the request to list among them")
        input.append(bytes("032f610a"))
        #expect(throws: MultistreamError.noCommonProtocol) { try listener.advance(&input, output: &output) }
    }

    @Test func names() {
        #expect(ProtocolName("/" + String(repeating: "a", count: 255)) != nil)
        for text in ["", "a", "/a b", "/a\n", "/" + String(repeating: "a", count: 256)] {
            #expect(ProtocolName(text) == nil)
        }
    }
}
