private import CKernels
internal import CryptoCore

/// The slots of a circuit's execution: memory that is reused from circuit to circuit and zeroed at the end.
///
/// The garbler's labels are as secret as the values they stand for. Sendable because the value alone owns its memory and
/// cannot be copied.
struct LabelStore: ~Copyable, @unchecked Sendable {
    private var slots = UnsafeMutableBufferPointer<Block>(start: nil, count: 0)

    /// Puts the inputs into the first slots.
    ///
    /// - Returns: at least `slotCount` slots, valid until the next call or the end of this value.
    mutating func load(_ inputs: [Block], slotCount: Int) -> UnsafeMutablePointer<Block> {
        if slotCount > self.slots.count {
            self.release()
            self.slots = .allocate(capacity: slotCount)
            self.slots.initialize(repeating: .zero)
        }
        // A circuit has at least one input, hence at least one slot, hence the buffer has an address.
        guard let base = self.slots.baseAddress else { preconditionFailure("a circuit has slots") }
        _ = self.slots.update(fromContentsOf: inputs)
        return base
    }

    private func release() {
        guard let base = self.slots.baseAddress else { return }
        tab_wipe_blocks(base, self.slots.count)
        self.slots.deallocate()
    }

    deinit {
        self.release()
    }
}
