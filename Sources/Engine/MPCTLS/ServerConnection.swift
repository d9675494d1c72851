/// The prover's connection to the web server: plain bytes both ways, blocking, with the caller's timeouts.
package protocol ServerConnection: AnyObject {
    /// Sends all of `bytes`.
    func write(_ bytes: [UInt8]) throws

    /// The next bytes, at least one; empty once the server has closed.
    func read() throws -> [UInt8]

    /// Closes the connection.
    func close()
}

/// Where a session is, for progress and for the accounting of bytes.
package enum SessionPhase: String, CaseIterable, Sendable {
    /// Parameters and correlations.
    case setup
    /// Garbled tables and masks, before the server is contacted.
    case garbling
    /// TLS handshake and key schedule.
    case handshake
    /// Protecting and sending the request.
    case request
    /// Reading the response until the server closes.
    case response
    /// Opening of the notary's seed, and the final proof.
    case proof
}
