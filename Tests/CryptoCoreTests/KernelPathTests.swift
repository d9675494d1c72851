import CKernels
import CryptoCore
import Testing

/// Every kernel gives the same bits with the processor's instructions and in portable code.
@Suite struct KernelPathTests {
    @Test(arguments: [1, 2, 7, 8, 9, 16, 31, 100])
    func blockCipherPathsAgree(count: Int) {
        let (fast, portable) = onBothPaths { () -> [[Block]] in
            var random = BlockPRG(seed: Block(1, UInt64(count)))
            let keys = random.blocks(count)
            let input = random.blocks(count)
            var each = [Block](repeating: .zero, count: count)
            tab_aes128_encrypt_each(keys, input, &each, count)
            var expanded = [tab_aes128_key](repeating: tab_aes128_key(), count: count)
            tab_aes128_expand_many(keys, count, &expanded)
            let oneByOne = zip(expanded, input).map { key, block in
                var output = Block.zero
                withUnsafePointer(to: key) { key in
                    withUnsafePointer(to: block) { tab_aes128_encrypt(key, $0, &output, 1) }
                }
                return output
            }
            #expect(each == oneByOne)
            return [keys, input, each, AES128(key: keys[0].littleEndianBytes).encrypt(input)]
        }
        #expect(fast == portable)
    }

    @Test(arguments: [1, 5, 8, 17, 64])
    func hashPathsAgree(count: Int) {
        let (fast, portable) = onBothPaths {
            var random = BlockPRG(seed: Block(2, UInt64(count)))
            return CorrelationRobustHash.hash(random.blocks(count), firstTweak: .max - 3)
        }
        #expect(fast == portable)
    }

    @Test(arguments: [1, 3, 4, 5, 64, 129])
    func fieldPathsAgree(count: Int) {
        let (fast, portable) = onBothPaths { () -> [Block] in
            var random = BlockPRG(seed: Block(3, UInt64(count)))
            let a = random.blocks(count)
            let b = random.blocks(count)
            var scaled = [Block](repeating: .zero, count: count)
            tab_gf128_scale(a, b[0], &scaled, count)
            #expect(scaled == a.map { GF128.multiply($0, b[0]) })
            let products = zip(a, b).map { GF128.multiply($0, $1) }
            #expect(GF128.innerProduct(a, b) == products.reduce(.zero, ^))
            let horner = tab_gf128_horner(b[0], a[0], b, count)
            #expect(horner == b.reduce(b[0]) { GF128.multiply($0, a[0]) ^ $1 })
            return products + scaled + [horner, GF128.inverse(a[0])]
        }
        #expect(fast == portable)
    }

    @Test(arguments: [1, 8, 19])
    func counterPathsAgreeAndWrap(count: Int) {
        let (fast, portable) = onBothPaths { () -> [Block] in
            var key = tab_aes128_key()
            tab_aes128_expand(Block(8, 9), &key)
            var stream = [Block](repeating: .zero, count: count)
            tab_aes128_counter(&key, .max - 2, 3, &stream, count)
            var counters = (0..<count).map { Block(UInt64.max - 2 &+ UInt64($0), 3) }
            tab_aes128_encrypt(&key, counters, &counters, count)
            #expect(stream == counters)
            return stream
        }
        #expect(fast == portable)
    }

    @Test func theSwitchSelectsThePath() {
        let (_, portable) = onBothPaths { tab_cpu_accelerated() }
        #expect(portable == 0)
    }
}
