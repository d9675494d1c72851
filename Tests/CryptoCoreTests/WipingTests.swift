import CryptoCore
import Testing

/// Secrets that primitives have on the stack do not outlive the call.
@Suite struct WipingTests {
    private static let seed = Block(0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321)

    /// The control for the tests below: what nobody wipes is found.
    @Test func whatIsNotWipedIsFound() {
        var random = BlockPRG(seed: Self.seed)
        let blocks = random.blocks(64).map(\.littleEndianBytes)
        let remains = deadStack { leaveOnStack(blocks.flatMap { $0 }) }
        #expect(count(of: blocks, in: remains) >= 32)
    }

    @Test(arguments: [64, 1000, 1024, 5000]) func fillLeavesNothingOfTheStream(byteCount: Int) {
        var random = BlockPRG(seed: Self.seed)
        var copy = random
        let blocks = copy.blocks((byteCount + 15) / 16).map(\.littleEndianBytes)
        var target = [UInt8](repeating: 0, count: byteCount)
        let remains = deadStack {
            target.withUnsafeMutableBytes { random.fill($0) }
        }
        #expect(target == Array(blocks.flatMap { $0 }.prefix(byteCount)))
        // The last block may pass through a register that is saved somewhere; a batch may not stay.
        #expect(count(of: blocks, in: remains) <= 1)
    }

    /// The states after K ⊕ ipad and K ⊕ opad are as good as the key.
    @Test func authenticationLeavesNoStateOfTheKey() {
        var random = BlockPRG(seed: Self.seed)
        let key = random.bytes(32)
        let message = random.bytes(20)
        let states = [UInt8(0x36), 0x5c].map { pad in
            let block = (0..<64).map { ($0 < key.count ? key[$0] : 0) ^ pad }
            return SHA256.compress(state: SHA256.initialState, block: block).flatMap { word in
                withUnsafeBytes(of: word) { Array($0) }
            }
        }
        let control = deadStack { leaveOnStack(states[0] + [UInt8](repeating: 1, count: 992)) }
        #expect(count(of: states, in: control) == 1)
        // The first call of a function of a library goes through the dynamic linker, which saves all registers.
        _ = HMACSHA256.authenticate(key: [1], message: [2])
        let remains = deadStack { _ = HMACSHA256.authenticate(key: key, message: message) }
        #expect(count(of: states, in: remains) == 0)
        #expect(count(of: [Array(key[..<16]), Array(key[16...])], in: remains) == 0)
    }

    @Test func hashingLeavesNoStateAndNoMessage() {
        var random = BlockPRG(seed: Self.seed)
        let message = random.bytes(48)
        // See above.
        #expect(SHA256.hash([1]).count == 32)
        let remains = deadStack { _ = SHA256.hash(message) }
        #expect(count(of: stride(from: 0, to: 48, by: 16).map { Array(message[$0..<$0 + 16]) }, in: remains) == 0)
    }

    @Test func aWipedHasherHasForgotten() {
        var hasher = SHA256Hasher()
        hasher.update(Array("secret".utf8))
        hasher.wipe()
        let state = withUnsafeBytes(of: hasher) { Array($0) }
        #expect(state.allSatisfy { $0 == 0 })
    }
}
