package import ArgumentParser
internal import CryptoCore
internal import EthereumCodec
internal import PeerProtocols
internal import WireFormat

/// `tabellion keygen`: makes an identity.
package struct KeygenCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a secp256k1 identity and print its Ethereum address and libp2p peer id.",
        discussion: """
            The same key signs attestations, receives rewards and names a node to its peers. The file can be read \
            only by its owner (mode 0600) and an existing file is never overwritten. With a passphrase the file is \
            an Ethereum key store of version 3, which wallets and geth read too; without one it is a line of 64 \
            hexadecimal digits.
            """
    )

    @Option(name: .long, help: ArgumentHelp("The file to make.", valueName: "file"))
    var out: String

    @Flag(name: .long, help: "Ask for a passphrase on the terminal and encrypt the key with it.")
    var passphrase = false

    @Flag(name: .long, help: "Use scrypt parameters for small machines (4 MB instead of 256 MB).")
    var light = false

    @OptionGroup var passphraseOptions: PassphraseOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Refuses options that contradict each other.
    package func validate() throws {
        if passphrase, passphraseOptions.passphraseFile != nil {
            throw ValidationError("give either --passphrase or --passphrase-file")
        }
    }

    /// Makes the key, writes the file, and reports address and peer id.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        try StagedFile.checkWritable(out, overwrites: false)
        let phrase = try passphrase ? newPassphrase(environment) : passphraseOptions.fromFile()
        let key = try Secp256k1PrivateKey.random(SecureRandom.bytes)
        let content = try KeyFile.content(of: key, passphrase: phrase, strength: light ? .light : .standard)
        try StagedFile.write(out, bytes: content, access: .secret, overwrites: false)
        let peerID = PeerID(publicKey: key.publicKey)
        let isEncrypted = phrase != nil
        let text = """
            Key file:  \(out) (\(isEncrypted ? "encrypted, Ethereum key store version 3" : "not encrypted"), mode 0600)
            Address:   \(key.ethereumAddress)
            Peer id:   \(peerID)
            """
        return CommandReport(
            text: text,
            members: [
                JSONMember("file", .string(out)),
                JSONMember("encrypted", .bool(isEncrypted)),
                JSONMember("address", .string(key.ethereumAddress.checksummed)),
                JSONMember("peer_id", .string(peerID.description)),
                JSONMember("public_key", .string(Hexadecimal.encode(key.publicKey.compressed))),
            ]
        )
    }

    private func newPassphrase(_ environment: CommandEnvironment) throws -> [UInt8] {
        guard let first = environment.askPassphrase("New passphrase: ") else {
            throw CommandFailure(
                .keyUnusable,
                "there is no terminal to ask for a passphrase",
                advice: "Give --passphrase-file instead."
            )
        }
        guard !first.isEmpty else { throw CommandFailure(.keyUnusable, "the passphrase is empty") }
        guard environment.askPassphrase("Again: ") == first else {
            throw CommandFailure(.keyUnusable, "the two passphrases differ; no key was made")
        }
        return first
    }
}
