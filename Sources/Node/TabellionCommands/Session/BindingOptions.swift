internal import ArgumentParser
internal import Attestations
internal import CryptoCore
internal import NetworkDefinition
internal import NodeRuntime

/// What the attestation is bound to besides the transcript.
package struct BindingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The Ethereum address that the attestation belongs to; by default nobody's.",
            valueName: "address"
        )
    )
    var owner: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with a text to bind: intent, payee, amount (at most 4 KB).", valueName: "file")
    )
    var context: String?

    @Option(name: .long, help: ArgumentHelp("The declared value in the smallest unit of --currency.", valueName: "n"))
    var value = "0"

    @Option(name: .long, help: ArgumentHelp("The currency of the declared value.", valueName: "code"))
    var currency = ""

    @Option(name: .long, help: ArgumentHelp("How long the attestation is valid: 15m, 24h, 30d.", valueName: "duration"))
    var validFor = "30d"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The notary network: the path of its file, with a slash or .yaml in it, or only its name.",
            valueName: "path"
        )
    )
    var network = "tabellion-devnet"

    /// Creates the options with nothing parsed.
    package init() {}

    /// Refuses what cannot be bound.
    package func validate() throws {
        if let owner, (try? EthereumAddress(owner)) == nil {
            throw ValidationError("\"\(owner)\" is no Ethereum address")
        }
        guard UInt256(decimal: value) != nil else { throw ValidationError("--value is a whole number") }
        guard Timestamp.parseDuration(validFor) != nil else {
            throw ValidationError("\"\(validFor)\" is no duration such as 15m, 24h or 30d")
        }
    }

    /// The network's file; nil if only its name was given.
    func networkFile() throws -> NetworkFile? {
        namesNetworkFile ? try NetworkPath.read(network) : nil
    }

    /// Whether the network is given by its file.
    var namesNetworkFile: Bool { network.contains("/") || network.hasSuffix(".yaml") }

    /// The request to the notary, whose clock may differ a little from `now`.
    func request(now: Int64, network file: NetworkFile?) throws -> NotarizationRequest {
        let text = try context.map { try ContextFile.read($0) }
        guard
            let owner = owner.map({ try? EthereumAddress($0) })
                ?? EthereumAddress(bytes: [UInt8](repeating: 0, count: 20)),
            let value = UInt256(decimal: value), let lifetime = Timestamp.parseDuration(validFor),
            let nonce = Bytes32(SecureRandom.bytes(32))
        else { throw CommandFailure(.usage, "the binding is invalid") }
        do {
            return NotarizationRequest(
                network: file?.network ?? NetworkID(named: network),
                purpose: try AttestationPurpose(
                    owner: owner,
                    contextHash: AttestationPurpose.contextHash(of: text ?? ""),
                    declaredValue: value,
                    currency: currency,
                    nonce: nonce,
                    expiry: UInt64(max(0, now)) * 1000 + lifetime
                ),
                contextText: text
            )
        } catch {
            throw CommandFailure(.usage, "the declared value and currency cannot be bound: \(error)")
        }
    }
}

extension EthereumAddress {
    /// The zero address, which stands for no owner.
    static let nobody = EthereumAddress(bytes: [UInt8](repeating: 0, count: 20))
}
