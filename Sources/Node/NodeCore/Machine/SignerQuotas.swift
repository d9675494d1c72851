internal import Attestations
internal import KeyValueStorage

/// How many records each signer has of each minute; the same for everyone, whenever the records arrive.
struct SignerQuotas: Sendable {
    private struct Span: Hashable {
        let signer: EthereumAddress
        let minute: UInt64
    }

    /// Counts that are remembered; beyond, they are counted anew.
    private static let cachedCountMax = 1_024

    private let countMax: Int
    private var counts: [Span: Int] = [:]

    /// At most `countMax` records of a signer and a minute.
    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Whether a signer may have another record of the minute of `time`, in Unix milliseconds.
    mutating func hasRoom(
        _ signer: EthereumAddress,
        at time: UInt64,
        in store: any KeyValueReader
    ) throws(StorageError) -> Bool {
        try count(signer, at: time, in: store) < countMax
    }

    /// Whether it is known already that a signer may have no further record of the minute of `time`.
    func isKnownFull(_ signer: EthereumAddress, at time: UInt64) -> Bool {
        counts[span(signer, time)].map { $0 >= countMax } ?? false
    }

    /// Counts a record that is stored now; after ``hasRoom(_:at:in:)``, which counted those before.
    mutating func insert(_ signer: EthereumAddress, at time: UInt64) {
        counts[span(signer, time)]? += 1
    }

    /// All commits are done: what is stored can be counted there.
    mutating func settle() {
        if counts.count > Self.cachedCountMax { counts = [:] }
    }

    private func span(_ signer: EthereumAddress, _ time: UInt64) -> Span {
        Span(signer: signer, minute: DigestLevel.minute.index(of: time))
    }

    private mutating func count(
        _ signer: EthereumAddress,
        at time: UInt64,
        in store: any KeyValueReader
    ) throws(StorageError) -> Int {
        let span = span(signer, time)
        if let known = counts[span] { return known }
        let start = DigestLevel.minute.start(of: span.minute)
        let range = NodeStore.notarizationsByNotary.range(
            from: AccountTimeKey(account: signer, time: TimeKey(time: start)),
            before: AccountTimeKey(account: signer, time: TimeKey(time: start + DigestLevel.minute.milliseconds))
        )
        let page = try store.scan(range, order: .ascending, limit: ScanLimit(count: countMax, byteCount: 16 << 20))
        counts[span] = page.entries.count
        return page.entries.count
    }
}
