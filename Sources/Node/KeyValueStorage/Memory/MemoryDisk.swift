internal import Synchronization

/// A simulated disk with one store, for tests and simulations: what a crash leaves is drawn from the caller's seed.
///
/// Writes go to a log in the page cache. A synced write reaches the medium with all before it. When the process dies
/// the page cache survives; when the power fails, the medium keeps what was synced and a torn, random part of the rest.
/// Opening replays the log up to the first torn batch, as LevelDB does.
package final class MemoryDisk: Sendable {
    struct State: Sendable {
        /// What readers see.
        var current = SortedRecords()
        /// What is safe.
        var durable = SortedRecords()
        /// Batches that are not synced yet.
        var log = BatchLog()
        /// Grows with each opening and crash; a store of an earlier one is dead.
        var generation = 0
        var isOpen = false
        var capacity: Int?
        var writesUntilFailure: Int?
        var failed: String?
        var syncCount = 0
    }

    let state: Mutex<State>

    /// An empty disk for at most `capacity` bytes of keys and values.
    package init(capacity: Int? = nil) {
        state = Mutex(State(capacity: capacity))
    }

    /// How many synced writes there were: what a real disk would spend most time on.
    package var syncCount: Int { state.withLock { $0.syncCount } }

    /// Changes the capacity, as an operator who makes room does.
    package func setCapacity(_ capacity: Int?) {
        state.withLock { $0.capacity = capacity }
    }

    /// Lets the write after the next `count` fail as a broken disk does.
    package func failWrite(after count: Int) {
        state.withLock { $0.writesUntilFailure = count }
    }

    /// The process dies (kill -9): the store that was open is dead, all that it wrote is there.
    package func killProcess() {
        state.withLock { state in
            state.generation += 1
            state.isOpen = false
        }
    }

    /// The power fails: the store that was open is dead; of the unsynced bytes a random part is left, perhaps torn.
    ///
    /// Pass a seeded generator to repeat a run.
    ///
    /// - Returns: How many unsynced batches survived, all of them before every one that was lost.
    @discardableResult
    package func losePower(random: inout some RandomNumberGenerator) -> Int {
        // Drawn outside the lock, always the same number of values.
        let fraction = Double.random(in: 0..<1, using: &random)
        let tearing = Int.random(in: 0..<4, using: &random)
        let flipped = Int.random(in: 0..<(1 << 30), using: &random)
        return state.withLock { state in
            let bytes = state.log.bytes
            let kept = Int((fraction * Double(bytes.count + 1)).rounded(.down))
            var found = Array(bytes.prefix(kept))
            switch tearing {
            case 0: break
            // The file's length reached the disk, its last pages did not.
            case 1: found += [UInt8](repeating: 0, count: bytes.count - kept)
            // Later pages reached the disk, one before them only in part.
            case 2:
                found = bytes
                if kept < bytes.count { found[kept] ^= UInt8(1 + flipped % 255) }
            // Nothing unsynced reached the disk.
            default: found = []
            }
            let survivors = BatchLog(found: found).intactBatches()
            for batch in survivors { state.durable.apply(batch) }
            state.current = state.durable
            state.log = BatchLog()
            state.generation += 1
            state.isOpen = false
            state.failed = nil
            return survivors.count
        }
    }
}
