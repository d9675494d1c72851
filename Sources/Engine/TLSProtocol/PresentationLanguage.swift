/// Reads the presentation language of RFC 5246 §4 from bytes that may be hostile; every method fails, none traps.
struct PresentationReader {
    private var rest: ArraySlice<UInt8>
    private let element: TLSElement

    /// A reader over `bytes` whose failures are ``TLSError/malformed(_:)`` of `element`.
    init(_ bytes: some Collection<UInt8>, of element: TLSElement) {
        rest = ArraySlice(bytes)
        self.element = element
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Fails when bytes are left over.
    func expectEnd() throws(TLSError) {
        guard rest.isEmpty else { throw .malformed(element) }
    }

    mutating func bytes(_ count: Int) throws(TLSError) -> [UInt8] {
        guard count <= rest.count else { throw .malformed(element) }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func uint8() throws(TLSError) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .malformed(element) }
        return byte
    }

    mutating func uint16() throws(TLSError) -> UInt16 {
        let high = try uint8()
        return UInt16(high) << 8 | UInt16(try uint8())
    }

    mutating func uint24() throws(TLSError) -> Int {
        let high = try uint8()
        return Int(high) << 16 | Int(try uint16())
    }

    /// A vector with a one-byte length; its length must be in `range`.
    mutating func vector8(_ range: ClosedRange<Int> = 0...255) throws(TLSError) -> [UInt8] {
        try vector(Int(uint8()), range)
    }

    /// A vector with a two-byte length; its length must be in `range`.
    mutating func vector16(_ range: ClosedRange<Int> = 0...65535) throws(TLSError) -> [UInt8] {
        try vector(Int(uint16()), range)
    }

    /// A vector with a three-byte length; its length must be in `range`.
    mutating func vector24(_ range: ClosedRange<Int> = 0...0xff_ffff) throws(TLSError) -> [UInt8] {
        try vector(uint24(), range)
    }

    private mutating func vector(_ count: Int, _ range: ClosedRange<Int>) throws(TLSError) -> [UInt8] {
        guard range.contains(count) else { throw .malformed(element) }
        return try bytes(count)
    }
}

/// Writes the presentation language of RFC 5246 §4; lengths are the caller's promise and checked as invariants.
struct PresentationWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: UInt8) {
        bytes.append(value)
    }

    mutating func write(_ value: UInt16) {
        bytes.append(UInt8(value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    mutating func write(_ values: some Collection<UInt8>) {
        bytes.append(contentsOf: values)
    }

    mutating func writeUInt24(_ value: Int) {
        precondition((0...0xff_ffff).contains(value), "a 24-bit length")
        bytes.append(UInt8(value >> 16))
        write(UInt16(truncatingIfNeeded: value))
    }

    mutating func writeVector8(_ values: [UInt8]) {
        precondition(values.count <= 255, "the vector fits its length field")
        write(UInt8(values.count))
        write(values)
    }

    mutating func writeVector16(_ values: [UInt8]) {
        precondition(values.count <= 65535, "the vector fits its length field")
        write(UInt16(values.count))
        write(values)
    }

    mutating func writeVector24(_ values: [UInt8]) {
        writeUInt24(values.count)
        write(values)
    }

    /// A two-byte length and what `body` writes.
    mutating func writeVector16(_ body: (inout PresentationWriter) -> Void) {
        var inner = PresentationWriter()
        body(&inner)
        writeVector16(inner.bytes)
    }
}
