import TLSProtocol
import Testing

/// One way in which a server's flight may be wrong, and what the client says about it.
struct BadFlight: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let error: TLSError
    let flight: [UInt8]

    init(_ description: String, _ error: TLSError, _ bend: (inout ScriptedServer) -> Void) {
        testDescription = description
        self.error = error
        var server = ScriptedServer()
        bend(&server)
        flight = server.flight
    }

    init(_ description: String, _ error: TLSError, bytes: [UInt8]) {
        testDescription = description
        self.error = error
        flight = bytes
    }

    static func extensions(_ server: inout ScriptedServer, without type: UInt16) {
        server.extensions.removeAll { $0.type == type }
    }

    static let all: [BadFlight] = serverHello + laterMessages + order + records

    static let serverHello = [
        BadFlight("TLS 1.3 in the version field", .unsupportedVersion(0x0304)) { $0.version = 0x0304 },
        BadFlight("TLS 1.1", .unsupportedVersion(0x0302)) { $0.version = 0x0302 },
        BadFlight("session id of 33 bytes", .malformed(.serverHello)) { $0.sessionID = .init(repeating: 0, count: 33) },
        BadFlight("a suite with AES-256", .suiteNotOffered(0xc030)) { $0.suite = 0xc030 },
        BadFlight("a compression method", .compressionNotOffered(1)) { $0.compression = 1 },
        BadFlight("no extended_master_secret", .extendedMasterSecretMissing) { extensions(&$0, without: 23) },
        BadFlight("no extensions", .extendedMasterSecretMissing) { $0.extensions = [] },
        BadFlight("extended_master_secret with data", .malformed(.serverHello)) { $0.extensions.append((23, [0])) }
            .replacingExtension(23, [0]),
        BadFlight("no renegotiation_info", .secureRenegotiationMissing) { extensions(&$0, without: 0xff01) },
        BadFlight("renegotiation_info of another handshake", .secureRenegotiationMissing) { _ in }
            .replacingExtension(0xff01, [1, 7]),
        BadFlight("server_name with data", .malformed(.serverHello)) { _ in }.replacingExtension(0, [0]),
        BadFlight("point formats without uncompressed", .malformed(.serverHello)) { _ in }
            .replacingExtension(11, [1, 1]),
        BadFlight("an unsolicited session ticket", .extensionNotOffered(35)) { $0.extensions.append((35, [])) },
        BadFlight("encrypt_then_mac", .extensionNotOffered(22)) { $0.extensions.append((22, [])) },
        BadFlight("supported_groups from a server", .extensionNotOffered(10)) {
            $0.extensions.append((10, [0, 2, 0, 23]))
        },
        BadFlight("an extension twice", .extensionNotOffered(23)) { $0.extensions.append((23, [])) },
        BadFlight("HTTP/2", .applicationProtocolNotOffered) { _ in }.replacingExtension(16, [0, 3, 2, 0x68, 0x32]),
        BadFlight("two protocols", .malformed(.serverHello)) { _ in }
            .replacingExtension(16, [0, 12, 8] + Array("http/1.1".utf8) + [2, 0x68, 0x32]),
        BadFlight("a downgrade below TLS 1.2", .downgraded) {
            $0.random = $0.random.prefix(24) + Array("DOWNGRD".utf8) + [0]
        },
    ]

    static let laterMessages = [
        BadFlight("an empty chain", .malformed(.certificate)) { $0.chain = [] },
        BadFlight("an empty certificate", .malformed(.certificate)) { $0.chain = [[]] },
        BadFlight("seventeen certificates", .tooLarge(.certificate, limit: 16)) {
            $0.chain = .init(repeating: [1], count: 17)
        },
        BadFlight("explicit curve", .malformed(.serverKeyExchange)) { $0.curveType = 1 },
        BadFlight("P-384", .groupNotOffered(24)) { $0.group = 24 },
        BadFlight("X25519", .groupNotOffered(29)) { $0.group = 29 },
        BadFlight("a point off the curve", .invalidServerPoint) { $0.point[64] ^= 1 },
        BadFlight("a coordinate out of range", .invalidServerPoint) {
            $0.point = [4] + .init(repeating: 0xff, count: 64)
        },
        BadFlight("the point at infinity", .invalidServerPoint) { $0.point = [0] },
        BadFlight("a compressed point", .invalidServerPoint) { $0.point = [2] + $0.point[1..<33] },
        BadFlight("SHA-1", .signatureSchemeNotOffered(0x0201)) { $0.scheme = 0x0201 },
        BadFlight("ECDSA under an RSA suite", .signatureSchemeNotOffered(0x0403)) { $0.scheme = 0x0403 },
        BadFlight("RSA under an ECDSA suite", .signatureSchemeNotOffered(0x0804)) { $0.suite = 0xc02b },
        BadFlight("no signature", .malformed(.serverKeyExchange)) { $0.signature = [] },
        BadFlight("a request without types", .malformed(.certificateRequest)) { $0.request = [0, 0, 2, 4, 1, 0, 0] },
        BadFlight("a request with half a scheme", .malformed(.certificateRequest)) {
            $0.request = [1, 1, 0, 3, 4, 1, 4, 0, 0]
        },
        BadFlight("a request with an empty name", .malformed(.certificateRequest)) {
            $0.request = [1, 1, 0, 2, 4, 1, 0, 2, 0, 0]
        },
        BadFlight("ServerHelloDone with a body", .malformed(.serverHelloDone)) { $0.done = [0] },
    ]

    static let order: [BadFlight] = {
        let parts = ScriptedServer().messages
        let names = [TLSElement.serverHello, .certificate, .serverKeyExchange, .serverHelloDone]
        // Leaving out a message brings the one after it too early.
        let omissions = (0..<3).map { index in
            BadFlight(
                "without \(names[index].rawValue)",
                .unexpected(names[index + 1]),
                bytes: join(parts, without: index)
            )
        }
        let repetitions = (0..<3).map { index in
            BadFlight(
                "\(names[index].rawValue) twice",
                .unexpected(names[index]),
                bytes: (parts.prefix(index + 1) + [parts[index]]).flatMap { record(22, $0) }
            )
        }
        let strangers: [(UInt8, TLSElement)] = [
            (0, .helloRequest), (1, .clientHello), (4, .newSessionTicket), (20, .finished), (22, .certificateStatus),
            (16, .handshakeMessage), (99, .handshakeMessage),
        ]
        return omissions + repetitions
            + strangers.flatMap { type, element in
                (0..<4).map { index in
                    BadFlight(
                        "message \(type) before \(names[index].rawValue)",
                        .unexpected(element),
                        bytes: parts.prefix(index).flatMap { record(22, $0) } + record(22, message(type, []))
                    )
                }
            }
            + [
                BadFlight(
                    "a message behind ServerHelloDone in its record",
                    .unexpected(.handshakeMessage),
                    bytes: record(22, parts.flatMap { $0 } + [14, 0, 0, 0])
                )
            ]
    }()

    static let records: [BadFlight] = {
        let hello = ScriptedServer().messages[0]
        let half = record(22, Array(hello.prefix(10)))
        return [
            BadFlight("an empty handshake record", .malformed(.handshakeMessage), bytes: record(22, [])),
            BadFlight("ChangeCipherSpec first", .unexpected(.changeCipherSpec), bytes: record(20, [1])),
            BadFlight(
                "ChangeCipherSpec inside a message",
                .unexpected(.changeCipherSpec),
                bytes: half + record(20, [1])
            ),
            BadFlight(
                "application data inside a message",
                .unexpected(.applicationData),
                bytes: half + record(23, [1])
            ),
            BadFlight(
                "a warning inside a message",
                .alertReceived(TLSAlert(.warning, .unrecognizedName)),
                bytes: half + record(21, [1, 112])
            ),
            BadFlight("half an alert", .malformed(.alert), bytes: record(21, [2])),
            BadFlight("two alerts in a record", .malformed(.alert), bytes: record(21, [1, 112, 1, 112])),
            BadFlight("an alert of unknown level", .malformed(.alert), bytes: record(21, [3, 40])),
            BadFlight(
                "refusal of the version, in an old record",
                .alertReceived(TLSAlert(.fatal, .protocolVersion)),
                bytes: record(21, [2, 70], version: 0x0301)
            ),
            BadFlight(
                "an old alert after the ServerHello",
                .unsupportedVersion(0x0301),
                bytes: record(22, hello) + record(21, [2, 40], version: 0x0301)
            ),
            BadFlight(
                "too many warnings",
                .alertReceived(TLSAlert(.warning, .unrecognizedName)),
                bytes: (0..<5).flatMap { _ in record(21, [1, 112]) }
            ),
            BadFlight(
                "a message of 16 MB announced",
                .tooLarge(.certificate, limit: 1 << 16),
                bytes: record(22, hello) + record(22, [11, 0xff, 0xff, 0xff])
            ),
            BadFlight("plain HTTP", .unknownContentType(0x48), bytes: Array("HTTP/1.1 400 Bad Request\r\n".utf8)),
        ]
    }()

    private static func join(_ parts: [[UInt8]], without index: Int) -> [UInt8] {
        parts.enumerated().filter { $0.offset != index }.flatMap { record(22, $0.element) }
    }

    private func replacingExtension(_ type: UInt16, _ data: [UInt8]) -> BadFlight {
        BadFlight(testDescription, error) { server in
            Self.extensions(&server, without: type)
            server.extensions.append((type, data))
        }
    }
}
