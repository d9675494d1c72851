package import Attestations
package import CryptoCore
internal import WireFormat

/// What all nodes of a network agree on from its first day; another genesis is another network.
package struct Genesis: Hashable, Sendable {
    /// Who may sign records of the network.
    package enum Signers: Hashable, Sendable {
        /// Whoever has a key.
        case anyone
        /// Those listed, at least one, in ascending order of their bytes.
        case listed([EthereumAddress])
    }

    /// The most signers that a genesis lists.
    package static let signerCountMax = 4_096

    /// What people call it: 1 to 64 of `a`–`z`, `0`–`9` and `-`.
    package let name: String
    /// When it began, in Unix seconds.
    package let created: UInt64
    /// How long a notarization may be disputed after its transcript was fixed, in seconds.
    package let disputeWindow: UInt32
    /// How far a clock may be ahead of another's, in seconds.
    package let clockSkew: UInt32
    /// How old a record may be that is gossiped, in seconds; older ones are caught up on by asking.
    package let newsAge: UInt32
    /// How many records one signer may have whose transcripts were fixed in the same minute.
    package let recordsPerSignerAndMinute: UInt32
    /// Who may sign.
    package let signers: Signers

    /// A genesis of these values.
    ///
    /// - Parameter signers: in any order; duplicates count once.
    /// - Throws: ``NetworkFileError/value(_:_:)`` that names the value and what is allowed.
    package init(
        name: String,
        created: UInt64,
        disputeWindow: UInt32,
        clockSkew: UInt32,
        newsAge: UInt32,
        recordsPerSignerAndMinute: UInt32,
        signers: Signers
    ) throws(NetworkFileError) {
        let allowed = name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
        guard allowed, (1...64).contains(name.utf8.count) else {
            throw .value("name", "1 to 64 characters of a-z, 0-9 and -")
        }
        guard (1...253_402_300_799).contains(created) else { throw .value("created", "a time after 1970") }
        guard (60...366 * 86_400).contains(disputeWindow) else {
            throw .value("dispute-window-seconds", "60 to 31622400")
        }
        guard (1...600).contains(clockSkew) else { throw .value("clock-skew-seconds", "1 to 600") }
        guard (60...86_400).contains(newsAge) else { throw .value("news-age-seconds", "60 to 86400") }
        guard (1...1_000_000).contains(recordsPerSignerAndMinute) else {
            throw .value("records-per-signer-and-minute", "1 to 1000000")
        }
        switch signers {
        case .anyone: self.signers = .anyone
        case .listed(let list):
            guard (1...Self.signerCountMax).contains(list.count) else {
                throw .value("signers", "anyone, or 1 to \(Self.signerCountMax) addresses")
            }
            self.signers = .listed(Set(list).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        }
        self.name = name
        self.created = created
        self.disputeWindow = disputeWindow
        self.clockSkew = clockSkew
        self.newsAge = newsAge
        self.recordsPerSignerAndMinute = recordsPerSignerAndMinute
    }

    /// The network's id: Keccak-256 of `tabellion genesis v1` and the canonical encoding of all values.
    package var networkID: NetworkID {
        var writer = WireWriter()
        writer.text("tabellion genesis v1")
        writer.text(name)
        writer.uint64(created)
        writer.uint32(disputeWindow)
        writer.uint32(clockSkew)
        writer.uint32(newsAge)
        writer.uint32(recordsPerSignerAndMinute)
        switch signers {
        case .anyone: writer.uint8(0)
        case .listed(let list):
            writer.uint8(1)
            writer.count(list.count)
            for signer in list { writer.fixed(signer.bytes) }
        }
        guard let hash = Bytes32(Keccak256.hash(writer.bytes)) else {
            preconditionFailure("Keccak-256 has 32 bytes")
        }
        return NetworkID(hash)
    }
}
