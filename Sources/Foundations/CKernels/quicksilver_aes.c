// AES-128 over QuickSilver wires, one committed byte per S-box.
#include "tab_quicksilver_inline.h"

#include "include/tab_cpu.h"

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

// Adds the constraint of up to 8 S-boxes with inputs x and committed inverses y (FAEST, version 2, has the same two
// equations). For each, x^2·y + x = 0 and x·y^2 + y = 0; the second is raised to the 128th power, an automorphism of
// GF(2^8), and becomes x^128·y + y^128 = 0. Times X^8, it shares its product with the first:
//     (x^2 + X^8·x^128)·y + (x + X^8·y^128) = 0,
// and S-box k has the weight X^k. Powers of the variables with exponent 2^i are linear in their bits.
TAB_QS_INLINE void constrain(
    tab_qs_cursor *cursor, const uint8_t *x, const uint8_t *y, const tab_block *inputs, const tab_block *inverses,
    size_t count, int accelerated
) {
    const int is_prover = cursor->is_prover != 0;
    shifted_sum low = {{0, 0}, {0, 0}}, cross = {{0, 0}, {0, 0}};
    for (size_t k = 0; k < count; k++) {
        const tab_block p = map_wires(inputs + 8 * k, factor_map, accelerated);
        const tab_block q = map_wires(inverses + 8 * k, identity_map, accelerated);
        const tab_block product = tab_qs_times(p, q, accelerated);
        add_shifted(&low, product, k);
        if (is_prover) {
            // The cross terms of values and MACs, and the product of the values. The latter equals the value of the
            // linear terms, which are therefore taken below with their values added, that is, with low bits cleared.
            const tab_block value_p = map_byte(x[k], factor_map);
            const tab_block value_q = map_byte(y[k], identity_map);
            add_shifted(&cross, tab_qs_times(p ^ value_p, q ^ value_q, accelerated) ^ product, k);
        }
    }
    const tab_block kept = {~(uint64_t)is_prover, ~(uint64_t)0};
    tab_block x_sums[8], y_sums[8];
    for (size_t j = 0; j < 8; j++) {
        shifted_sum x_sum = {{0, 0}, {0, 0}}, y_sum = {{0, 0}, {0, 0}};
        for (size_t k = 0; k < count; k++) {
            add_shifted(&x_sum, inputs[8 * k + j] & kept, k);
            add_shifted(&y_sum, inverses[8 * k + j] & kept, k);
        }
        x_sums[j] = reduce_shifted(x_sum);
        y_sums[j] = reduce_shifted(y_sum);
    }
    const tab_block linear = map_wires(x_sums, identity_map, accelerated) ^ map_wires(y_sums, root_map, accelerated);
    tab_qs_store(cursor, reduce_shifted(low), linear ^ reduce_shifted(cross), accelerated);
}

// `count` bytes, 1 to 16, through the S-box.
TAB_QS_INLINE void substitute(
    tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count, int accelerated
) {
    const tab_block one = tab_qs_one(cursor);
    uint8_t x[16] = {0}, y[16] = {0};
    if (cursor->is_prover) {
        byte_lanes lanes;
        for (size_t k = 0; k < count; k++) x[k] = low_bits(in + 8 * k);
        __builtin_memcpy(&lanes, x, sizeof lanes);
        lanes = invert_lanes(lanes);
        __builtin_memcpy(y, &lanes, sizeof lanes);
    }
    tab_block inverses[8 * TAB_QS_SBOXES_PER_CONSTRAINT];
    for (size_t start = 0; start < count; start += TAB_QS_SBOXES_PER_CONSTRAINT) {
        const size_t left = count - start;
        const size_t group = left < TAB_QS_SBOXES_PER_CONSTRAINT ? left : TAB_QS_SBOXES_PER_CONSTRAINT;
        const tab_block *inputs = in + 8 * start;
        for (size_t k = 0; k < group; k++) {
            commit_byte(cursor, y[start + k], one, inverses + 8 * k);
            affine(inverses + 8 * k, out + 8 * (start + k), one);
        }
        // With a constant count the shifts below are constants too.
        if (group == TAB_QS_SBOXES_PER_CONSTRAINT) {
            constrain(cursor, x + start, y + start, inputs, inverses, TAB_QS_SBOXES_PER_CONSTRAINT, accelerated);
        } else {
            constrain(cursor, x + start, y + start, inputs, inverses, group, accelerated);
        }
    }
}

static void substitute_portable(tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count) {
    substitute(cursor, in, out, count, 0);
}

#if TAB_X86
TAB_ACCELERATED static void substitute_accelerated(
    tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count
) {
    substitute(cursor, in, out, count, 1);
}
#endif

static void substitute_bytes(tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count) {
#if TAB_X86
    if (tab_cpu_accelerated()) {
        substitute_accelerated(cursor, in, out, count);
        return;
    }
#endif
    substitute_portable(cursor, in, out, count);
}

// Where ShiftRows takes byte `byte` of a state from.
static inline size_t shifted_source(size_t byte) { return (byte + 4 * (byte & 3)) & 15; }

// The last round of a block whose 16 output bytes are opened: with them and the last round key, the inverses are known
// to be linear in the key's wires, and need no commitment (FAEST does so with its public ciphertext).
TAB_QS_INLINE void open_last_round(
    tab_qs_cursor *cursor, const tab_block *state, const tab_block *round_key, uint8_t *output, int accelerated
) {
    const tab_block one = tab_qs_one(cursor);
    uint8_t x[16] = {0}, y[16] = {0};
    if (cursor->is_prover) {
        byte_lanes lanes;
        for (size_t k = 0; k < 16; k++) x[k] = low_bits(state + 8 * k);
        __builtin_memcpy(&lanes, x, sizeof lanes);
        lanes = invert_lanes(lanes);
        __builtin_memcpy(y, &lanes, sizeof lanes);
        for (size_t byte = 0; byte < 16; byte++) {
            cursor->message[byte] = affine_byte(y[shifted_source(byte)]) ^ low_bits(round_key + 8 * byte);
        }
    }
    tab_block inverses[128];
    for (size_t byte = 0; byte < 16; byte++) {
        const byte_lanes opened = (byte_lanes)cursor->message[byte];
        tab_block substituted[8];
        for (size_t j = 0; j < 8; j++) substituted[j] = round_key[8 * byte + j] ^ (bit_mask(opened, j) & one);
        inverse_affine(substituted, inverses + 8 * shifted_source(byte), one);
        output[byte] = cursor->message[byte];
    }
    cursor->message += 16;
    for (size_t start = 0; start < 16; start += TAB_QS_SBOXES_PER_CONSTRAINT) {
        constrain(
            cursor, x + start, y + start, state + 8 * start, inverses + 8 * start, TAB_QS_SBOXES_PER_CONSTRAINT,
            accelerated
        );
    }
}

static void open_last_portable(
    tab_qs_cursor *cursor, const tab_block *state, const tab_block *round_key, uint8_t *output
) {
    open_last_round(cursor, state, round_key, output, 0);
}

#if TAB_X86
TAB_ACCELERATED static void open_last_accelerated(
    tab_qs_cursor *cursor, const tab_block *state, const tab_block *round_key, uint8_t *output
) {
    open_last_round(cursor, state, round_key, output, 1);
}
#endif

static void open_last(tab_qs_cursor *cursor, const tab_block *state, const tab_block *round_key, uint8_t *output) {
#if TAB_X86
    if (tab_cpu_accelerated()) {
        open_last_accelerated(cursor, state, round_key, output);
        return;
    }
#endif
    open_last_portable(cursor, state, round_key, output);
}

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

// ShiftRows, MixColumns and AddRoundKey.
static void diffuse(const tab_block *substituted, const tab_block *round_key, tab_block *state) {
    for (size_t column = 0; column < 4; column++) {
        const tab_block *bytes[4];
        for (size_t row = 0; row < 4; row++) bytes[row] = substituted + 8 * (4 * ((column + row) & 3) + row);
        mix_column(bytes, state + 32 * column);
    }
    add_wires(state, round_key, 128);
}

// The rounds from `first` up to the last but one; `state` is the first one's input and becomes the last one's.
static void rounds(tab_qs_cursor *cursor, const tab_block *round_keys, size_t first, tab_block *state) {
    tab_block substituted[128];
    for (size_t round = first; round < 10; round++) {
        substitute_bytes(cursor, state, substituted, 16);
        diffuse(substituted, round_keys + 128 * round, state);
    }
}

static void last_round(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *state, tab_block *output) {
    tab_block substituted[128];
    substitute_bytes(cursor, state, substituted, 16);
    for (size_t byte = 0; byte < 16; byte++) {
        copy_wires(output + 8 * byte, substituted + 8 * shifted_source(byte), 8);
    }
    add_wires(output, round_keys + 1280, 128);
}

void tab_qs_aes_key_schedule(tab_qs_cursor *cursor, const tab_block *key, tab_block *round_keys) {
    static const uint8_t round_constants[10] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36};
    copy_wires(round_keys, key, 128);
    for (size_t round = 0; round < 10; round++) {
        const tab_block *last = round_keys + 128 * round;
        tab_block *next = round_keys + 128 * (round + 1);
        tab_block rotated[32], substituted[32];
        copy_wires(rotated, last + 104, 24);
        copy_wires(rotated + 24, last + 96, 8);
        substitute_bytes(cursor, rotated, substituted, 4);
        add_public_byte(substituted, round_constants[round], tab_qs_one(cursor));
        copy_wires(next, last, 128);
        add_wires(next, substituted, 32);
        for (size_t i = 32; i < 128; i++) next[i] ^= next[i - 32];
    }
}

void tab_qs_aes_encrypt(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *input,
                        tab_block *output) {
    tab_block state[128];
    copy_wires(state, input, 128);
    add_wires(state, round_keys, 128);
    rounds(cursor, round_keys, 1, state);
    last_round(cursor, round_keys, state, output);
}

// In round 1 only byte 15 depends on the lowest counter byte. ShiftRows moves it into column 0 (with bytes 0, 5
// and 10), so in round 2 only bytes 0...3 do; ShiftRows then spreads these over all columns.
void tab_qs_aes_ctr_prefix(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *nonce,
                           uint32_t counter, tab_block *prefix) {
    const tab_block one = tab_qs_one(cursor);
    tab_block state[120], substituted[128], columns[96];
    copy_wires(state, nonce, 96);
    for (size_t i = 96; i < 120; i++) state[i] = (tab_block){0, 0};
    for (size_t byte = 0; byte < 3; byte++) {
        add_public_byte(state + 96 + 8 * byte, (uint8_t)(counter >> (24 - 8 * byte)), one);
    }
    add_wires(state, round_keys, 120);
    substitute_bytes(cursor, state, substituted, 15);
    copy_wires(prefix, substituted, 8);
    copy_wires(prefix + 8, substituted + 40, 8);
    copy_wires(prefix + 16, substituted + 80, 8);
    for (size_t column = 1; column < 4; column++) {
        const tab_block *bytes[4];
        for (size_t row = 0; row < 4; row++) bytes[row] = substituted + 8 * (4 * ((column + row) & 3) + row);
        mix_column(bytes, columns + 32 * (column - 1));
    }
    add_wires(columns, round_keys + 160, 96);
    substitute_bytes(cursor, columns, prefix + 24, 12);
}

// A counter block up to its last round.
static void ctr_rounds(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix, uint32_t counter,
                       tab_block *state) {
    tab_block last[8], substituted[128];
    copy_wires(last, round_keys + 120, 8);
    add_public_byte(last, (uint8_t)counter, tab_qs_one(cursor));
    substitute_bytes(cursor, last, substituted, 1);
    const tab_block *bytes[4] = {prefix, prefix + 8, prefix + 16, substituted};
    mix_column(bytes, state);
    add_wires(state, round_keys + 128, 32);
    substitute_bytes(cursor, state, substituted, 4);
    copy_wires(substituted + 32, prefix + 24, 96);
    diffuse(substituted, round_keys + 256, state);
    rounds(cursor, round_keys, 3, state);
}

void tab_qs_aes_ctr_block(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix,
                          uint32_t counter, tab_block *output) {
    tab_block state[128];
    ctr_rounds(cursor, round_keys, prefix, counter, state);
    last_round(cursor, round_keys, state, output);
}

void tab_qs_aes_opened_ctr_block(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix,
                                 uint32_t counter, uint8_t *output) {
    tab_block state[128];
    ctr_rounds(cursor, round_keys, prefix, counter, state);
    open_last(cursor, state, round_keys + 1280, output);
}
