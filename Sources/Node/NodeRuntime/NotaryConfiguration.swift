package import Attestations

/// What a notary offers, and how much of itself it gives to a session.
package struct NotaryConfiguration: Sendable {
    /// Bits of proof that a prover may have prepared; more are made on demand.
    package static let preparedCorrelationsMax = 1 << 23

    /// The network whose attestations it signs.
    package var network: NetworkID
    /// Bytes of request for which it takes garbled tables.
    package var maxSent = 4096
    /// Bytes of response that it verifies.
    package var maxReceived = 2 << 20
    /// Sessions at a time.
    package var sessionCountMax = 32
    /// Sessions at a time from one peer; nil for a quarter of all, and at least one.
    package var sessionCountPerPeerMax: Int?
    /// Sessions at a time from one peer, as ``sessionCountPerPeerMax`` says.
    package var sessionCountPerPeer: Int { sessionCountPerPeerMax ?? max(1, sessionCountMax / 4) }
    /// How long a session may take in all.
    package var sessionDuration: Duration = .seconds(120)
    /// How long it waits for a message, except while the prover talks to the web server.
    package var messageTimeout: Duration = .seconds(30)
    /// Server names that it notarizes; nil means all, and allows hidden identities.
    package var allowedServerNames: [String]?
    /// Failed sessions of one peer within ``abortWindow`` after which it is refused.
    ///
    /// A cheating garbler learns a bit of the notary's share with every abort that it provokes ([GTP], selective
    /// failure); nothing adds up over sessions because every session has fresh shares, but nobody needs this many tries.
    package var abortCountMax = 20
    /// The time after which an abort is forgotten.
    package var abortWindow: Duration = .seconds(600)
    /// The longest time from now to an attestation's expiry.
    package var lifetimeMax: Duration = .seconds(400 * 86_400)

    /// The defaults for a network.
    package init(network: NetworkID) {
        self.network = network
    }
}
