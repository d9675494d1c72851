import CKernels
import CryptoCore
import Testing

@Suite struct TransposeTests {
    @Test(arguments: [128, 256, 1024], [0, 5])
    func everyBitMovesToItsPlace(columns: Int, slack: Int) {
        let stride = columns / 8 + slack
        var random = BlockPRG(seed: Block(UInt64(columns), UInt64(slack)))
        let rows = random.bytes(128 * stride)
        var output = [Block](repeating: .zero, count: columns)
        tab_transpose_128(rows, stride, &output, columns)
        for column in 0..<columns {
            for row in 0..<128 {
                let bit = rows[row * stride + column / 8] >> (column % 8) & 1 == 1
                guard output[column].bit(row) == bit else {
                    Issue.record("row \(row), column \(column)")
                    return
                }
            }
        }
    }
}
