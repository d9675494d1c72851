import PeerProtocols

/// The input is what a peer sends.
enum MultistreamFuzz {
    private static let names: [ProtocolName] = ["/noise", "/yamux/1.0.0", "/tabellion/sync/1", "/K/\u{e9}"]

    private struct Outcome: Equatable {
        var agreed: [UInt8]?
        var error: MultistreamError?
        var output: [UInt8] = []
        /// What belongs to the protocol that was agreed.
        var left: [UInt8] = []
    }

    static func run(_ bytes: [UInt8]) throws {
        var listener = MultistreamListener(Set(names))
        let heard = negotiate([bytes]) { try listener.advance(&$0, output: &$1) }
        try check(heard, bytes)
        // A header, refusals, and the echo of a name.
        try require(heard.output.count <= 20 + 16 * 4 + 260, "a listener answers much")
        for chunking in Chunking.allCases {
            var listener = MultistreamListener(Set(names))
            let other = negotiate(chunking.cut(bytes)) { try listener.advance(&$0, output: &$1) }
            try requireEqual(other, heard, "a listener that hears portions: \(chunking)")
        }
        var initiator = MultistreamInitiator(names)
        let answered = negotiate([bytes]) { try initiator.advance(&$0, output: &$1) }
        try check(answered, bytes)
        try require(answered.output.count <= 20 + names.count * 30, "an initiator says much")
        for chunking in Chunking.allCases {
            var initiator = MultistreamInitiator(names)
            let other = negotiate(chunking.cut(bytes)) { try initiator.advance(&$0, output: &$1) }
            try requireEqual(other, answered, "an initiator that hears portions: \(chunking)")
        }
    }

    private static func negotiate(
        _ chunks: [[UInt8]],
        _ advance: (inout ByteQueue, inout [UInt8]) throws -> ProtocolName?
    ) -> Outcome {
        var outcome = Outcome()
        var input = ByteQueue()
        do {
            _ = try advance(&input, &outcome.output)
            for (index, chunk) in chunks.enumerated() {
                input.append(chunk)
                guard let agreed = try advance(&input, &outcome.output) else { continue }
                outcome.agreed = Array(agreed.description.utf8)
                outcome.left = input.takeAll() + chunks[(index + 1)...].joined()
                return outcome
            }
        } catch let error as MultistreamError {
            outcome.error = error
        } catch {
            outcome.error = .malformed
        }
        return outcome
    }

    /// What was agreed is one of the names, to the byte, and stands right before what is left.
    private static func check(_ outcome: Outcome, _ bytes: [UInt8]) throws {
        guard let agreed = outcome.agreed else { return }
        try require(names.contains { Array($0.description.utf8) == agreed }, "an agreement on another name: \(agreed)")
        let line = UnsignedVarint.encode(UInt64(agreed.count + 1)) + agreed + [0x0a]
        try requireEqual(bytes.dropLast(outcome.left.count).suffix(line.count), line[...], "the agreement")
    }

    static func seeds() throws -> [[UInt8]] {
        func line(_ text: String) -> [UInt8] { UnsignedVarint.encode(UInt64(text.utf8.count + 1)) + text.utf8 + [0x0a] }
        let header = line("/multistream/1.0.0")
        return [
            FuzzScriptWriter.joined(header, line("/noise"), [1, 2, 3]),
            FuzzScriptWriter.joined(header, line("/unknown"), line("ls"), line("/tabellion/sync/1")),
            FuzzScriptWriter.joined(header, line("na"), line("/yamux/1.0.0")),
            FuzzScriptWriter.joined(header, line("na"), line("na"), line("na"), line("na")),
            FuzzScriptWriter.joined(header, (0..<18).flatMap { (number: Int) -> [UInt8] in line("/p/\(number)") }),
            FuzzScriptWriter.joined(header, line("/\u{212a}/\u{e9}")),
            FuzzScriptWriter.joined(header, line("/K/e\u{301}")),
            FuzzScriptWriter.joined(header, [4, 0x2f, 0xff, 0xfe, 0x0a]),
            FuzzScriptWriter.joined(header, line("/" + String(repeating: "a", count: 255))),
            [0xff, 0xff, 0xff, 0xff, 0x0f],
            [0x80, 0],
            [0],
        ]
    }
}
