/// Why a TLS connection cannot go on, with whose fault it is and which alert says so to the server.
package enum TLSError: Error, Hashable, Sendable {
    /// A message or record that does not follow its grammar.
    case malformed(TLSElement)
    /// A record announced more bytes than RFC 5246 §6.2 allows.
    case recordOverflow(byteCount: Int, limit: Int)
    /// A record of no known content type; often a server that does not speak TLS at all.
    case unknownContentType(UInt8)
    /// The version of a record or of the ServerHello is not TLS 1.2.
    case unsupportedVersion(UInt16)
    /// A well-formed message or record that has no place at this point.
    case unexpected(TLSElement)
    /// Handshake messages, certificates or records exceed a limit of this client.
    case tooLarge(TLSElement, limit: Int)
    /// The server chose a cipher suite that was not offered.
    case suiteNotOffered(UInt16)
    /// The server chose a compression method other than null.
    case compressionNotOffered(UInt8)
    /// The ServerHello carries an extension that was not offered, or one twice.
    case extensionNotOffered(UInt16)
    /// The server does not support extended_master_secret (RFC 7627), which the engine's security needs.
    case extendedMasterSecretMissing
    /// The server does not support renegotiation_info (RFC 5746), or uses it in a first handshake.
    case secureRenegotiationMissing
    /// The server chose an application protocol that was not offered.
    case applicationProtocolNotOffered
    /// The random says that the server was pushed below TLS 1.2 while the handshake says TLS 1.2 (RFC 8446 §4.1.3).
    case downgraded
    /// The key exchange uses a group other than P-256.
    case groupNotOffered(UInt16)
    /// The server's ephemeral key is not a point of P-256.
    case invalidServerPoint
    /// The key exchange is signed with a scheme that was not offered, or that does not fit the suite.
    case signatureSchemeNotOffered(UInt16)
    /// The server asked for a new handshake on an established connection.
    case renegotiationRefused
    /// The server used an explicit GCM nonce a second time in one connection.
    case nonceReused(UInt64)
    /// A record does not authenticate.
    case badRecordMAC
    /// The server's Finished message does not match the handshake.
    case wrongServerFinished
    /// The server ended or refused the connection with this alert.
    case alertReceived(TLSAlert)
    /// The server closed the connection inside a record or before the handshake was over.
    case truncated
    /// The caller asked for something that this state does not allow; the words say what.
    case misuse(String)
    /// The cryptographic library failed where correct input cannot make it fail, such as lack of memory.
    case libraryFailure
    /// The client already stopped because of an earlier error.
    case alreadyFailed

    /// Whose fault an error is.
    package enum Blame: Hashable, Sendable {
        /// The server, or somebody on the path to it.
        case server
        /// The code that drives the connection.
        case caller
        /// This machine.
        case environment
    }

    /// Whose fault this is.
    package var blame: Blame {
        switch self {
        case .misuse, .alreadyFailed: .caller
        case .libraryFailure: .environment
        default: .server
        }
    }

    /// The fatal alert that tells the server, or nil when there is nothing to tell.
    package var alert: TLSAlert? {
        switch self {
        case .malformed: TLSAlert(.fatal, .decodeError)
        case .recordOverflow: TLSAlert(.fatal, .recordOverflow)
        case .unknownContentType, .unexpected: TLSAlert(.fatal, .unexpectedMessage)
        case .unsupportedVersion: TLSAlert(.fatal, .protocolVersion)
        case .tooLarge: TLSAlert(.fatal, .handshakeFailure)
        case .suiteNotOffered, .compressionNotOffered, .downgraded, .groupNotOffered, .invalidServerPoint,
            .signatureSchemeNotOffered, .applicationProtocolNotOffered, .nonceReused:
            TLSAlert(.fatal, .illegalParameter)
        case .extensionNotOffered: TLSAlert(.fatal, .unsupportedExtension)
        case .extendedMasterSecretMissing, .secureRenegotiationMissing: TLSAlert(.fatal, .handshakeFailure)
        case .renegotiationRefused: TLSAlert(.fatal, .noRenegotiation)
        case .badRecordMAC: TLSAlert(.fatal, .badRecordMAC)
        case .wrongServerFinished: TLSAlert(.fatal, .decryptError)
        case .misuse, .libraryFailure: TLSAlert(.fatal, .internalError)
        case .alertReceived, .truncated, .alreadyFailed: nil
        }
    }
}

/// The parts of the protocol that errors speak of.
package enum TLSElement: String, Hashable, Sendable {
    case record
    case alert
    case changeCipherSpec = "change_cipher_spec"
    case handshakeMessage = "handshake message"
    case clientHello = "ClientHello"
    case helloRequest = "HelloRequest"
    case serverHello = "ServerHello"
    case certificate = "Certificate"
    case certificateStatus = "CertificateStatus"
    case serverKeyExchange = "ServerKeyExchange"
    case certificateRequest = "CertificateRequest"
    case serverHelloDone = "ServerHelloDone"
    case newSessionTicket = "NewSessionTicket"
    case finished = "Finished"
    case serverFlight = "server's handshake flight"
    case applicationData = "application data"
    case serverName = "server name"
    case transcript = "handshake transcript"
}
