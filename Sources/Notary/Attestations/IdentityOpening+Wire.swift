package import WireFormat

extension IdentityOpening: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.fixed(blinder.bytes)
        writer.variable(handshake)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let blinder = try reader.bytes32()
        let handshake = try reader.variable(limit: Self.handshakeByteCountMax)
        do {
            try self.init(blinder: blinder, handshake: handshake)
        } catch {
            throw .invalid("handshake")
        }
    }
}
