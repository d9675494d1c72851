package import PeerProtocols
package import WireFormat

/// What is known of one peer, in memory and on disk.
package struct AddressBookEntry: Hashable, Sendable {
    /// Whom it is about.
    package let peer: PeerID
    /// Its addresses, the best first.
    package internal(set) var addresses: [KnownAddress] = []
    /// When this side last reached it.
    package internal(set) var lastSuccess: UnixTime?
    /// Dials in a row that did not reach it.
    package internal(set) var failureCount: UInt16 = 0
    /// Its newest signed record: the envelope, for others, and its number.
    package internal(set) var signedRecord: SignedRecord?

    /// A verified signed record, without its addresses, which are among the others.
    package struct SignedRecord: Hashable, Sendable {
        /// Its number.
        package let sequenceNumber: UInt64
        /// The envelope as it was signed.
        package let envelope: [UInt8]
    }

    /// The most addresses of one peer.
    package static let addressCountMax = 8
    /// More bytes than any entry has.
    package static let byteCountMax = 8_192

    /// A peer of which nothing else is known.
    package init(_ peer: PeerID) {
        self.peer = peer
    }

    /// Whether this side ever reached the peer.
    package var isVerified: Bool { lastSuccess != nil }

    /// Whether the operator named the peer.
    package var isConfigured: Bool { addresses.contains { $0.source == .configuration } }

    /// Puts the best addresses first: those that worked, of these those that failed less since, then the latest.
    mutating func sortAddresses() {
        let ranked = addresses.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.isVerified != b.isVerified { return a.isVerified }
            if a.failureCount != b.failureCount { return a.failureCount < b.failureCount }
            if a.lastSuccess != b.lastSuccess {
                return a.lastSuccess?.milliseconds ?? 0 > b.lastSuccess?.milliseconds ?? 0
            }
            if a.source != b.source { return a.source > b.source }
            return left.offset < right.offset
        }
        addresses = ranked.map(\.element)
    }
}

extension AddressBookEntry: WireCodable {
    /// Appends the canonical encoding.
    package func encode(into writer: inout WireWriter) {
        writer.variable(peer.bytes)
        writer.count(addresses.count)
        for address in addresses {
            writer.variable(address.endpoint.addressBytes)
            writer.uint8(address.source.rawValue)
            writer.optional(address.lastSuccess) { $0.uint64($1.milliseconds) }
            writer.uint16(address.failureCount)
            writer.uint64(address.expiry.milliseconds)
        }
        writer.optional(lastSuccess) { $0.uint64($1.milliseconds) }
        writer.uint16(failureCount)
        writer.optional(signedRecord) {
            $0.uint64($1.sequenceNumber)
            $0.variable($1.envelope)
        }
    }

    /// Reads the encoding; a signed record's signature is not verified again.
    package init(from reader: inout WireReader) throws(WireError) {
        guard let peer = try? PeerID(bytes: try reader.variable(limit: 64)) else { throw .invalid("peer") }
        self.init(peer)
        let count = try reader.count(limit: Self.addressCountMax, bytesEach: 16)
        for _ in 0..<count {
            let bytes = try reader.variable(limit: PeerEndpoint.addressByteCountMax)
            guard let endpoint = PeerEndpoint(addressBytes: bytes, in: bytes.indices),
                endpoint.addressBytes == bytes, !addresses.contains(where: { $0.endpoint == endpoint })
            else { throw .invalid("address") }
            guard let source = AddressSource(rawValue: try reader.uint8()) else { throw .invalid("address source") }
            let lastSuccess = try reader.optional("address success", Self.time)
            let failureCount = try reader.uint16()
            addresses.append(
                KnownAddress(
                    endpoint: endpoint,
                    source: source,
                    lastSuccess: lastSuccess,
                    failureCount: failureCount,
                    expiry: try Self.time(&reader)
                )
            )
        }
        lastSuccess = try reader.optional("success", Self.time)
        failureCount = try reader.uint16()
        signedRecord = try reader.optional("signed record") { (reader) throws(WireError) in
            SignedRecord(
                sequenceNumber: try reader.uint64(),
                envelope: try reader.variable(limit: SignedPeerRecord.byteCountMax)
            )
        }
    }

    private static func time(_ reader: inout WireReader) throws(WireError) -> UnixTime {
        UnixTime(milliseconds: try reader.uint64())
    }
}
