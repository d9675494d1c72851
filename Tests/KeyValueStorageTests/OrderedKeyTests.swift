import KeyValueStorage
import StoreContract
import Testing
import WireFormat

/// A key with a part of each kind, ordered as its parts are.
private struct MixedKey: OrderedKey, Equatable {
    var signed: Int64
    var text: String
    var bytes: [UInt8]
    var number: UInt32

    init(random: inout SeededGenerator) {
        signed = [.min, -256, -1, 0, 1, 255, .max].randomElement(using: &random) ?? 0
        // Without composed characters, so that the order of strings is the order of their bytes.
        text = ["", "\0", "\0a", "a", "a\0", "a\0b", "ab", "b"].randomElement(using: &random) ?? ""
        bytes = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            [0, 1, 2, 0xff].randomElement(using: &random) ?? 0
        }
        number = [0, 1, 0xff, 0x100, .max].randomElement(using: &random) ?? 0
    }

    func encode(into writer: inout KeyWriter) {
        signed.encode(into: &writer)
        text.encode(into: &writer)
        writer.variable(bytes)
        number.encode(into: &writer)
    }

    init(from reader: inout KeyReader) throws(WireError) {
        signed = try Int64(from: &reader)
        text = try String(from: &reader)
        bytes = try reader.variable(limit: 3)
        number = try UInt32(from: &reader)
    }

    func precedes(_ other: Self) -> Bool {
        if signed != other.signed { return signed < other.signed }
        if text != other.text { return text.utf8.lexicographicallyPrecedes(other.text.utf8) }
        if bytes != other.bytes { return bytes.lexicographicallyPrecedes(other.bytes) }
        return number < other.number
    }
}

@Suite("Ordered keys")
struct OrderedKeyTests {
    private func encoded(_ key: some OrderedKey) -> [UInt8] {
        var writer = KeyWriter()
        key.encode(into: &writer)
        return writer.bytes
    }

    private func decoded<Key: OrderedKey>(_ type: Key.Type, _ bytes: [UInt8]) throws(WireError) -> Key {
        var reader = KeyReader(bytes)
        let key = try Key(from: &reader)
        try reader.finish()
        return key
    }

    @Test("encodings are as documented")
    func knownAnswers() {
        #expect(encoded(UInt32(0x0102_0304)) == [1, 2, 3, 4])
        #expect(encoded(Int64(-1)) == [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
        #expect(encoded(Int64(1)) == [0x80, 0, 0, 0, 0, 0, 0, 1])
        #expect(encoded("a\0b") == [0x61, 0, 0xff, 0x62, 0, 1])
        #expect(encoded(SingleKey()) == [])
        #expect(HashKey([1]) == nil)
    }

    @Test("bytes sort as the keys do, and decode to them")
    func order() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let first = MixedKey(random: &random)
            let second = MixedKey(random: &random)
            #expect(KeyOrder.precedes(encoded(first), encoded(second)) == first.precedes(second))
            #expect(try decoded(MixedKey.self, encoded(first)) == first)
        }
    }

    @Test("no bytes trap, and none decode but a key's own")
    func hostileBytes() {
        var random = SeededGenerator(seed: 12)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = encoded(MixedKey(random: &random))
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
            case 1: bytes.append(0)
            default: bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            if let key = try? decoded(MixedKey.self, bytes) {
                accepted += 1
                #expect(encoded(key) == bytes)
            }
        }
        // Changed numbers are other keys; truncated and longer ones never are.
        #expect(accepted > 0 && accepted < 7_000)
    }

    @Test("ranges of prefixes end where they should")
    func prefixes() {
        #expect(KeyRange(prefix: [1, 2]) == KeyRange(lower: [1, 2], upper: [1, 3]))
        #expect(KeyRange(prefix: [1, 0xff]) == KeyRange(lower: [1, 0xff], upper: [2]))
        #expect(KeyRange(prefix: [0xff, 0xff]) == KeyRange(lower: [0xff, 0xff], upper: nil))
        #expect(KeyRange(prefix: []) == .all)
        #expect(KeyRange(lower: [2], upper: [1]).isEmpty && !KeyRange.all.isEmpty)
    }

    @Test("the checksum is CRC-32C")
    func checksum() {
        // RFC 3720, appendix B.4.
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.checksum(Array(0..<32)) == 0x46dd_794e)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
    }
}
