package import Attestations
package import CryptoCore
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
/// The ids are added up as a ``CryptoCore/MultisetHash``: nobody can find two sets with one sum, not of own records and not
/// with those of others.
package struct SetDigest: Hashable, Sendable {
    /// Bytes of the stored encoding.
    static let byteCount = 16 + MultisetHash.byteCount

    /// How many records.
    package private(set) var count: UInt64 = 0
    /// Their bytes in this store, keys and indexes included; not compared.
    package private(set) var byteCount: UInt64 = 0
    private var sum = MultisetHash()

    /// Nothing.
    package init() {}

    /// What a peer says of a span, without bytes.
    package init(count: UInt64, sum bytes: [UInt8]) throws(WireError) {
        self.count = count
        do throws(Secp256k1Error) {
            sum = try MultisetHash(bytes: bytes)
        } catch {
            throw .invalid("sum")
        }
    }

    /// The sum of the ids, 64 bytes.
    package var sumBytes: [UInt8] { sum.bytes }

    /// What an id adds to the sum; some ten microseconds.
    package static func element(_ id: AttestationID) -> MultisetHash { MultisetHash(of: id.value.bytes) }

    /// Adds a record of so many bytes.
    package mutating func insert(_ id: AttestationID, byteCount: Int) {
        insert(Self.element(id), byteCount: byteCount)
    }

    /// Adds a record of so many bytes, of which the ``element(_:)`` is known.
    package mutating func insert(_ element: MultisetHash, byteCount: Int) {
        count &+= 1
        self.byteCount &+= UInt64(clamping: byteCount)
        sum.insert(element)
    }

    /// Adds records without their bytes.
    package mutating func insert(contentsOf ids: [AttestationID]) {
        count &+= UInt64(ids.count)
        sum.insert(contentsOf: ids.map(Self.element))
    }

    /// Takes out a record of so many bytes, which was added before.
    package mutating func remove(_ id: AttestationID, byteCount: Int) {
        remove(Self.element(id), byteCount: byteCount)
    }

    /// Takes out a record of so many bytes, which was added before, and of which the ``element(_:)`` is known.
    package mutating func remove(_ element: MultisetHash, byteCount: Int) {
        count = count == 0 ? 0 : count - 1
        let bytes = UInt64(clamping: byteCount)
        self.byteCount = self.byteCount < bytes ? 0 : self.byteCount - bytes
        sum.remove(element)
    }

    /// Adds the records of other spans.
    package mutating func add(_ others: [SetDigest]) {
        for other in others {
            count &+= other.count
            byteCount &+= other.byteCount
        }
        sum.insert(contentsOf: others.map(\.sum))
    }

    /// Whether both hold the same records.
    package func matches(_ other: SetDigest) -> Bool { count == other.count && sum == other.sum }
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
        try self.init(count: count, sum: try reader.fixed(MultisetHash.byteCount))
        self.byteCount = byteCount
    }
}
