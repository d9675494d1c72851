// 128 × n bit transpose. x86-64 always has SSE2, so no dispatch is needed; elsewhere 8 × 8 blocks of bits are transposed
// inside 64-bit words.
#include "tab_transpose.h"

#include <string.h>

#include "tab_aes_inline.h"

#if TAB_X86

// Sixteen rows by eight columns at a time: gather a byte of sixteen rows, then movemask peels off one column of sixteen
// bits, highest bit first.
static void transpose_tile(const uint8_t *rows, size_t stride, uint8_t *output) {
    for (size_t group = 0; group < 8; group++) {
        const uint8_t *source = rows + 16 * group * stride;
        __m128i line[16];
        // Byte-transpose 16 rows × 16 bytes with four rounds of interleaving.
        for (int r = 0; r < 16; r++) line[r] = _mm_loadu_si128((const __m128i *)(source + (size_t)r * stride));
        for (int round = 0; round < 4; round++) {
            __m128i next[16];
            for (int r = 0; r < 8; r++) {
                next[2 * r] = _mm_unpacklo_epi8(line[r], line[r + 8]);
                next[2 * r + 1] = _mm_unpackhi_epi8(line[r], line[r + 8]);
            }
            memcpy(line, next, sizeof line);
        }
        for (int byte = 0; byte < 16; byte++) {
            __m128i bits = line[byte];
            for (int bit = 7; bit >= 0; bit--) {
                const uint16_t column = (uint16_t)_mm_movemask_epi8(bits);
                memcpy(output + 16 * (size_t)(8 * byte + bit) + 2 * group, &column, sizeof column);
                bits = _mm_slli_epi64(bits, 1);
            }
        }
    }
}

#else

static inline uint64_t transpose_8x8(uint64_t x) {
    uint64_t moved = (x ^ (x >> 7)) & 0x00aa00aa00aa00aaULL;
    x ^= moved ^ (moved << 7);
    moved = (x ^ (x >> 14)) & 0x0000cccc0000ccccULL;
    x ^= moved ^ (moved << 14);
    moved = (x ^ (x >> 28)) & 0x00000000f0f0f0f0ULL;
    return x ^ moved ^ (moved << 28);
}

static void transpose_tile(const uint8_t *rows, size_t stride, uint8_t *output) {
    for (size_t group = 0; group < 16; group++) {
        for (size_t byte = 0; byte < 16; byte++) {
            uint64_t square = 0;
            for (size_t r = 0; r < 8; r++) square |= (uint64_t)rows[(8 * group + r) * stride + byte] << (8 * r);
            square = transpose_8x8(square);
            for (size_t bit = 0; bit < 8; bit++) output[16 * (8 * byte + bit) + group] = (uint8_t)(square >> (8 * bit));
        }
    }
}

#endif

void tab_transpose_128(const uint8_t *rows, size_t row_stride, tab_block *output, size_t column_count) {
    for (size_t column = 0; column + 128 <= column_count; column += 128) {
        transpose_tile(rows + column / 8, row_stride, (uint8_t *)(output + column));
    }
}
