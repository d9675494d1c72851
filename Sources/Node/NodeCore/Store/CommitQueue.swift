internal import Attestations
internal import Gossip
internal import KeyValueStorage
internal import Records

/// What was promised for when a batch is safe.
enum Completion: Sendable {
    /// Accept a message of gossip, so that it goes on.
    case accept(MessageID)
    /// Answer a request to sign.
    case answer(SigningRequestID, SigningAnswer, SignatureKey)
    /// A record is safe.
    case recorded(AttestationID, SessionKey, RecordOrigin)
    /// An own attestation may be published.
    case publish(TimeKey, bytes: [UInt8])
    /// Own messages may be numbered up to here.
    case reserved(through: UInt64)
    /// An exchange may ask on.
    case continueExchange(StreamID)
    /// Records are removed.
    case pruned(recordCount: Int, byteCount: Int)
}

/// Groups changes into batches and follows them until they are safe.
///
/// Of the batches at most ``CommitParameters/inFlightMax`` are under way; what is added meanwhile goes into the next, so
/// that one wait for the disk serves many records.
struct CommitQueue: Sendable {
    private struct Entry {
        var batch = WriteBatch()
        var needsSync = false
        var completions: [Completion] = []
        /// Whether nothing is added any more.
        var isClosed = false
    }

    private let parameters: CommitParameters
    /// The batch that is still added to, and full ones before it.
    private var waiting: [Entry] = []
    private var inFlight: [(token: CommitToken, completions: [Completion])] = []
    private var last = CommitToken(number: 0)
    /// Records in ``waiting`` and ``inFlight``.
    private(set) var recordCount = 0
    /// Requests to sign that wait.
    private(set) var signatureCount = 0

    init(parameters: CommitParameters) {
        self.parameters = parameters
    }

    /// Whether nothing waits and nothing is under way.
    var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }
    /// Commits under way.
    var inFlightCount: Int { inFlight.count }
    /// Whether another record may wait.
    var hasRoomForRecord: Bool { recordCount < parameters.waitingRecordCountMax }
    /// Whether another request to sign may wait.
    var hasRoomForSignature: Bool { signatureCount < parameters.waitingSignatureCountMax }

    /// Whether the batch that is added to is full, so that ``close(writing:)`` has to be called before more is added.
    var isFull: Bool {
        waiting.last.map { !$0.isClosed && $0.batch.byteCount >= parameters.batchByteCountMax } ?? false
    }

    /// Adds changes that belong together and what follows when they are safe.
    mutating func add(_ changes: WriteBatch, sync: Bool, _ completions: [Completion] = []) {
        if waiting.last?.isClosed ?? true { waiting.append(Entry()) }
        let index = waiting.count - 1
        waiting[index].batch.append(changes)
        waiting[index].needsSync = waiting[index].needsSync || sync
        waiting[index].completions += completions
        for completion in completions { count(completion, 1) }
    }

    /// Lets something follow when all that was added is safe; false if that is so already.
    mutating func follow(_ completion: Completion) -> Bool {
        if let last = waiting.indices.last {
            waiting[last].completions.append(completion)
        } else if let last = inFlight.indices.last {
            inFlight[last].completions.append(completion)
        } else {
            return false
        }
        count(completion, 1)
        return true
    }

    /// Ends the batch that is added to, if there is one, with the digests as they are now.
    mutating func close(writing digests: inout DigestTable) throws(StorageError) {
        guard let last = waiting.indices.last, !waiting[last].isClosed else { return }
        try digests.write(to: &waiting[last].batch)
        waiting[last].isClosed = true
    }

    /// Takes the next batch if it may go now.
    mutating func takeNext(
        writing digests: inout DigestTable
    ) throws(StorageError) -> (batch: WriteBatch, sync: Bool, token: CommitToken)? {
        guard inFlight.count < parameters.inFlightMax, !waiting.isEmpty else { return nil }
        if waiting.count == 1 { try close(writing: &digests) }
        let entry = waiting.removeFirst()
        last = CommitToken(number: last.number + 1)
        inFlight.append((last, entry.completions))
        return (entry.batch, entry.needsSync, last)
    }

    /// Commits are done: what follows, in order.
    mutating func finish(through token: CommitToken) -> [Completion] {
        let done = inFlight.prefix { $0.token <= token }.flatMap(\.completions)
        inFlight.removeAll { $0.token <= token }
        for completion in done { count(completion, -1) }
        return done
    }

    /// The store failed: nothing of what waited will be safe.
    mutating func failAll() -> [Completion] {
        let failed = inFlight.flatMap(\.completions) + waiting.flatMap(\.completions)
        inFlight = []
        waiting = []
        recordCount = 0
        signatureCount = 0
        return failed
    }

    private mutating func count(_ completion: Completion, _ change: Int) {
        switch completion {
        case .recorded: recordCount += change
        case .answer: signatureCount += change
        default: break
        }
    }
}
