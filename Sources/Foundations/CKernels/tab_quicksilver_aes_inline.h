// AES over QuickSilver wires: what its two C files share. See tab_quicksilver_inline.h for `accelerated`.
#ifndef TAB_QUICKSILVER_AES_INLINE_H
#define TAB_QUICKSILVER_AES_INLINE_H

#include "include/tab_cpu.h"
#include "tab_quicksilver_inline.h"

// GF(2^8), as AES has it, lies in GF(2^128); a byte's image is the sum of the powers 0...7, which its bits select, of a
// root of x^8 + x^4 + x^3 + x + 1. The other tables are the images, at those powers, of two more maps that are linear
// in the bits: b -> b^2 + X^8·b^128 and b -> X^8·b^128. (The 128th power is the square root.)
static const tab_block identity_map[8] = {
    {0x0000000000000001, 0x0000000000000000}, {0xa13fe8ac5560ce0d, 0x053d8555a9979a1c},
    {0xec7759ca3488aee1, 0x4cf4b7439cbfbb84}, {0xbfcf02ae363946a8, 0x35ad604f7d51d2c6},
    {0x6b8330483c2e9849, 0x0dcb364640a222fe}, {0x252b49277b1b82b4, 0x549810e11a88dea5},
    {0xc72bf2ef2521ff22, 0xd681a5686c0c1f75}, {0x7a7a8e94e136f9bc, 0x0950311a4fb78fe0},
};
static const tab_block factor_map[8] = {
    {0x0000000000000101, 0x0000000000000000}, {0xe5984f2a4f1c30e3, 0x5ea378eecb9baf69},
    {0x546b9c1d5ce097d2, 0x304e63efd7383e5f}, {0x3aad6607f883e967, 0xfb576f1926b1711f},
    {0x022a107ed7d9d609, 0xc9ec90c02bdfeec8}, {0x979d515cc323a1a6, 0xde63533a9341b9c3},
    {0x8ea38387c03241a7, 0xc0388b9cd02bdf20}, {0xf6b78803a6201f4c, 0xaf0cbe49ce7efbd5},
};
static const tab_block root_map[8] = {
    {0x0000000000000100, 0x0000000000000000}, {0x09ef16e07b949e02, 0x1257cfad572414ed},
    {0x3fe8ac5560ce0f9b, 0x3d8555a9979a1ca1}, {0xfd8694e8dda21645, 0x2dd6ca714abd6e6a},
    {0x7759ca3488aec6e4, 0xf4b7439cbfbb84ec}, {0x2625b1f09fa83479, 0x252331bf042b1151},
    {0xcf02ae363946b20b, 0xad604f7d51d2c6bf}, {0xf9bedcdd1861f61c, 0x9b075c0f15ad1e11},
};

// Sixteen bytes, one per lane.
typedef uint8_t byte_lanes __attribute__((ext_vector_type(16)));

// All ones if bit `j` of the byte that fills `filled` is set, else zero, without a branch.
TAB_QS_INLINE tab_block bit_mask(byte_lanes filled, size_t j) {
    const byte_lanes bit = (byte_lanes)(uint8_t)(1u << j);
    return (tab_block)((filled & bit) == bit);
}

// The image of a byte under a map.
TAB_QS_INLINE tab_block map_byte(uint8_t byte, const tab_block map[8]) {
    tab_block sum = {0, 0};
    for (size_t j = 0; j < 8; j++) sum ^= bit_mask((byte_lanes)byte, j) & map[j];
    return sum;
}

// The values of a byte's wires, or the random bits of eight correlations.
TAB_QS_INLINE uint8_t low_bits(const tab_block *wires) {
    uint64_t byte = 0;
    for (size_t j = 0; j < 8; j++) byte |= (wires[j][0] & 1) << j;
    return (uint8_t)byte;
}

// Arithmetic modulo AES's polynomial, lane by lane.
static inline byte_lanes double_lanes(byte_lanes a) {
    return (a << 1) ^ ((0 - (a >> 7)) & (byte_lanes)(uint8_t)0x1b);
}

static inline byte_lanes multiply_lanes(byte_lanes a, byte_lanes b) {
    byte_lanes product = (byte_lanes)(uint8_t)0;
    for (size_t j = 0; j < 8; j++) {
        const byte_lanes bit = (byte_lanes)(uint8_t)(1u << j);
        product ^= (byte_lanes)((b & bit) == bit) & a;
        a = double_lanes(a);
    }
    return product;
}

// a to the power 2^count.
static inline byte_lanes square_lanes(byte_lanes a, size_t count) {
    // The squares of 1, x, x^2, ...
    static const uint8_t squares[8] = {0x01, 0x04, 0x10, 0x40, 0x1b, 0x6c, 0xab, 0x9a};
    for (size_t i = 0; i < count; i++) {
        byte_lanes sum = (byte_lanes)(uint8_t)0;
        for (size_t j = 0; j < 8; j++) {
            const byte_lanes bit = (byte_lanes)(uint8_t)(1u << j);
            sum ^= (byte_lanes)((a & bit) == bit) & (byte_lanes)squares[j];
        }
        a = sum;
    }
    return a;
}

// x^254, the inverse of x, or zero for zero.
static byte_lanes invert_lanes(byte_lanes x) {
    const byte_lanes x2 = square_lanes(x, 1), x3 = multiply_lanes(x2, x), x12 = square_lanes(x3, 2);
    const byte_lanes x240 = square_lanes(multiply_lanes(x12, x3), 4);
    return multiply_lanes(multiply_lanes(x240, x12), x2);
}

// The affine map of the S-box (FIPS 197, section 5.1.1).
static inline void affine(const tab_block in[8], tab_block out[8], tab_block one) {
    tab_block odd = in[0] ^ in[1] ^ in[2] ^ in[3] ^ in[4] ^ in[5] ^ in[6] ^ in[7];
    for (size_t i = 0; i < 8; i++) {
        out[i] = odd ^ in[(i + 1) & 7] ^ in[(i + 2) & 7] ^ in[(i + 3) & 7] ^ tab_qs_when(0x63 >> i, one);
    }
}

// The inverse of that map (FIPS 197, section 5.3.2).
static inline void inverse_affine(const tab_block in[8], tab_block out[8], tab_block one) {
    for (size_t i = 0; i < 8; i++) {
        out[i] = in[(i + 2) & 7] ^ in[(i + 5) & 7] ^ in[(i + 7) & 7] ^ tab_qs_when(0x05 >> i, one);
    }
}

// The affine map on a byte.
static inline uint8_t affine_byte(uint8_t byte) {
    const uint32_t twice = byte * 0x101u;
    return (uint8_t)(twice ^ (twice >> 4) ^ (twice >> 5) ^ (twice >> 6) ^ (twice >> 7) ^ 0x63);
}

// The sum of wires[j]·map[j]: what the byte's wires become under the map.
TAB_QS_INLINE tab_block map_wires(const tab_block *wires, const tab_block map[8], int accelerated) {
#if TAB_X86
    if (accelerated) {
        __m128i low = _mm_setzero_si128(), middle = low, high = low;
        for (size_t j = 0; j < 8; j++) {
            tab_clmul_accumulate((__m128i)wires[j], (__m128i)map[j], &low, &middle, &high);
        }
        return (tab_block)tab_clmul_reduce(low, middle, high);
    }
#endif
    tab_gf128_wide sum = {{0}};
    for (size_t j = 0; j < 8; j++) tab_portable_gf128_accumulate(wires[j], map[j], &sum);
    return tab_portable_gf128_reduce(&sum);
}

// A sum of elements times powers of X below 8, reduced at the end: per lane the low 64 bits, and what was shifted out.
typedef struct {
    tab_block kept, carried;
} shifted_sum;

TAB_QS_INLINE void add_shifted(shifted_sum *sum, tab_block value, size_t power) {
    sum->kept ^= value << (tab_block){power, power};
    sum->carried ^= (value >> 1) >> (tab_block){63 - power, 63 - power};
}

TAB_QS_INLINE tab_block reduce_shifted(shifted_sum sum) {
    const uint64_t top = sum.carried[1];
    return sum.kept ^ (tab_block){top ^ (top << 1) ^ (top << 2) ^ (top << 7), sum.carried[0]};
}

// The wires of a committed byte: the prover, who knows it, writes the correction of its eight correlations; the verifier
// reads it.
TAB_QS_INLINE void commit_byte(tab_qs_cursor *cursor, uint8_t byte, tab_block one, tab_block *out) {
    if (cursor->is_prover) *cursor->message = byte ^ low_bits(cursor->correlations);
    const byte_lanes correction = (byte_lanes)*cursor->message;
    for (size_t j = 0; j < 8; j++) out[j] = cursor->correlations[j] ^ (bit_mask(correction, j) & one);
    cursor->message++;
    cursor->correlations += 8;
}

// `count` bytes, 1 to 16, through the S-box, one committed byte each.
void tab_qs_substitute_bytes(tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count);

// Where ShiftRows takes byte `byte` of a state from.
static inline size_t shifted_source(size_t byte) { return (byte + 4 * (byte & 3)) & 15; }

static inline void copy_wires(tab_block *out, const tab_block *in, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = in[i];
}

static inline void add_wires(tab_block *out, const tab_block *in, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] ^= in[i];
}

static inline void add_public_byte(tab_block *wires, uint8_t value, tab_block one) {
    for (size_t i = 0; i < 8; i++) wires[i] ^= tab_qs_when(value >> i, one);
}

// One column: four bytes, given by address, through MixColumns (FIPS 197, section 5.1.3).
static inline void mix_column(const tab_block *const bytes[4], tab_block *out) {
    tab_block total[8];
    for (size_t i = 0; i < 8; i++) total[i] = bytes[0][i] ^ bytes[1][i] ^ bytes[2][i] ^ bytes[3][i];
    for (size_t row = 0; row < 4; row++) {
        const tab_block *a = bytes[row], *b = bytes[(row + 1) & 3];
        tab_block top = a[7] ^ b[7];
        for (size_t i = 0; i < 8; i++) {
            tab_block doubled = i == 0 ? top : a[i - 1] ^ b[i - 1];
            if (i == 1 || i == 3 || i == 4) doubled ^= top;
            out[8 * row + i] = a[i] ^ total[i] ^ doubled;
        }
    }
}

// ShiftRows and MixColumns.
static inline void spread(const tab_block *substituted, tab_block *state) {
    for (size_t column = 0; column < 4; column++) {
        const tab_block *bytes[4];
        for (size_t row = 0; row < 4; row++) bytes[row] = substituted + 8 * (4 * ((column + row) & 3) + row);
        mix_column(bytes, state + 32 * column);
    }
}

// ShiftRows, MixColumns and AddRoundKey.
static inline void diffuse(const tab_block *substituted, const tab_block *round_key, tab_block *state) {
    spread(substituted, state);
    add_wires(state, round_key, 128);
}

#endif
