package import CryptoCore

/// Why a key file cannot be used.
package enum KeystoreError: Error, Equatable, Sendable {
    /// Not a key file of version 3; the text names the member at fault.
    case malformed(String)
    /// A cipher, derivation or pseudo-random function that version 3 does not have.
    case unsupported(String)
    /// Derivation parameters that are invalid, or would take absurd memory or time.
    case parameters
    /// The password is wrong, or the file was altered.
    case wrongPassword
    /// The decrypted bytes are no private key.
    case invalidKey
    /// The file is for another account than it says.
    case addressMismatch(claimed: EthereumAddress, found: EthereumAddress)
    /// The machine refused: usually not enough memory for the derivation.
    case environment
}
