/// The global offset of one party's correlations: MACs and keys, or a gate's two labels, differ by it.
///
/// Its low bit is 1, so the low bit of a label is its colour and the low bit of a MAC its choice bit. Fresh for every
/// session; whoever learns it can forge.
package struct Delta: Sendable, Redacted {
    /// The offset.
    package let block: Block

    /// A random offset: 127 bits of `random`.
    package init(random: inout BlockPRG) {
        block = random.nextBlock() | Block(1, 0)
    }

    /// The offset that equals `block` with its low bit set, for replaying a recorded session and for tests.
    package init(settingLowBitOf block: Block) {
        self.block = block | Block(1, 0)
    }
}
