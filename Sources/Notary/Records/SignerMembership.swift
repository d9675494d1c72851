package import CryptoCore

/// Who may sign records of a network.
package protocol SignerMembership: Sendable {
    /// Whether `signer` belonged to the network at `time`, in Unix milliseconds.
    func isMember(_ signer: EthereumAddress, at time: UInt64) -> Bool
}

/// Everybody may sign: for networks without stakes or lists.
package struct AnySigner: SignerMembership {
    /// The rule.
    package init() {}

    package func isMember(_ signer: EthereumAddress, at time: UInt64) -> Bool { true }
}

/// Those on a list may sign, such as the one in a network's file.
package struct ListedSigners: SignerMembership {
    private let signers: Set<EthereumAddress>

    /// The rule for these signers.
    package init(_ signers: some Sequence<EthereumAddress>) {
        self.signers = Set(signers)
    }

    package func isMember(_ signer: EthereumAddress, at time: UInt64) -> Bool { signers.contains(signer) }
}
