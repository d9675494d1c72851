internal import Attestations
internal import CryptoCore
internal import Discovery
internal import Gossip
internal import KeyValueStorage
internal import MPCTLS
internal import NodeCore
internal import PeerProtocols
internal import Records
internal import WireFormat

/// What a running node says of itself, in JSON.
enum NodeStatusJSON {
    /// Everything but the peers.
    static func status(_ status: NodeStatus, _ runtime: NodeRuntimeStatus) -> JSONValue {
        .object([
            JSONMember("version", .string(Tabellion.version)),
            JSONMember("peer_id", .string("\(status.peerID)")),
            JSONMember("address", .string(status.account.checksummed)),
            JSONMember("network", .string("\(status.network)")),
            JSONMember("network_name", .string(runtime.networkName)),
            JSONMember("loopback_exempt", .bool(runtime.isLocal)),
            JSONMember(
                "formats",
                .object([
                    JSONMember("engine", .unsigned(UInt64(SessionParameters.engineVersion))),
                    JSONMember("attestation", .unsigned(UInt64(AttestationHeader.formatVersion))),
                    JSONMember("record", .unsigned(UInt64(Notarization.formatVersion))),
                ])
            ),
            JSONMember("announced", .array(status.addresses.map { .string("\($0)") })),
            JSONMember("uptime_seconds", .unsigned(runtime.uptimeSeconds)),
            JSONMember("sessions_running", number(runtime.sessionsRunning)),
            JSONMember("sessions_max", number(runtime.sessionsMax)),
            JSONMember("peers", number(status.peers.count)),
            JSONMember("mesh", number(status.peers.count(where: \.isInMesh))),
            JSONMember("scores", scores(status.peers.map(\.score).sorted())),
            JSONMember(
                "misconduct",
                .object(
                    status.statistics.misconduct.sorted { $0.key.rawValue < $1.key.rawValue }
                        .map { JSONMember($0.key.rawValue, number($0.value)) }
                )
            ),
            JSONMember(
                "store",
                .object([
                    JSONMember("schema", .unsigned(UInt64(status.storeSchema))),
                    JSONMember("failure", status.storeFailure.map { .string("\($0)") } ?? .null),
                    JSONMember("file_bytes", runtime.storeFileByteCount.map { number($0) } ?? .null),
                    JSONMember("notarizations", .unsigned(status.recordCount)),
                    JSONMember("notarization_bytes", .unsigned(status.recordByteCount)),
                    JSONMember("kept_since_ms", .unsigned(status.recordFloor)),
                    JSONMember("unpublished", number(status.outboxCount)),
                    JSONMember("waiting", number(status.waitingCount)),
                ])
            ),
            JSONMember("records", counts(status.statistics)),
            JSONMember(
                "refused",
                .object(
                    status.statistics.refusals.sorted { $0.key < $1.key }.map { JSONMember($0.key, number($0.value)) }
                )
            ),
            JSONMember("gossip", gossip(status.gossip)),
            JSONMember(
                "catching_up",
                .object([
                    JSONMember("exchanges", number(status.exchangeCount)),
                    JSONMember("completed", number(status.statistics.exchangesCompleted)),
                    JSONMember("failed", number(status.statistics.exchangesFailed)),
                    JSONMember("serving", number(status.servedStreamCount)),
                ])
            ),
        ])
    }

    private static func scores(_ sorted: [Double]) -> JSONValue {
        guard let lowest = sorted.first, let highest = sorted.last else { return .null }
        return .object([
            JSONMember("lowest", .number(decimal(lowest))),
            JSONMember("median", .number(decimal(sorted[sorted.count / 2]))),
            JSONMember("highest", .number(decimal(highest))),
        ])
    }

    private static func counts(_ statistics: NodeStatistics) -> JSONValue {
        .object([
            JSONMember("signed", number(statistics.recordsSigned)),
            JSONMember("received", number(statistics.recordsReceived)),
            JSONMember("synced", number(statistics.recordsSynced)),
            JSONMember("pruned", number(statistics.recordsPruned)),
            JSONMember("double_signings", number(statistics.doubleSignings)),
        ])
    }

    private static func gossip(_ statistics: GossipStatistics) -> JSONValue {
        .object([
            JSONMember("received", number(statistics.messagesReceived)),
            JSONMember("duplicates", number(statistics.duplicates)),
            JSONMember("accepted", number(statistics.accepted)),
            JSONMember("rejected", number(statistics.rejected)),
            JSONMember("ignored", number(statistics.ignored)),
            JSONMember("published", number(statistics.published)),
            JSONMember("sent", number(statistics.messagesSent)),
        ])
    }

    /// One connected peer.
    static func peer(_ peer: PeerStatus) -> JSONValue {
        .object([
            JSONMember("peer_id", .string("\(peer.peer)")),
            JSONMember("at", peer.address.map { .string("\($0)") } ?? .null),
            JSONMember("direction", .string(peer.isOutbound ? "outbound" : "inbound")),
            JSONMember("connected_ms", .unsigned(peer.connectedSince)),
            JSONMember("agent", peer.agentVersion.map { .string($0) } ?? .null),
            JSONMember("gossip", peer.gossipVersion.map { .string("\($0)") } ?? .null),
            JSONMember("in_mesh", .bool(peer.isInMesh)),
            JSONMember("score", .number(decimal(peer.score))),
            JSONMember("application_score", .number(decimal(peer.applicationScore))),
        ])
    }

    /// One notarization in a list.
    static func summary(_ header: AttestationHeader, id: AttestationID, window: NotarizationWindow) -> JSONValue {
        let server: JSONValue =
            switch header.server {
            case .revealed(let server): .string(server.name)
            case .committed: .null
            }
        return .object([
            JSONMember("id", .string("\(id)")),
            JSONMember("notary", .string(header.notary.checksummed)),
            JSONMember("server", server),
            JSONMember("owner", .string(header.purpose.owner.checksummed)),
            JSONMember("start_ms", .unsigned(header.startTime)),
            JSONMember("end_ms", .unsigned(header.endTime)),
            JSONMember("sent", .unsigned(UInt64(header.transcript.sentLength))),
            JSONMember("received", .unsigned(UInt64(header.transcript.receivedLength))),
            JSONMember("complete", .bool(header.transcript.complete)),
            JSONMember("window", .string(window.isFinal ? "final" : "open")),
            JSONMember("window_end_ms", .unsigned(window.end)),
        ])
    }

    static func number(_ value: Int) -> JSONValue { .unsigned(UInt64(max(0, value))) }

    private static func decimal(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = Int64((min(max(value, -1e9), 1e9) * 100).rounded())
        let cents = hundredths.magnitude % 100
        return "\(hundredths < 0 ? "-" : "")\(hundredths.magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}

/// What a node's process knows beside the node's own state.
struct NodeRuntimeStatus: Sendable {
    var networkName: String
    /// Whether all nodes of the network may be on one machine.
    var isLocal: Bool
    var uptimeSeconds: UInt64
    var sessionsRunning: Int
    var sessionsMax: Int
    var storeFileByteCount: Int?
}
