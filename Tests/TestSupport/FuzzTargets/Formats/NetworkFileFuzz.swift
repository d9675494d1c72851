import Attestations
import CryptoCore
import NetworkDefinition
import PeerProtocols

/// The input is a network's file, after its id.
enum NetworkFileFuzz {
    static func run(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        var file: NetworkFile?
        do throws(NetworkFileError) {
            file = try NetworkFile(yaml: text)
        } catch .otherID(let stated, let computed) {
            // A fuzzer cannot guess the hash of a genesis, so it is told.
            guard let range = text.firstRange(of: stated) else { return }
            file = try? NetworkFile(yaml: text.replacingCharacters(in: range, with: computed.description))
        } catch {
            try require("\(error)".utf8.count < 1_000, "a long complaint")
        }
        guard let file else { return }
        try requireEqual(try NetworkFile(yaml: file.yaml), file, "a file written and read again")
        try requireEqual(file.network, file.genesis.networkID, "a network's id")
        try require(file.bootstrap.allSatisfy { $0.peerID != nil }, "an address without a peer")
        _ = file.nodeConfiguration
    }

    static func seeds() throws -> [[UInt8]] {
        let open = try Genesis(
            name: "n",
            created: 1_795_132_800,
            disputeWindow: 3_600,
            clockSkew: 60,
            newsAge: 600,
            recordsPerSignerAndMinute: 4_096,
            signers: .anyone
        )
        let closed = try Genesis(
            name: "007",
            created: 1,
            disputeWindow: 60,
            clockSkew: 1,
            newsAge: 60,
            recordsPerSignerAndMinute: 1,
            signers: .listed(FuzzIdentities.all.prefix(2).map { $0.publicKey.ethereumAddress })
        )
        let address = DiscoveryFuzz.addresses[0].with(FuzzIdentities.own.id)
        return try [
            NetworkFile(genesis: open, bootstrap: [address], isLocal: false).yaml,
            NetworkFile(genesis: closed, bootstrap: [], isLocal: true).yaml, "a: &a [*a, *a]", "id: [", "- 1", "",
            "id: 1\nid: 2",
        ].map { Array($0.utf8) }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
