internal import COpenSSL

/// OpenSSL's P-256 group, and the objects one operation on it needs.
final class P256Curve: @unchecked Sendable {
    // A group is only read after it was created, which OpenSSL allows from any number of threads.
    private let group: OpaquePointer?

    static let shared = P256Curve()

    private init() {
        group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)
    }

    /// Runs `body` with an operation's temporary objects and frees them afterwards.
    ///
    /// - Throws: ``CryptoError/libraryFailure`` without memory, and what `body` throws.
    static func withOperation<Result>(
        _ body: (borrowing P256Operation) throws(CryptoError) -> Result
    ) throws(CryptoError) -> Result {
        guard let group = shared.group else { throw .libraryFailure }
        let operation = try P256Operation(group: group)
        return try body(operation)
    }
}

/// The scratch objects of one curve operation; freed, and where secret cleared, at its end.
struct P256Operation: ~Copyable {
    private let group: OpaquePointer
    private let context: OpaquePointer
    private let first: OpaquePointer
    private let second: OpaquePointer

    fileprivate init(group: OpaquePointer) throws(CryptoError) {
        guard let context = BN_CTX_secure_new() ?? BN_CTX_new() else { throw .libraryFailure }
        guard let first = EC_POINT_new(group) else {
            BN_CTX_free(context)
            throw .libraryFailure
        }
        guard let second = EC_POINT_new(group) else {
            EC_POINT_free(first)
            BN_CTX_free(context)
            throw .libraryFailure
        }
        self.group = group
        self.context = context
        self.first = first
        self.second = second
    }

    deinit {
        EC_POINT_clear_free(second)
        EC_POINT_clear_free(first)
        BN_CTX_free(context)
    }

    /// Whether `bytes` is the uncompressed encoding of a finite point on the curve.
    borrowing func isPoint(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 65, bytes[0] == 4 else { return false }
        return (try? load(bytes, into: first)) != nil
    }

    /// scalar·G, as 65 bytes.
    borrowing func multiplyGenerator(by scalar: P256Scalar) throws(CryptoError) -> [UInt8] {
        try withNumber(scalar) { (number) throws(CryptoError) in
            guard EC_POINT_mul(group, second, number, nil, nil, context) == 1 else { throw .libraryFailure }
        }
        return try encode(second)
    }

    /// scalar·point, as 65 bytes.
    borrowing func multiply(_ point: [UInt8], by scalar: P256Scalar) throws(CryptoError) -> [UInt8] {
        try load(point, into: first)
        try withNumber(scalar) { (number) throws(CryptoError) in
            guard EC_POINT_mul(group, second, nil, first, number, context) == 1 else { throw .libraryFailure }
        }
        return try encode(second)
    }

    /// a + b, as 65 bytes.
    borrowing func add(_ a: [UInt8], _ b: [UInt8]) throws(CryptoError) -> [UInt8] {
        try load(a, into: first)
        try load(b, into: second)
        guard EC_POINT_add(group, first, first, second, context) == 1 else { throw .libraryFailure }
        return try encode(first)
    }

    // OpenSSL refuses coordinates that are out of range or off the curve.
    private borrowing func load(_ bytes: [UInt8], into point: OpaquePointer) throws(CryptoError) {
        guard EC_POINT_oct2point(group, point, bytes, bytes.count, context) == 1 else {
            ERR_clear_error()
            throw .invalidPoint
        }
        guard EC_POINT_is_at_infinity(group, point) == 0 else { throw .invalidPoint }
    }

    private borrowing func encode(_ point: OpaquePointer) throws(CryptoError) -> [UInt8] {
        guard EC_POINT_is_at_infinity(group, point) == 0 else { throw .pointAtInfinity }
        var bytes = [UInt8](repeating: 0, count: 65)
        let written = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &bytes, 65, context)
        guard written == 65 else { throw .libraryFailure }
        return bytes
    }

    private borrowing func withNumber(
        _ scalar: P256Scalar,
        _ body: (OpaquePointer) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        let loaded = scalar.secret.withUnsafeBytes { bytes in
            BN_bin2bn(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count), nil)
        }
        guard let number = loaded else { throw .libraryFailure }
        defer { BN_clear_free(number) }
        BN_set_flags(number, BN_FLG_CONSTTIME)
        try body(number)
    }
}
