package import Attestations
package import WireFormat

/// How long the spans are whose contents nodes compare.
package enum DigestLevel: UInt8, CaseIterable, Hashable, Sendable {
    /// A minute.
    case minute = 0
    /// 60 minutes.
    case hour = 1
    /// 24 hours.
    case day = 2

    /// How long a span is.
    package var milliseconds: UInt64 {
        switch self {
        case .minute: 60_000
        case .hour: 3_600_000
        case .day: 86_400_000
        }
    }

    /// The span that a moment lies in, in Unix milliseconds.
    package func index(of time: UInt64) -> UInt64 { time / milliseconds }

    /// When a span begins, in Unix milliseconds; saturates.
    package func start(of index: UInt64) -> UInt64 {
        let product = index.multipliedReportingOverflow(by: milliseconds)
        return product.overflow ? .max : product.partialValue
    }

    /// The next longer span, and how many of these make it.
    package var coarser: (level: DigestLevel, count: UInt64)? {
        switch self {
        case .minute: (.hour, 60)
        case .hour: (.day, 24)
        case .day: nil
        }
    }

    /// The next shorter span, and how many of them make this one.
    package var finer: (level: DigestLevel, count: UInt64)? {
        switch self {
        case .minute: nil
        case .hour: (.minute, 60)
        case .day: (.hour, 24)
        }
    }
}

/// What a span holds, so that two nodes can see at once whether they have the same.
///
/// The ids are added bit by bit (exclusive or). Whoever signs records can make sets of them with equal sums, and so keep
/// two nodes from noticing that they differ in these; nobody can do that with the records of others.
package struct SetDigest: Hashable, Sendable {
    /// How many records.
    package private(set) var count: UInt64 = 0
    /// Their bytes in this store, keys and indexes included; not compared.
    package private(set) var byteCount: UInt64 = 0
    private var sum = SIMD4<UInt64>()

    /// Nothing.
    package init() {}

    /// What a peer says of a span, without bytes.
    package init(count: UInt64, sum bytes: [UInt8]) throws(WireError) {
        guard bytes.count == 32 else { throw .invalid("sum") }
        self.count = count
        sum = Self.words(bytes)
    }

    /// The sum of the ids, 32 bytes.
    package var sumBytes: [UInt8] {
        (0..<4).flatMap { lane in withUnsafeBytes(of: sum[lane].bigEndian) { Array($0) } }
    }

    /// Adds a record of so many bytes.
    package mutating func insert(_ id: AttestationID, byteCount: Int) {
        count &+= 1
        self.byteCount &+= UInt64(clamping: byteCount)
        sum ^= Self.words(id.value.bytes)
    }

    /// Takes out a record of so many bytes, which was added before.
    package mutating func remove(_ id: AttestationID, byteCount: Int) {
        count = count == 0 ? 0 : count - 1
        let bytes = UInt64(clamping: byteCount)
        self.byteCount = self.byteCount < bytes ? 0 : self.byteCount - bytes
        sum ^= Self.words(id.value.bytes)
    }

    /// Adds the records of another span.
    package mutating func add(_ other: SetDigest) {
        count &+= other.count
        byteCount &+= other.byteCount
        sum ^= other.sum
    }

    /// Whether both hold the same records, as far as their sums tell.
    package func matches(_ other: SetDigest) -> Bool { count == other.count && sum == other.sum }

    private static func words(_ bytes: [UInt8]) -> SIMD4<UInt64> {
        var words = SIMD4<UInt64>()
        for (index, byte) in bytes.enumerated() { words[index >> 3] = words[index >> 3] << 8 | UInt64(byte) }
        return words
    }
}

extension SetDigest: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.uint64(count)
        writer.uint64(byteCount)
        writer.fixed(sumBytes)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.uint64()
        let byteCount = try reader.uint64()
        try self.init(count: count, sum: try reader.fixed(32))
        self.byteCount = byteCount
    }
}
