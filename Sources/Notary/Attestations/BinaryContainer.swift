internal import WireFormat

/// The outermost layer of every binary form: four magic bytes, the format version, the content.
struct BinaryContainer {
    /// Four ASCII characters.
    let magic: [UInt8]
    /// The most bytes of the whole.
    let byteCountMax: Int

    static let attestation = BinaryContainer(magic: Array("TABA".utf8), byteCountMax: Attestation.byteCountMax)
    static let secrets = BinaryContainer(magic: Array("TABS".utf8), byteCountMax: AttestationSecrets.byteCountMax)
    static let evidence = BinaryContainer(magic: Array("TABE".utf8), byteCountMax: MisbehaviourEvidence.byteCountMax)
    static let presentation = BinaryContainer(magic: Array("TABP".utf8), byteCountMax: Presentation.byteCountMax)

    func write(_ content: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.fixed(magic)
        writer.uint16(AttestationHeader.formatVersion)
        content(&writer)
        return writer.bytes
    }

    /// Reads the whole of `bytes`; what `content` leaves over is refused.
    func read<Value>(
        _ bytes: [UInt8],
        _ content: (inout WireReader) throws -> Value
    ) throws(AttestationError) -> Value {
        do {
            var reader = try WireReader(bytes, limit: byteCountMax)
            guard try reader.fixed(4) == magic else { throw WireError.invalid("magic") }
            let version = try reader.uint16()
            guard version == AttestationHeader.formatVersion else { throw AttestationError.unsupportedVersion(version) }
            let value = try content(&reader)
            try reader.finish()
            return value
        } catch let error as AttestationError {
            throw error
        } catch let error as WireError {
            throw .malformed(Self.describe(error))
        } catch {
            throw .malformed("\(error)")
        }
    }

    private static func describe(_ error: WireError) -> String {
        switch error {
        case .truncated(let needed, let left): "truncated: \(needed) bytes announced, \(left) left"
        case .trailingBytes(let count): "\(count) bytes after the end"
        case .tooLong(let limit, let announced): "\(announced) bytes or elements where \(limit) are allowed"
        case .invalid(let field): field
        }
    }
}
