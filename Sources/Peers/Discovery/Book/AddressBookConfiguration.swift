/// How much an address book holds and how long.
package struct AddressBookConfiguration: Hashable, Sendable {
    /// The most peers.
    package var entryCountMax = 2_048
    /// The most peers among them that this side never reached.
    package var unverifiedCountMax = 512
    /// How long an address that worked is kept after it last did.
    package var verifiedLifetime = Duration.seconds(30 * 86_400)
    /// How long other addresses are kept.
    package var unverifiedLifetime = Duration.seconds(3_600)
    /// Failures in a row after which a peer that was never reached is forgotten.
    package var unverifiedFailureCountMax: UInt16 = 3
    /// How long to wait before a peer is dialled again.
    package var backoff = DialBackoff()
    /// A peer that is shunned waits as if it had failed so many times more.
    package var shunnedFailureCount = 3
    /// How old the stored moment of the last success may become before it is stored again.
    package var storageInterval = Duration.seconds(3_600)

    /// The limits of a node.
    package init() {}

    /// Whether the numbers make sense.
    var isValid: Bool {
        entryCountMax > 0 && unverifiedCountMax > 0 && unverifiedCountMax <= entryCountMax && backoff.isValid
            && shunnedFailureCount >= 0
            && verifiedLifetime > .zero && unverifiedLifetime > .zero && storageInterval >= .zero
    }
}
