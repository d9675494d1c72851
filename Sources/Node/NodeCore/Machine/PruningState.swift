internal import KeyValueStorage
internal import PeerProtocols
internal import Records

/// How far the store was pruned.
struct PruningState: Sendable {
    private let parameters: RetentionParameters
    /// What was recorded before it was removed for want of space, in Unix milliseconds.
    private(set) var removedBefore: UInt64
    /// When the next step is due.
    var nextAt: MonotonicInstant
    /// Whether a step is on its way to the store: the next one must not see what it removes.
    var isUnderWay = false
    /// Whether the last step removed all that a step may.
    var isBehind = false

    init(
        store: any KeyValueReader,
        parameters: RetentionParameters,
        now: MonotonicInstant
    ) throws(StorageError) {
        self.parameters = parameters
        removedBefore = try store.value(in: NodeStore.floor, for: SingleKey())?.value ?? 0
        nextAt = now.advanced(by: parameters.stepInterval)
    }

    /// The time before which records are not taken in any more, in Unix milliseconds.
    func floor(now: UInt64) -> UInt64 {
        let age = parameters.recordAgeMax.wholeMilliseconds
        return max(removedBefore, now > age ? now - age : 0)
    }

    /// When the node wants to be woken for the next step; nil while it may wait for whatever wakes the node anyway.
    var wake: MonotonicInstant? { isBehind && !isUnderWay ? nextAt : nil }

    /// Records of `time` were removed.
    mutating func removed(through time: UInt64) {
        removedBefore = max(removedBefore, time < .max ? time + 1 : time)
    }
}
