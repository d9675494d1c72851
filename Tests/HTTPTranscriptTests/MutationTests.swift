import HTTPTranscript
import Testing

/// Random damage to messages: nothing traps, and whatever is accepted is consistent.
@Suite struct MutationTests {
    @Test(arguments: 0..<8)
    func damagedMessagesNeverTrap(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 100)
        let seeds = [
            Samples.fixedResponse, Samples.chunkedResponse(size: 9),
            Samples.bytes("HTTP/1.1 103 x\r\nA: b\r\n\r\n") + Samples.fixedResponse,
        ]
        for _ in 0..<500 {
            var bytes = seeds.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, &generator) }
            let transcript = Samples.annotated(bytes)
            let atoms = transcript.atoms(leafLimit: Int.random(in: 1...20, using: &generator))
            #expect(SpanSet(atoms.flatMap(\.spans.ranges)) == SpanSet(bytes.indices))
            #expect(atoms.reduce(0) { $0 + $1.spans.byteCount } == bytes.count)
            _ = TranscriptRendering(bytes, disclosing: SpanSet(bytes.indices)).text()
            expectSameWhenCut(bytes, transcript, &generator)
        }
    }

    @Test(arguments: 0..<4)
    func damagedDocumentsNeverTrap(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) + 200)
        for _ in 0..<2000 {
            var bytes = Samples.bytes(Samples.receipt)
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes, &generator) }
            guard let document = try? JSONDocument(parsing: bytes) else { continue }
            for index in document.values.indices {
                let text = document.path(of: index).description
                #expect((try? JSONPath(text)).map { document.indices(matching: $0) } == [index])
            }
        }
    }

    @Test(arguments: 0..<4)
    func damagedSelectorsNeverTrap(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) + 300)
        let samples = ["response.json:$.items[0]['a\\u{1b}b'].id", "response.bytes:10-20", "request.header:cookie"]
        for _ in 0..<2000 {
            var bytes = Samples.bytes(samples.randomElement(using: &generator) ?? "")
            mutate(&bytes, &generator)
            guard let selector = try? TranscriptSelector(String(decoding: bytes, as: UTF8.self)) else { continue }
            #expect((try? TranscriptSelector(selector.description)) == selector)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        let alphabet = Samples.bytes("\r\n\t :;,{}[]\"\\u0123456789abcdefH\0\u{7f}") + [0x80, 0xc3, 0xff]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: index)
        case 2: bytes[index] = alphabet.randomElement(using: &generator) ?? 0
        case 3: bytes.removeSubrange(index...)
        default:
            let end = min(bytes.count, index + Int.random(in: 1...30, using: &generator))
            bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0..<bytes.count, using: &generator))
        }
    }

    /// The same bytes in random cuts give the same message or the same error.
    private func expectSameWhenCut(
        _ bytes: [UInt8],
        _ whole: AnnotatedTranscript,
        _ generator: inout SeededGenerator
    ) {
        var parser = HTTPMessageParser(.response(toMethod: "GET"))
        do throws(HTTPParseError) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...20, using: &generator)
                try parser.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            let message = try parser.finish(authenticatedClose: false)
            #expect(message.bodyPieces == whole.message?.bodyPieces)
            #expect(message.framingSpans == whole.message?.framingSpans)
            #expect(message.isComplete == whole.message?.isComplete)
        } catch {
            #expect(whole.messageError == error)
        }
    }
}
