/// What a client connection needs to know before it starts.
package struct TLS12ClientConfiguration: Hashable, Sendable {
    /// Whom to reach; a DNS name is sent as SNI.
    package var serverName: ServerName
    /// Whether to offer http/1.1 by ALPN.
    package var offersHTTP11: Bool
    /// The most protected records taken from the server, its Finished included.
    package var serverRecordCountMax: Int

    /// A configuration for `serverName`.
    package init(serverName: ServerName, offersHTTP11: Bool = true, serverRecordCountMax: Int = 1 << 16) {
        self.serverName = serverName
        self.offersHTTP11 = offersHTTP11
        self.serverRecordCountMax = serverRecordCountMax
    }
}
