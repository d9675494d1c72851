internal import PeerProtocols

extension KademliaMessage {
    /// Parses a message without its length.
    ///
    /// Fields that this node has no use for are read over, as are peers whose kind of name it does not know and
    /// addresses that are not of a TCP host and port. Memory is bounded by `limits` and the length of `bytes`.
    ///
    /// - Throws: ``KademliaMessageError``, the fault of the peer.
    package init(decoding bytes: [UInt8], limits: KademliaLimits) throws(KademliaMessageError) {
        guard bytes.count <= limits.messageByteCountMax else { throw .oversize(announced: UInt64(bytes.count)) }
        var kindValue: UInt64?
        var key: [UInt8]?
        var closerPeers: [Peer] = []
        var peerCount = 0
        do {
            var reader = ProtobufReader(bytes)
            while let field = try reader.nextSpan() {
                switch (field.number, field.value) {
                case (1, .varint(let value)) where kindValue == nil: kindValue = value
                case (2, .bytes(let range)) where key == nil:
                    guard range.count <= limits.keyByteCountMax else { throw KademliaMessageError.tooMany }
                    key = Array(bytes[range])
                case (8, .bytes(let range)):
                    peerCount += 1
                    guard peerCount <= limits.peerCountMax else { throw KademliaMessageError.tooMany }
                    if let peer = try Peer(bytes, in: range, limits: limits) { closerPeers.append(peer) }
                case (9, .bytes):
                    peerCount += 1
                    guard peerCount <= limits.peerCountMax else { throw KademliaMessageError.tooMany }
                case (1...2, _), (8...9, _): throw ProtobufError.invalidField(field.number)
                default: break
                }
            }
        } catch let error as ProtobufError {
            throw .malformed(error)
        } catch let error as KademliaMessageError {
            throw error
        } catch {
            // Only the two kinds above are thrown inside.
            throw .malformed(.truncated)
        }
        guard let kind = Kind(rawValue: kindValue ?? 0) else { throw .unknownKind(kindValue ?? 0) }
        self.init(kind, key: key ?? [], closerPeers: closerPeers)
    }
}

extension KademliaMessage.Peer {
    /// Parses a peer; nil for one whose kind of name this node does not know.
    fileprivate init?(_ bytes: [UInt8], in range: Range<Int>, limits: KademliaLimits) throws {
        var reader = ProtobufReader(bytes, in: range)
        var idRange: Range<Int>?
        var endpoints: [PeerEndpoint] = []
        var addressCount = 0
        var connection: UInt64?
        while let field = try reader.nextSpan() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)) where idRange == nil: idRange = range
            case (2, .bytes(let range)):
                addressCount += 1
                guard addressCount <= limits.addressCountMax else { throw KademliaMessageError.tooMany }
                if let endpoint = PeerEndpoint(addressBytes: bytes, in: range) { endpoints.append(endpoint) }
            case (3, .varint(let value)) where connection == nil: connection = value
            case (1...3, _): throw ProtobufError.invalidField(field.number)
            default: break
            }
        }
        guard let idRange, let id = try? PeerID(bytes: Array(bytes[idRange])) else { return nil }
        self.init(
            id: id,
            endpoints: endpoints,
            connection: KademliaMessage.Connection(rawValue: connection ?? 0) ?? .notConnected
        )
    }
}
