internal import CoreFoundation
package import CryptoCore
package import EthereumCodec
internal import Glibc
internal import WireFormat

/// A secp256k1 identity in a file: a line of 64 hexadecimal digits, or an Ethereum key store of version 3.
package enum KeyFile {
    /// The most bytes of a key file.
    package static let byteCountMax = 64 << 10

    /// The file's content for `key`: encrypted if there is a passphrase.
    ///
    /// - Throws: `CommandFailure` with `.keyUnusable` if the machine cannot do the key derivation.
    package static func content(
        of key: Secp256k1PrivateKey,
        passphrase: [UInt8]?,
        strength: KeystoreDerivation.Strength = .standard
    ) throws -> [UInt8] {
        guard let passphrase else {
            return key.withSecretBytes { Array((Hexadecimal.digits($0) + "\n").utf8) }
        }
        do {
            let store = try KeystoreV3.encrypt(
                key,
                password: passphrase,
                strength: strength,
                randomBytes: SecureRandom.bytes
            )
            return Array((store.json + "\n").utf8)
        } catch {
            throw CommandFailure(.keyUnusable, "the key cannot be encrypted: \(describe(error))")
        }
    }

    /// The key in the file at `path`.
    ///
    /// - Parameters:
    ///   - passphrase: asked for only if the file is encrypted; nil if there is none to be had.
    /// A file that others may read is refused: everybody but its owner and group, always; the group, if the file is
    /// this user's own. The group of another owner's file is how that one lets this user read it, as systemd's
    /// credentials do.
    ///
    /// - Throws: `CommandFailure` with `.inputUnreadable` or `.keyUnusable`.
    package static func load(_ path: String, passphrase: () throws -> [UInt8]?) throws -> Secp256k1PrivateKey {
        let bytes = try InputFile.read(path, limit: byteCountMax)
        try checkAccess(path)
        guard bytes.first(where: { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }) == 0x7b else {
            return try plainKey(bytes, path)
        }
        do {
            let store = try KeystoreV3(json: bytes)
            guard let passphrase = try passphrase() else {
                throw CommandFailure(
                    .keyUnusable,
                    "\(path) is encrypted and no passphrase was given",
                    advice: "Give --passphrase-file, or run the command on a terminal."
                )
            }
            return try store.decrypt(password: passphrase)
        } catch let error as KeystoreError {
            throw CommandFailure(.keyUnusable, "the key file \(path) cannot be used: \(describe(error))")
        }
    }

    private static func checkAccess(_ path: String) throws {
        var status = stat()
        guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        let forbidden: mode_t = status.st_uid == geteuid() ? 0o077 : 0o007
        guard status.st_mode & forbidden != 0 else { return }
        throw CommandFailure(
            .keyUnusable,
            "the key file \(path) can be read or written by others (mode \(String(status.st_mode & 0o777, radix: 8)))",
            advice: "If nobody has copied it: chmod 600 \(path). If somebody may have, make another key."
        )
    }

    private static func plainKey(_ bytes: [UInt8], _ path: String) throws -> Secp256k1PrivateKey {
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isWhitespace == true { text.removeLast() }
        if text.hasPrefix("0x") { text.removeFirst(2) }
        guard let secret = Hexadecimal.decode(digits: text), let key = try? Secp256k1PrivateKey(bytes: secret) else {
            throw CommandFailure(
                .keyUnusable,
                "\(path) is no key file",
                advice: "It should hold 64 hexadecimal digits or an Ethereum key store; make one with tabellion keygen."
            )
        }
        return key
    }

    private static func describe(_ error: KeystoreError) -> String {
        switch error {
        case .malformed(let member): "it is malformed at \(member)"
        case .unsupported(let what): "it uses \(what), which is not supported"
        case .parameters: "its key derivation parameters are invalid or excessive"
        case .wrongPassword: "the passphrase is wrong, or the file was altered"
        case .invalidKey: "it does not contain a valid key"
        case .addressMismatch(let claimed, let found): "it says \(claimed) but contains the key of \(found)"
        case .environment: "there is not enough memory for the key derivation"
        }
    }
}
