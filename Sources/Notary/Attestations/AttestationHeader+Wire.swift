internal import CryptoCore
internal import EthereumCodec
package import WireFormat

/// The binary form: the fields in order, without the format version, which the container carries.
extension AttestationHeader: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.fixed(network.value.bytes)
        writer.fixed(sessionID.bytes)
        writer.uint8(mode == .mpc ? 1 : 2)
        writer.uint16(engineVersion)
        writer.uint16(tls.version)
        writer.uint16(tls.cipherSuite)
        writer.uint16(tls.group)
        writer.variable(tls.serverEphemeralKey)
        writer.fixed(tls.clientRandom.bytes)
        writer.fixed(tls.serverRandom.bytes)
        writer.variable(tls.sessionHash)
        writer.variable(tls.serverFinishedHash)
        switch server {
        case .revealed(let server):
            writer.uint8(1)
            writer.text(server.name)
            writer.fixed(server.certificateFingerprint.bytes)
            writer.uint64(server.validatedAt)
        case .committed(let commitment):
            writer.uint8(2)
            writer.fixed(commitment.bytes)
        }
        writer.uint64(startTime)
        writer.uint64(endTime)
        writer.uint64(UInt64(transcript.sentLength))
        writer.uint64(UInt64(transcript.receivedLength))
        writer.bool(transcript.complete)
        writer.uint32(UInt32(transcript.leafCount))
        writer.fixed(transcript.root.bytes)
        writer.fixed(purpose.owner.bytes)
        writer.fixed(purpose.contextHash.bytes)
        writer.fixed(purpose.declaredValue.bigEndianBytes)
        writer.text(purpose.currency)
        writer.fixed(purpose.nonce.bytes)
        writer.uint64(purpose.expiry)
        writer.fixed(notary.bytes)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let network = NetworkID(try reader.bytes32())
        let sessionID = try reader.bytes32()
        let mode: Mode
        switch try reader.uint8() {
        case 1: mode = .mpc
        case 2: mode = .proxy
        default: throw .invalid("mode")
        }
        let engineVersion = try reader.uint16()
        do {
            try self.init(
                network: network,
                sessionID: sessionID,
                mode: mode,
                engineVersion: engineVersion,
                tls: try Self.tls(from: &reader),
                server: try Self.server(from: &reader),
                startTime: try reader.uint64(),
                endTime: try reader.uint64(),
                transcript: try Self.transcript(from: &reader),
                purpose: try Self.purpose(from: &reader),
                notary: try reader.address()
            )
        } catch let error as WireError {
            throw error
        } catch AttestationError.malformed(let field) {
            throw .invalid(field)
        } catch {
            throw .invalid("header")
        }
    }

    private static func tls(from reader: inout WireReader) throws -> TLSFacts {
        try TLSFacts(
            version: try reader.uint16(),
            cipherSuite: try reader.uint16(),
            group: try reader.uint16(),
            serverEphemeralKey: try reader.variable(limit: TLSFacts.ephemeralKeyByteCountMax),
            clientRandom: try reader.bytes32(),
            serverRandom: try reader.bytes32(),
            sessionHash: try reader.variable(limit: TLSFacts.hashByteCountMax),
            serverFinishedHash: try reader.variable(limit: TLSFacts.hashByteCountMax)
        )
    }

    private static func server(from reader: inout WireReader) throws -> ServerDisclosure {
        switch try reader.uint8() {
        case 1:
            .revealed(
                try RevealedServer(
                    name: try reader.text(limit: RevealedServer.nameByteCountMax, "server name"),
                    certificateFingerprint: try reader.bytes32(),
                    validatedAt: try reader.uint64()
                )
            )
        case 2: .committed(try reader.bytes32())
        default: throw WireError.invalid("server disclosure")
        }
    }

    private static func transcript(from reader: inout WireReader) throws -> TranscriptSummary {
        try TranscriptSummary(
            sentLength: try reader.length(),
            receivedLength: try reader.length(),
            complete: try reader.bool("complete"),
            leafCount: Int(try reader.uint32()),
            root: try reader.bytes32()
        )
    }

    private static func purpose(from reader: inout WireReader) throws -> AttestationPurpose {
        try AttestationPurpose(
            owner: try reader.address(),
            contextHash: try reader.bytes32(),
            declaredValue: try reader.number(),
            currency: try reader.text(limit: AttestationPurpose.currencyByteCountMax, "currency"),
            nonce: try reader.bytes32(),
            expiry: try reader.uint64()
        )
    }
}

extension WireReader {
    mutating func bytes32() throws(WireError) -> Bytes32 {
        Bytes32(unchecked: try fixed(32))
    }

    mutating func address() throws(WireError) -> EthereumAddress {
        guard let address = EthereumAddress(bytes: try fixed(20)) else { throw .invalid("address") }
        return address
    }

    mutating func number() throws(WireError) -> UInt256 {
        guard let number = UInt256(bigEndianBytes: try fixed(32)) else { throw .invalid("number") }
        return number
    }

    /// A byte count or offset within a transcript.
    mutating func length() throws(WireError) -> Int {
        let value = try uint64()
        guard value <= UInt64(TranscriptSummary.lengthMax) else { throw .invalid("transcript length") }
        return Int(value)
    }
}
