internal import PeerProtocols

extension GossipRPC {
    /// Parses an encoded RPC.
    ///
    /// Fields that no version up to 1.2 knows are skipped, except inside messages, where they are kept. Entries whose
    /// topic is absent mean nothing and are skipped. Memory is bounded by `limits` and the length of `bytes`.
    ///
    /// - Throws: ``GossipRPCError``, the fault of the peer.
    package init(decoding bytes: [UInt8], limits: GossipLimits) throws(GossipRPCError) {
        guard bytes.count <= limits.rpcByteCountMax else { throw .oversize(announced: UInt64(bytes.count)) }
        self.init()
        var budget = Budget(limits: limits)
        do {
            var reader = ProtobufReader(bytes)
            while let field = try reader.nextSpan() {
                guard (1...3).contains(field.number) else { continue }
                guard case .bytes(let range) = field.value else { throw ProtobufError.invalidField(field.number) }
                switch field.number {
                case 1:
                    try Budget.take(&budget.subscriptions)
                    if let subscription = try Subscription(bytes, in: range) { subscriptions.append(subscription) }
                case 2:
                    try Budget.take(&budget.messages)
                    messages.append(try GossipMessage(encoded: Array(bytes[range])))
                default: try decodeControl(bytes, in: range, budget: &budget)
                }
            }
        } catch let error as ProtobufError {
            throw .malformed(error)
        } catch let error as GossipRPCError {
            throw error
        } catch {
            // Only the two kinds above are thrown inside.
            throw .malformed(.truncated)
        }
    }

    private mutating func decodeControl(_ bytes: [UInt8], in range: Range<Int>, budget: inout Budget) throws {
        var reader = ProtobufReader(bytes, in: range)
        while let field = try reader.nextSpan() {
            guard (1...5).contains(field.number) else { continue }
            guard case .bytes(let range) = field.value else { throw ProtobufError.invalidField(field.number) }
            try Budget.take(&budget.controlEntries)
            let entry = try ControlEntry(bytes, in: range, idField: field.number == 1 ? 2 : 1, kind: field.number)
            for _ in entry.ids { try Budget.take(&budget.ids) }
            for _ in entry.peers { try Budget.take(&budget.exchangedPeers) }
            guard entry.peers.allSatisfy({ $0.signedRecord?.count ?? 0 <= budget.limits.signedRecordByteCountMax })
            else { throw GossipRPCError.tooMany }
            switch (field.number, entry.topic) {
            case (1, .some(let topic)): have.append(Advertisement(topic: topic, ids: entry.ids))
            case (2, _): want += entry.ids
            case (3, .some(let topic)): graft.append(topic)
            case (4, .some(let topic)):
                prune.append(Prune(topic: topic, peers: entry.peers, backoffSeconds: entry.backoffSeconds))
            case (5, _): unwanted += entry.ids
            default: break
            }
        }
    }

    /// What is left of the limits while an RPC is parsed.
    private struct Budget {
        let limits: GossipLimits
        var subscriptions: Int
        var messages: Int
        var controlEntries: Int
        var ids: Int
        var exchangedPeers: Int

        init(limits: GossipLimits) {
            self.limits = limits
            subscriptions = limits.subscriptionCountMax
            messages = limits.messageCountMax
            controlEntries = limits.controlEntryCountMax
            ids = limits.idCountMax
            exchangedPeers = limits.exchangedPeerCountMax
        }

        static func take(_ rest: inout Int) throws(GossipRPCError) {
            guard rest > 0 else { throw .tooMany }
            rest -= 1
        }
    }
}

extension GossipRPC.Subscription {
    /// Parses a subscription; nil without a topic.
    fileprivate init?(_ bytes: [UInt8], in range: Range<Int>) throws {
        var reader = ProtobufReader(bytes, in: range)
        var topic: GossipTopic?
        var isJoined: Bool?
        while let field = try reader.nextSpan() {
            switch (field.number, field.value) {
            case (1, .varint(let value)) where isJoined == nil && value <= 1: isJoined = value == 1
            case (2, .bytes(let range)) where topic == nil:
                topic = GossipTopic(bytes: bytes[range])
                if topic == nil { throw ProtobufError.invalidField(2) }
            case (1...2, _): throw ProtobufError.invalidField(field.number)
            default: break
            }
        }
        guard let topic else { return nil }
        self.init(topic: topic, isJoined: isJoined ?? false)
    }
}

/// The fields of any of the five control entries.
private struct ControlEntry {
    var topic: GossipTopic?
    var ids: [MessageID] = []
    var peers: [GossipRPC.ExchangedPeer] = []
    var backoffSeconds: UInt64?

    /// Parses an entry of kind 1 (IHAVE), 2 (IWANT), 3 (GRAFT), 4 (PRUNE) or 5 (IDONTWANT).
    init(_ bytes: [UInt8], in range: Range<Int>, idField: UInt64, kind: UInt64) throws {
        var reader = ProtobufReader(bytes, in: range)
        let hasTopic = kind == 1 || kind == 3 || kind == 4
        let hasIDs = kind == 1 || kind == 2 || kind == 5
        while let field = try reader.nextSpan() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)) where hasTopic && topic == nil:
                topic = GossipTopic(bytes: bytes[range])
                if topic == nil { throw ProtobufError.invalidField(1) }
            case (idField, .bytes(let range)) where hasIDs:
                guard let id = MessageID(bytes[range]) else { throw ProtobufError.invalidField(idField) }
                ids.append(id)
            case (2, .bytes(let range)) where kind == 4:
                if let peer = try GossipRPC.ExchangedPeer(bytes, in: range) { peers.append(peer) }
            case (3, .varint(let value)) where kind == 4 && backoffSeconds == nil: backoffSeconds = value
            case (1, _),
                (2, _) where kind == 1 || kind == 4,
                (3, _) where kind == 4:
                throw ProtobufError.invalidField(field.number)
            default: break
            }
        }
    }
}

extension GossipRPC.ExchangedPeer {
    /// Parses a recommendation; nil for peers whose kind of name this node does not know.
    fileprivate init?(_ bytes: [UInt8], in range: Range<Int>) throws {
        var reader = ProtobufReader(bytes, in: range)
        var id: PeerID?
        var record: [UInt8]?
        while let field = try reader.nextSpan() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)) where id == nil: id = try? PeerID(bytes: Array(bytes[range]))
            case (2, .bytes(let range)) where record == nil: record = Array(bytes[range])
            case (1...2, _): throw ProtobufError.invalidField(field.number)
            default: break
            }
        }
        guard let id else { return nil }
        self.init(id: id, signedRecord: record)
    }
}
