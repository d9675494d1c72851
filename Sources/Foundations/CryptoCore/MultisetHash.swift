internal import CSecp256k1

/// The hash of a multiset of byte strings, to which elements are added and from which they are taken in any order.
///
/// ECMH (J. Maitin-Shepard, M. Tibouchi, D. F. Aranha, "Elliptic Curve Multiset Hash", The Computer Journal 60(4), 2017;
/// the idea is MSet-Mu-Hash of Clarke et al., ASIACRYPT 2003): the sum of one point of secp256k1 for each element. Who
/// finds two multisets with one hash has found a relation among points that are the results of a hash function, which is
/// as hard as discrete logarithms are; sums of bits or numbers are not, by linear algebra and by Wagner's generalized
/// birthdays. Elements are public: the time that anything here takes depends on them.
package struct MultisetHash: Hashable, Sendable {
    /// Bytes of the encoding.
    package static let byteCount = 64
    private static let domain = Array("tabellion/multiset/1".utf8)
    private static let zero = [UInt8](repeating: 0, count: byteCount)

    /// x ‖ y of the sum, big-endian; zeros, which are no point, for the empty multiset.
    package private(set) var bytes: [UInt8]

    /// The hash of the empty multiset.
    package init() {
        bytes = Self.zero
    }

    /// The hash of one element.
    ///
    /// Its point is the first with even y (SEC 1, section 2.3.4) whose x is SHA-256(domain ‖ element ‖ counter), the
    /// counter in four bytes: the second on average, some ten microseconds.
    package init(of element: [UInt8]) {
        let prefix = Self.domain + element
        var candidate: [UInt8] = []
        var point = secp256k1_pubkey()
        var counter: UInt32 = 0
        repeat {
            let suffix = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
            candidate = [2] + SHA256.hash(prefix, suffix)
            counter &+= 1
        } while secp256k1_ec_pubkey_parse(Secp256k1Context.shared, &point, candidate, candidate.count) != 1
        self.init(point)
    }

    /// A hash from its 64 bytes.
    ///
    /// - Throws: `.invalidPublicKey` when they are neither zeros nor a point.
    package init(bytes: [UInt8]) throws(Secp256k1Error) {
        guard bytes.count == Self.byteCount else { throw .invalidPublicKey }
        guard bytes == Self.zero || Self.point(bytes) != nil else { throw .invalidPublicKey }
        self.bytes = bytes
    }

    private init(_ point: secp256k1_pubkey) {
        var point = point
        var encoding = [UInt8](repeating: 0, count: Self.byteCount + 1)
        var count = encoding.count
        _ = secp256k1_ec_pubkey_serialize(
            Secp256k1Context.shared,
            &encoding,
            &count,
            &point,
            UInt32(SECP256K1_EC_UNCOMPRESSED)
        )
        bytes = Array(encoding.dropFirst())
    }

    /// Whether the multiset is empty, unless somebody found the elements of one that only looks so.
    package var isEmpty: Bool { bytes == Self.zero }

    /// Adds all elements of another multiset.
    package mutating func insert(_ other: MultisetHash) {
        insert(contentsOf: CollectionOfOne(other))
    }

    /// Adds all elements of other multisets; cheaper than one after the other.
    package mutating func insert(contentsOf others: some Sequence<MultisetHash>) {
        let points = others.compactMap { Self.point($0.bytes) } + (Self.point(bytes).map { [$0] } ?? [])
        self = Self.sum(points)
    }

    /// Takes out all elements of another multiset, which were added before.
    package mutating func remove(_ other: MultisetHash) {
        guard var point = Self.point(other.bytes) else { return }
        // It cannot fail, and says so.
        _ = secp256k1_ec_pubkey_negate(Secp256k1Context.shared, &point)
        self = Self.sum([point] + (Self.point(bytes).map { [$0] } ?? []))
    }

    private static func sum(_ points: [secp256k1_pubkey]) -> MultisetHash {
        guard let first = points.first else { return MultisetHash() }
        guard points.count > 1 else { return MultisetHash(first) }
        var sum = secp256k1_pubkey()
        let isPoint = points.withUnsafeBufferPointer { points in
            // The array is not empty, so it has an address.
            let pointers = points.indices.map { index in points.baseAddress.map { $0 + index } }
            return secp256k1_ec_pubkey_combine(Secp256k1Context.shared, &sum, pointers, pointers.count) == 1
        }
        // What is no point is the neutral element.
        return isPoint ? MultisetHash(sum) : MultisetHash()
    }

    /// The point that 64 bytes are; nil for zeros, and for what is none.
    private static func point(_ bytes: [UInt8]) -> secp256k1_pubkey? {
        var point = secp256k1_pubkey()
        let encoding = [4] + bytes
        return secp256k1_ec_pubkey_parse(Secp256k1Context.shared, &point, encoding, encoding.count) == 1 ? point : nil
    }
}
