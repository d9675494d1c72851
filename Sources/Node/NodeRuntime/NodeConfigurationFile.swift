internal import Foundation
internal import Yams

/// The YAML form of a node's settings; every key is optional and unknown keys are refused.
///
/// A key of several words is written as its option is, `max-sent`, or with capitals, `maxSent`; never as both.
package struct NodeConfigurationFile: Equatable, Sendable, Decodable {
    /// The most bytes of a configuration file.
    package static let byteCountMax = 64 << 10

    /// Addresses to listen on.
    package var listen: [String]?
    /// The key file.
    package var key: String?
    /// The file whose first line is the key's passphrase.
    package var passphraseFile: String?
    /// The network's name.
    package var network: String?
    /// The file that describes the network of a node that gossips; without it the notary is alone.
    package var networkFile: String?
    /// The folder of the store.
    package var store: String?
    /// The loopback port of metrics and health checks.
    package var metrics: Int?
    /// Addresses at which others reach the node, if they are not those that it listens at.
    package var announce: [String]?
    /// Connections at a time, in both directions.
    package var connections: Int?
    /// Connections at a time that came from one address.
    package var connectionsPerAddress: Int?
    /// How long notarizations are kept whose window has ended, in days.
    package var keepDays: Int?
    /// Mebibytes of notarizations above which those are removed whose window has ended, oldest first.
    package var storeMiB: Int?
    /// A PEM file of root certificates.
    package var ca: String?
    /// ``NotaryConfiguration/maxSent``.
    package var maxSent: Int?
    /// ``NotaryConfiguration/maxReceived``.
    package var maxReceived: Int?
    /// ``NotaryConfiguration/sessionCountMax``.
    package var sessions: Int?
    /// ``NotaryConfiguration/sessionDuration`` in seconds.
    package var sessionSeconds: Int?
    /// ``NotaryConfiguration/allowedServerNames``.
    package var servers: [String]?
    /// trace, debug, info, notice, warning, error or critical.
    package var logLevel: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case listen, key, network, ca, sessions, servers, store, metrics, announce, connections
        case connectionsPerAddress = "connections-per-address"
        case keepDays = "keep-days"
        case storeMiB = "store-mib"
        case networkFile = "network-file"
        case passphraseFile = "passphrase-file"
        case maxSent = "max-sent"
        case maxReceived = "max-received"
        case sessionSeconds = "session-seconds"
        case logLevel = "log-level"

        /// The spelling without hyphens: `max-sent` is `maxSent`.
        var otherSpelling: String {
            let words = rawValue.split(separator: "-")
            let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
            return words.prefix(1).joined() + rest.joined()
        }
    }

    /// Settings of which none is given.
    package init() {}

    /// Reads YAML.
    ///
    /// - Throws: ``NodeConfigurationError`` that names the line or the key.
    package init(yaml: String) throws(NodeConfigurationError) {
        guard yaml.utf8.count <= Self.byteCountMax else { throw .malformed("it is longer than 64 KB") }
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                self.init()
                return
            }
            guard let mapping = node.mapping else { throw NodeConfigurationError.malformed("it is no mapping") }
            var pairs: [(Node, Node)] = []
            var seen: Set<CodingKeys> = []
            for (key, value) in mapping {
                let name = key.string
                guard let known = CodingKeys.allCases.first(where: { [$0.rawValue, $0.otherSpelling].contains(name) })
                else {
                    throw NodeConfigurationError.unknownKey(
                        PrintableText.clean(name ?? "?"),
                        known: CodingKeys.allCases.map(\.rawValue).sorted()
                    )
                }
                guard seen.insert(known).inserted else { throw NodeConfigurationError.givenTwice(known.rawValue) }
                pairs.append((Node(known.rawValue), value))
            }
            self = try YAMLDecoder().decode(NodeConfigurationFile.self, from: Node(pairs))
        } catch let error as NodeConfigurationError {
            throw error
        } catch {
            throw .malformed(PrintableText.clean("\(error)"))
        }
    }
}

/// Why a configuration file is refused.
package enum NodeConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is no YAML mapping of the expected types.
    case malformed(String)
    /// It has a key that nothing reads, probably a spelling mistake.
    case unknownKey(String, known: [String])
    /// It has a key in both of its spellings.
    case givenTwice(String)

    package var description: String {
        switch self {
        case .malformed(let what): "the configuration is malformed: \(what)"
        case .unknownKey(let key, let known):
            "the configuration has the unknown key \"\(key)\"; known are \(known.joined(separator: ", "))"
        case .givenTwice(let key): "the configuration has the key \"\(key)\" twice, in two spellings"
        }
    }
}
