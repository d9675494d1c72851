internal import Attestations
internal import Discovery
internal import NodeCore
internal import NodeRuntime
internal import PeerNetworking
internal import Records

/// Settings as limits of the parts: out of range they are refused, with the range.
extension NodeConfigurationFile {
    /// What the notary allows.
    func notaryConfiguration() throws -> NotaryConfiguration {
        var result = NotaryConfiguration(network: NetworkID(named: network ?? "tabellion-devnet"))
        try Self.use(maxSent, "max-sent", 1...(16 << 10)) { result.maxSent = $0 }
        try Self.use(maxReceived, "max-received", 1...(64 << 20)) { result.maxReceived = $0 }
        try Self.use(sessions, "sessions", 1...4096) { result.sessionCountMax = $0 }
        try Self.use(sessionSeconds, "session-seconds", 5...3600) { result.sessionDuration = .seconds($0) }
        if let servers { result.allowedServerNames = servers.map { $0.lowercased() } }
        return result
    }

    /// The limits of connections; without settings they leave room for as many sessions.
    func hostConfiguration(sessionCountMax: Int) throws -> PeerHostConfiguration {
        var result = PeerHostConfiguration()
        result.agentVersion = "tabellion/\(Tabellion.version)"
        // Room to tell those why who come when all sessions are taken.
        result.sessionThreadCountMax = sessionCountMax + 64
        result.connectionCountMax = max(result.connectionCountMax, 2 * sessionCountMax)
        result.connectionCountPerAddressMax = max(result.connectionCountPerAddressMax, sessionCountMax + 32)
        result.handshakeCountPerAddressMax = max(result.handshakeCountPerAddressMax, sessionCountMax)
        try Self.use(connections, "connections", 64...16_384) { result.connectionCountMax = $0 }
        guard result.connectionCountMax >= 2 * sessionCountMax else {
            throw CommandFailure(
                .configurationInvalid,
                "connections is \(2 * sessionCountMax) or more with sessions \(sessionCountMax), not "
                    + "\(result.connectionCountMax)"
            )
        }
        try Self.use(connectionsPerAddress, "connections-per-address", 1...16_384) {
            result.connectionCountPerAddressMax = $0
        }
        return result
    }

    /// The limits of the node's records and peers, on top of what the network's file says.
    ///
    /// Without settings they leave room for the network's window: what can be disputed still must not go.
    func apply(to configuration: inout NodeConfiguration) throws {
        let validation = configuration.validation
        // What is a little late can be news for a while, and is to be kept then.
        let ageMin = max(validation.windowDuration, validation.newsAgeMax) + .seconds(86_400)
        var retention = configuration.retention
        retention.recordAgeMax = max(retention.recordAgeMax, ageMin)
        try Self.use(keepDays, "keep-days", 1...3_650) { retention.recordAgeMax = .seconds(Int64($0) * 86_400) }
        guard retention.recordAgeMax >= ageMin else {
            let days = (ageMin.components.seconds + 86_399) / 86_400
            throw CommandFailure(
                .configurationInvalid,
                "keep-days is \(days) or more in this network, whose notarizations can be disputed for "
                    + "\(validation.windowDuration.components.seconds) s"
            )
        }
        try Self.use(storeMiB, "store-mib", 64...(1 << 20)) {
            retention.recordByteCountMax = UInt64($0) << 20
            retention.storeByteCountMax = retention.recordByteCountMax + retention.recordByteCountMax / 8
        }
        configuration.retention = retention
        guard let connections else { return }
        // Peers of a node have half of the connections, as without the setting; buyers come with the rest.
        configuration.discovery?.connections.countMax = connections / 2
        configuration.discovery?.connections.trimThreshold = connections * 3 / 8
        configuration.discovery?.connections.trimTarget = connections * 5 / 16
    }

    /// The port of metrics, if there is one, is a port.
    func checkMetrics() throws {
        guard let metrics, !(0...65_535).contains(metrics) else { return }
        throw CommandFailure(.configurationInvalid, "metrics is a port, 0 to 65535, not \(metrics)")
    }

    /// Refuses what only a node of a network has, where there is no network: nothing would heed it.
    func refuseNetworkSettings() throws {
        let settings = [
            ("store", store != nil), ("metrics", metrics != nil), ("keep-days", keepDays != nil),
            ("store-mib", storeMiB != nil),
        ]
        guard let (name, _) = settings.first(where: \.1) else { return }
        throw CommandFailure(
            .configurationInvalid,
            "\(name) is a setting of a node of a network, and no network-file is given",
            advice: "Name the network-file, or take \(name) out to run a notary alone."
        )
    }

    private static func use(
        _ value: Int?,
        _ name: String,
        _ range: ClosedRange<Int>,
        _ use: (Int) -> Void
    ) throws {
        guard let value else { return }
        guard range.contains(value) else {
            throw CommandFailure(
                .configurationInvalid,
                "\(name) is \(range.lowerBound) to \(range.upperBound), not \(value)"
            )
        }
        use(value)
    }
}
