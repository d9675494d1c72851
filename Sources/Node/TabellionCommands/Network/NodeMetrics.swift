internal import CoreMetrics
internal import Discovery
internal import Gossip
internal import NodeCore
internal import NodeRuntime
internal import PrometheusMetrics

/// What a node measures, and what each metric means.
enum NodeMetrics {
    /// The help texts by label.
    static let descriptions = [
        "tabellion_peers": "Connected peers.",
        "tabellion_mesh_peers": "Peers in the mesh of each topic.",
        "tabellion_peer_score": "The lowest, median and highest score of connected peers.",
        "tabellion_sessions_running": "Notary sessions under way.",
        "tabellion_store_notarizations": "Notarizations in the store.",
        "tabellion_store_notarization_bytes": "Their bytes, indexes included, before compression.",
        "tabellion_store_file_bytes": "Bytes of the store's files.",
        "tabellion_store_failed": "1 if the store failed and the node must be started again.",
        "tabellion_outbox": "Own attestations that were not published yet.",
        "tabellion_waiting": "Records and requests to sign that wait for the store.",
        "tabellion_records": "New records that are safe in the store, by where they came from.",
        "tabellion_refused": "Records that were refused, by reason.",
        "tabellion_misconduct": "Misconduct of peers outside gossip, by kind.",
        "tabellion_double_signings": "Sessions for which a notary signed twice.",
        "tabellion_gossip_messages": "Gossip messages by what became of them.",
        "tabellion_gossip_topic_messages": "Gossip messages of each topic, copies included, received and sent.",
        "tabellion_gossip_topic_bytes": "Bytes of gossip messages of each topic, copies included, received and sent.",
        "tabellion_gossip_rpcs": "Gossip RPCs received and sent.",
        "tabellion_sync_exchanges": "Exchanges in which this node caught up, by how they ended.",
        "tabellion_sync_bytes": "Bytes of answers received and given.",
        "tabellion_sessions": "Notary sessions that ended, by outcome.",
        "tabellion_session_duration": "How long sessions with an attestation took.",
        "tabellion_session_bytes": "Bytes of sessions' frames, received and sent.",
    ]

    /// Copies a node's state into gauges; sums of the node are gauges, too, which only grow.
    static func update(_ status: NodeStatus, _ runtime: NodeRuntimeStatus, in registry: PrometheusRegistry) {
        func set(_ label: String, _ value: some BinaryInteger, _ dimensions: [(String, String)]) {
            Meter(label: label, dimensions: dimensions, factory: registry).set(Double(value))
        }
        func set(_ label: String, _ value: some BinaryInteger, _ dimensions: (String, String)...) {
            set(label, value, dimensions)
        }
        set("tabellion_peers", status.peers.count)
        for (topic, peers) in status.meshes { set("tabellion_mesh_peers", peers.count, ("topic", "\(topic)")) }
        let scores = status.peers.map(\.score).sorted()
        for (name, index) in [("lowest", 0), ("median", scores.count / 2), ("highest", scores.count - 1)] {
            Meter(label: "tabellion_peer_score", dimensions: [("of", name)], factory: registry)
                .set(scores.indices.contains(index) ? scores[index] : 0)
        }
        set("tabellion_sessions_running", runtime.sessionsRunning)
        set("tabellion_store_notarizations", status.recordCount)
        set("tabellion_store_notarization_bytes", status.recordByteCount)
        set("tabellion_store_file_bytes", runtime.storeFileByteCount ?? 0)
        set("tabellion_store_failed", status.storeFailure == nil ? 0 : 1)
        set("tabellion_outbox", status.outboxCount)
        set("tabellion_waiting", status.waitingCount)
        let statistics = status.statistics
        set("tabellion_records", statistics.recordsSigned, ("from", "own"))
        set("tabellion_records", statistics.recordsReceived, ("from", "gossip"))
        set("tabellion_records", statistics.recordsSynced, ("from", "sync"))
        for (reason, count) in statistics.refusals { set("tabellion_refused", count, ("reason", reason)) }
        for (kind, count) in statistics.misconduct { set("tabellion_misconduct", count, ("kind", kind.rawValue)) }
        set("tabellion_double_signings", statistics.doubleSignings)
        let gossip = status.gossip
        for (outcome, count) in [
            ("received", gossip.messagesReceived), ("duplicate", gossip.duplicates), ("accepted", gossip.accepted),
            ("rejected", gossip.rejected), ("ignored", gossip.ignored), ("bad-signature", gossip.badSignatures),
            ("dropped", gossip.messagesDropped), ("dismissed", gossip.messagesDismissed),
            ("published", gossip.published), ("sent", gossip.messagesSent),
        ] { set("tabellion_gossip_messages", count, ("outcome", outcome)) }
        for (topic, traffic) in status.traffic {
            for (direction, messages, bytes) in [
                ("received", traffic.messagesReceived, traffic.bytesReceived),
                ("sent", traffic.messagesSent, traffic.bytesSent),
            ] {
                let dimensions = [("topic", "\(topic)"), ("direction", direction)]
                set("tabellion_gossip_topic_messages", messages, dimensions)
                set("tabellion_gossip_topic_bytes", bytes, dimensions)
            }
        }
        set("tabellion_gossip_rpcs", gossip.rpcsReceived, ("direction", "received"))
        set("tabellion_gossip_rpcs", gossip.rpcsSent, ("direction", "sent"))
        set("tabellion_sync_exchanges", statistics.exchangesCompleted, ("outcome", "completed"))
        set("tabellion_sync_exchanges", statistics.exchangesPostponed, ("outcome", "postponed"))
        set("tabellion_sync_exchanges", statistics.exchangesFailed, ("outcome", "failed"))
        set("tabellion_sync_bytes", statistics.syncBytesReceived, ("direction", "received"))
        set("tabellion_sync_bytes", statistics.syncBytesSent, ("direction", "sent"))
    }
}

extension NodeMetrics {
    /// Counts a notary session that ended.
    static func record(_ session: SessionSummary, in registry: PrometheusRegistry) {
        Counter(
            label: "tabellion_sessions",
            dimensions: [("outcome", session.outcome.rawValue)],
            factory: registry
        ).increment()
        for (direction, count) in [("received", session.bytesIn), ("sent", session.bytesOut)] {
            Counter(label: "tabellion_session_bytes", dimensions: [("direction", direction)], factory: registry)
                .increment(by: count)
        }
        guard session.outcome == .attested else { return }
        Timer(label: "tabellion_session_duration", dimensions: [], factory: registry)
            .recordNanoseconds(Int64(min(session.seconds, 1e6) * 1e9))
    }
}
