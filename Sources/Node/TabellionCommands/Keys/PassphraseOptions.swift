package import ArgumentParser

/// Where a passphrase comes from.
package struct PassphraseOptions: ParsableArguments {
    /// A file whose first line is the passphrase.
    @Option(
        name: .long,
        help: ArgumentHelp("Read the passphrase of the key from the first line of this file.", valueName: "file")
    )
    package var passphraseFile: String?

    /// Creates the options with their defaults.
    package init() {}

    /// Options that name a file.
    package init(file: String) {
        self.init()
        passphraseFile = file
    }

    /// The passphrase from the file, if one was named.
    package func fromFile() throws -> [UInt8]? {
        guard let passphraseFile else { return nil }
        let bytes = try InputFile.read(passphraseFile, limit: 64 << 10)
        let line = bytes.prefix { $0 != 0x0a && $0 != 0x0d }
        guard !line.isEmpty else {
            throw CommandFailure(.keyUnusable, "the first line of \(passphraseFile) is empty")
        }
        return Array(line)
    }

    /// The passphrase of an existing key: from the file, else from a person, else nil.
    package func forExistingKey(in environment: CommandEnvironment) throws -> [UInt8]? {
        try fromFile() ?? environment.askPassphrase("Passphrase: ")
    }
}
