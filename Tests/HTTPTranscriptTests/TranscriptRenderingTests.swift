import HTTPTranscript
import Testing

@Suite struct TranscriptRenderingTests {
    @Test func showsRedactions() throws {
        let transcript = Samples.annotated(Samples.fixedResponse)
        let request = DisclosureRequest(
            reveal: try [TranscriptSelector("response.status"), TranscriptSelector("response.json:$.amount")]
        )
        let plan = try request.plan(for: transcript)
        let text = TranscriptRendering(Samples.fixedResponse, disclosing: plan.spans(of: .reveal)).text()
        #expect(text == "  │ HTTP/1.1 200 OK\n  │ █[… 103 bytes hidden]█\"amount\":12.30█[… 82 bytes hidden]█\n")
    }

    @Test func drawsShortRedactions() throws {
        let rendering = try TranscriptRendering(byteCount: 8, pieces: [.init(offset: 3, bytes: Samples.bytes("ab"))])
        #expect(rendering.lines() == ["███ab███"])
    }

    @Test(arguments: [
        ("\u{1b}[31m", "\\u{1b}[31m"), ("a\rb", "a\\u{d}b"), ("a\r", "a\\u{d}"), ("\u{7}\0", "\\u{7}\\u{0}"),
        ("\t", "\\t"),
        ("\u{7f}\u{9b}", "\\u{7f}\\u{9b}"), ("\u{202e}x\u{2066}", "\\u{202e}x\\u{2066}"), ("\u{200b}", "\\u{200b}"),
        ("\u{2028}", "\\u{2028}"), ("█", "\\u{2588}"), ("Bäckerei 😀", "Bäckerei 😀"), ("\u{a0}", "\\u{a0}"),
        // Letters and marks that are drawn as nothing: a filler, a joiner, a variation selector, a blank.
        ("1\u{3164}2", "1\\u{3164}2"), ("1\u{34f}", "1\\u{34f}"), ("1\u{fe0e}", "1\\u{fe0e}"),
        ("1\u{2800}2", "1\\u{2800}2"),
        // What looks like a redaction.
        ("▉▓■", "\\u{2589}\\u{2593}\\u{25a0}"),
        // Marks over the margin, or so many that they reach into other lines.
        ("\u{338}a", "\\u{338}a"), ("a\n\u{338}", "a|\\u{338}"), ("e\u{301}", "e\u{301}"),
        ("a\u{301}\u{301}\u{301}\u{301}\u{301}", "a\u{301}\u{301}\u{301}\u{301}\\u{301}"),
    ])
    func neutralizes(text: String, shown: String) {
        let bytes = Samples.bytes(text)
        #expect(TranscriptRendering(bytes, disclosing: SpanSet(bytes.indices)).lines().joined(separator: "|") == shown)
    }

    @Test func drawsNoMarkOverARedaction() throws {
        let bytes = Samples.bytes("\u{338}")
        let rendering = try TranscriptRendering(byteCount: 3, pieces: [.init(offset: 1, bytes: bytes)])
        #expect(rendering.lines() == ["█\\u{338}"])
    }

    @Test(arguments: ["x", "ü", "字", "क\u{940}\u{940}\u{940}\u{940}"])
    func keepsLongLinesBehindTheMargin(filler: String) {
        // A terminal of 80 columns would begin lines with the server's words.
        let line = String(repeating: filler, count: 76) + "VERIFIED." + String(repeating: " ", count: 67)
        let whole = Samples.bytes(line + "Notary: trusted by you")
        let text = TranscriptRendering(whole, disclosing: SpanSet(whole.indices)).text()
        let lines = text.split(separator: "\n")
        #expect(lines.count > 1)
        #expect(lines.first?.hasPrefix("  │ ") == true)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ┊ ") })
        // Spacing marks have a column each.
        #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 })
        let content = lines.map { String($0.unicodeScalars.dropFirst(4)) }.joined()
        #expect(Array(content.utf8) == whole)
    }

    @Test func escapesSingleLines() {
        #expect(TranscriptRendering.escape("a\r\nb\u{1b}█ü") == "a\\u{d}\\u{a}b\\u{1b}\\u{2588}ü")
    }

    @Test func keepsServerTextBehindTheMargin() {
        let bytes = Samples.bytes("a\r\n\nVerified: yes\r\n")
        let text = TranscriptRendering(bytes, disclosing: SpanSet(bytes.indices)).text(margin: "> ")
        #expect(text == "> a\n> \n> Verified: yes\n")
    }

    @Test func showsBytesThatAreNoText() {
        let bytes: [UInt8] = [0x61, 0xff, 0xc3, 0x28, 0x05]
        #expect(TranscriptRendering(bytes, disclosing: SpanSet(0..<5)).lines() == ["a\\xff\\xc3(\\u{5}"])
        // A redaction may cut a character in two.
        let cut = Samples.bytes("ü")
        #expect(TranscriptRendering(cut, disclosing: SpanSet(0..<1)).lines() == ["\\xc3█"])
    }

    @Test func boundsItsOutput() {
        let bytes = [UInt8](repeating: 0x61, count: 100)
        let lines = TranscriptRendering(bytes, disclosing: SpanSet([0..<10, 20..<100])).lines(limit: 15)
        #expect(
            lines == [
                String(repeating: "a", count: 10) + String(repeating: "█", count: 10)
                    + "aaaaa█[… 75 further bytes not shown]█"
            ]
        )
    }

    @Test func refusesImpossiblePieces() {
        let piece = TranscriptRendering.Piece(offset: 2, bytes: [1, 2, 3])
        for (count, pieces) in [(4, [piece]), (9, [piece, piece]), (9, [piece, .init(offset: 0, bytes: [1])])] {
            #expect(throws: TranscriptRendering.InvalidPieces.self) {
                try TranscriptRendering(byteCount: count, pieces: pieces)
            }
        }
        #expect(throws: TranscriptRendering.InvalidPieces.self) {
            try TranscriptRendering(byteCount: 9, pieces: [.init(offset: -1, bytes: [1])])
        }
    }
}
