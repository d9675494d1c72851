/// An alert message (RFC 5246 §7.2): how one side tells the other that something ended or went wrong.
package struct TLSAlert: Hashable, Sendable, CustomStringConvertible {
    /// Whether the connection survives the alert.
    package enum Level: UInt8, Sendable {
        /// The connection may go on.
        case warning = 1
        /// The connection is over.
        case fatal = 2
    }

    /// Warning or fatal.
    package let level: Level
    /// What happened.
    package let kind: TLSAlertDescription

    /// An alert of this level and description.
    package init(_ level: Level, _ description: TLSAlertDescription) {
        self.level = level
        self.kind = description
    }

    /// Reads the two bytes of an alert.
    ///
    /// - Parameter bytes: the plaintext of one alert record; exactly two bytes.
    /// - Throws: ``TLSError/malformed(_:)`` for another length or an unknown level.
    package init(decoding bytes: [UInt8]) throws(TLSError) {
        guard bytes.count == 2, let level = Level(rawValue: bytes[0]) else {
            throw .malformed(.alert)
        }
        self.init(level, TLSAlertDescription(rawValue: bytes[1]))
    }

    /// The orderly end of a direction (RFC 5246 §7.2.1).
    package static let closeNotify = TLSAlert(.warning, .closeNotify)

    /// The two bytes of the message.
    package var encoded: [UInt8] { [level.rawValue, kind.rawValue] }

    package var description: String { "\(level == .fatal ? "fatal" : "warning") alert \(kind)" }
}

/// The description byte of an alert, with the names of the IANA registry.
package struct TLSAlertDescription: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The byte on the wire.
    package let rawValue: UInt8

    /// A description with this byte; any byte is allowed, unknown ones print as a number.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The sender sends nothing more.
    package static let closeNotify = TLSAlertDescription(rawValue: 0)
    /// A message in the wrong place.
    package static let unexpectedMessage = TLSAlertDescription(rawValue: 10)
    /// A record that does not authenticate.
    package static let badRecordMAC = TLSAlertDescription(rawValue: 20)
    /// A record longer than the protocol allows.
    package static let recordOverflow = TLSAlertDescription(rawValue: 22)
    /// No acceptable set of parameters.
    package static let handshakeFailure = TLSAlertDescription(rawValue: 40)
    /// A certificate or one of its signatures is broken.
    package static let badCertificate = TLSAlertDescription(rawValue: 42)
    /// A certificate of a kind that is not supported.
    package static let unsupportedCertificate = TLSAlertDescription(rawValue: 43)
    /// A certificate outside its validity.
    package static let certificateExpired = TLSAlertDescription(rawValue: 45)
    /// Another problem with a certificate, for example its names.
    package static let certificateUnknown = TLSAlertDescription(rawValue: 46)
    /// A field out of range or inconsistent with another.
    package static let illegalParameter = TLSAlertDescription(rawValue: 47)
    /// No trusted root above the certificate.
    package static let unknownCA = TLSAlertDescription(rawValue: 48)
    /// A message that does not parse.
    package static let decodeError = TLSAlertDescription(rawValue: 50)
    /// A handshake signature or Finished value that does not verify.
    package static let decryptError = TLSAlertDescription(rawValue: 51)
    /// A protocol version that the sender does not support.
    package static let protocolVersion = TLSAlertDescription(rawValue: 70)
    /// Parameters weaker than the sender requires.
    package static let insufficientSecurity = TLSAlertDescription(rawValue: 71)
    /// A fault of the sender itself.
    package static let internalError = TLSAlertDescription(rawValue: 80)
    /// The user cancelled.
    package static let userCanceled = TLSAlertDescription(rawValue: 90)
    /// The sender refuses to renegotiate.
    package static let noRenegotiation = TLSAlertDescription(rawValue: 100)
    /// A ServerHello extension that was not offered.
    package static let unsupportedExtension = TLSAlertDescription(rawValue: 110)
    /// No such server name here.
    package static let unrecognizedName = TLSAlertDescription(rawValue: 112)
    /// No application protocol in common.
    package static let noApplicationProtocol = TLSAlertDescription(rawValue: 120)

    package var description: String {
        switch self {
        case .closeNotify: "close_notify"
        case .unexpectedMessage: "unexpected_message"
        case .badRecordMAC: "bad_record_mac"
        case .recordOverflow: "record_overflow"
        case .handshakeFailure: "handshake_failure"
        case .badCertificate: "bad_certificate"
        case .unsupportedCertificate: "unsupported_certificate"
        case .certificateExpired: "certificate_expired"
        case .certificateUnknown: "certificate_unknown"
        case .illegalParameter: "illegal_parameter"
        case .unknownCA: "unknown_ca"
        case .decodeError: "decode_error"
        case .decryptError: "decrypt_error"
        case .protocolVersion: "protocol_version"
        case .insufficientSecurity: "insufficient_security"
        case .internalError: "internal_error"
        case .userCanceled: "user_canceled"
        case .noRenegotiation: "no_renegotiation"
        case .unsupportedExtension: "unsupported_extension"
        case .unrecognizedName: "unrecognized_name"
        case .noApplicationProtocol: "no_application_protocol"
        default: "number \(rawValue)"
        }
    }
}
