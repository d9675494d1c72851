internal import CryptoCore
package import ServerIdentity
package import TLSProtocol

/// Fetches a response over TLS 1.2 without a notary, with the same client, to see what a notarization would contain.
package struct PlainFetch {
    private let verifier: ServerIdentityVerifier

    /// - Parameter roots: the certificate authorities to trust.
    package init(roots: TrustedRoots) {
        verifier = ServerIdentityVerifier(roots: roots)
    }

    /// Sends `request` and reads until the server closes.
    ///
    /// - Returns: the response, and whether an authenticated close_notify ended it.
    /// - Throws: ``WebServerError``, ``TLSError``, ``ServerIdentityError``, ``FetchError``.
    @available(*, noasync)
    package func fetch(
        _ request: [UInt8],
        host: String,
        port: UInt16,
        serverName: ServerName,
        maxReceived: Int,
        timeout: Duration
    ) throws -> (response: [UInt8], endedWithCloseNotify: Bool) {
        let connection = try WebServerConnection(host: host, port: port, timeout: timeout)
        defer { connection.close() }
        var random = BlockPRG(seed: SecureRandom.block())
        var client = try LocalTLS12Client(
            configuration: TLS12ClientConfiguration(serverName: serverName),
            random: &random
        )
        var input: ArraySlice<UInt8> = []
        var response: [UInt8] = []
        while true {
            let output = client.takeOutput()
            if !output.isEmpty { try connection.write(output) }
            guard let event = try client.nextEvent(from: &input) else {
                input = try connection.read()[...]
                if input.isEmpty {
                    try client.receiveEnd()
                    return (response, false)
                }
                continue
            }
            switch event {
            case .serverFlight(let flight):
                _ = try verifier.verify(flight, for: serverName, at: Int64(UnixClock.milliseconds / 1000))
                try client.acceptServer()
            case .connected: try client.send(request)
            case .applicationData(let bytes):
                response += bytes
                guard response.count <= maxReceived else { throw FetchError.responseTooLarge(limit: maxReceived) }
            case .closed: return (response, true)
            }
        }
    }
}

/// Why a fetch without a notary was given up.
package enum FetchError: Error, Equatable, Sendable {
    /// The server sent more than allowed.
    case responseTooLarge(limit: Int)
}
