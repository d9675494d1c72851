// AES-128 over QuickSilver wires, one committed byte per S-box.
#include "tab_quicksilver_inline.h"

#include "include/tab_cpu.h"

// Powers 0...7 of a root of x^8 + x^4 + x^3 + x + 1, AES's polynomial, in GF(2^128), and their squares: the image
// of a byte is the sum of the powers that its bits select (FAEST, version 1, section 3.2 uses such a lifting).
static const tab_block root_powers[8] = {
    {0x0000000000000001, 0x0000000000000000}, {0xa13fe8ac5560ce0d, 0x053d8555a9979a1c},
    {0xec7759ca3488aee1, 0x4cf4b7439cbfbb84}, {0xbfcf02ae363946a8, 0x35ad604f7d51d2c6},
    {0x6b8330483c2e9849, 0x0dcb364640a222fe}, {0x252b49277b1b82b4, 0x549810e11a88dea5},
    {0xc72bf2ef2521ff22, 0xd681a5686c0c1f75}, {0x7a7a8e94e136f9bc, 0x0950311a4fb78fe0},
};
static const tab_block root_squares[8] = {
    {0x0000000000000001, 0x0000000000000000}, {0xec7759ca3488aee1, 0x4cf4b7439cbfbb84},
    {0x6b8330483c2e9849, 0x0dcb364640a222fe}, {0xc72bf2ef2521ff22, 0xd681a5686c0c1f75},
    {0x7573da4a5f7710ed, 0x3d5bd35c94646a24}, {0xb1b8e0ac5c8b95df, 0xfb406285976aa892},
    {0x41a12db1f974f3ac, 0x6d58c4e181f9199f}, {0x0f0954debe41e950, 0x340be246dbd3e5c4},
};

// The images of byte k of the bit slices and of its square.
static inline void lift_slices(const uint32_t slices[8], size_t k, tab_block *plain, tab_block *squared) {
    tab_block p = {0, 0}, q = {0, 0};
    for (size_t j = 0; j < 8; j++) {
        p ^= tab_qs_when(slices[j] >> k, root_powers[j]);
        q ^= tab_qs_when(slices[j] >> k, root_squares[j]);
    }
    *plain = p;
    *squared = q;
}

// Bytes in bit slices: bit k of word j is bit j of byte k. Arithmetic modulo AES's polynomial.
static inline void reduce_slices(uint32_t wide_slices[15], uint32_t out[8]) {
    for (size_t i = 14; i >= 8; i--) {
        wide_slices[i - 4] ^= wide_slices[i];
        wide_slices[i - 5] ^= wide_slices[i];
        wide_slices[i - 7] ^= wide_slices[i];
        wide_slices[i - 8] ^= wide_slices[i];
    }
    for (size_t i = 0; i < 8; i++) out[i] = wide_slices[i];
}

static inline void multiply_slices(const uint32_t a[8], const uint32_t b[8], uint32_t out[8]) {
    uint32_t sums[15] = {0};
    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 8; j++) sums[i + j] ^= a[i] & b[j];
    }
    reduce_slices(sums, out);
}

static inline void square_slices(const uint32_t a[8], uint32_t out[8]) {
    uint32_t sums[15] = {0};
    for (size_t i = 0; i < 8; i++) sums[2 * i] = a[i];
    reduce_slices(sums, out);
}

// x^254, the inverse of x, or zero for zero.
static void invert_slices(const uint32_t x[8], uint32_t out[8]) {
    uint32_t x2[8], x3[8], x12[8], x15[8], x240[8], x252[8];
    square_slices(x, x2);
    multiply_slices(x2, x, x3);
    square_slices(x3, x12);
    square_slices(x12, x12);
    multiply_slices(x12, x3, x15);
    square_slices(x15, x240);
    square_slices(x240, x240);
    square_slices(x240, x240);
    square_slices(x240, x240);
    multiply_slices(x240, x12, x252);
    multiply_slices(x252, x2, out);
}

// The affine map of the S-box (FIPS 197, section 5.1.1).
static inline void affine(const tab_block in[8], tab_block out[8], tab_block one) {
    tab_block odd = in[0] ^ in[1] ^ in[2] ^ in[3] ^ in[4] ^ in[5] ^ in[6] ^ in[7];
    for (size_t i = 0; i < 8; i++) {
        out[i] = odd ^ in[(i + 1) & 7] ^ in[(i + 2) & 7] ^ in[(i + 3) & 7] ^ tab_qs_when(0x63 >> i, one);
    }
}

TAB_QS_INLINE void lift_wires(const tab_block *wires, tab_block *plain, tab_block *squared, int accelerated) {
    // Weight 0 is 1 for both, so that wire 0 only joins the reduced sums.
#if TAB_X86
    if (accelerated) {
        const __m128i zero = _mm_setzero_si128();
        __m128i sums[6] = {zero, zero, zero, zero, zero, zero};
        for (size_t j = 1; j < 8; j++) {
            const __m128i wire = (__m128i)wires[j];
            tab_clmul_accumulate(wire, (__m128i)root_powers[j], &sums[0], &sums[1], &sums[2]);
            tab_clmul_accumulate(wire, (__m128i)root_squares[j], &sums[3], &sums[4], &sums[5]);
        }
        *plain = wires[0] ^ (tab_block)tab_clmul_reduce(sums[0], sums[1], sums[2]);
        *squared = wires[0] ^ (tab_block)tab_clmul_reduce(sums[3], sums[4], sums[5]);
        return;
    }
#endif
    tab_gf128_wide p = {{0}}, q = {{0}};
    for (size_t j = 1; j < 8; j++) {
        tab_portable_gf128_accumulate(wires[j], root_powers[j], &p);
        tab_portable_gf128_accumulate(wires[j], root_squares[j], &q);
    }
    *plain = wires[0] ^ tab_portable_gf128_reduce(&p);
    *squared = wires[0] ^ tab_portable_gf128_reduce(&q);
}

// `count` bytes, 1 to 16, through the S-box. For input x and committed inverse y the two constraints are
// x^2·y + x = 0 and x·y^2 + y = 0; squares are linear in the wires, so both have degree 2.
TAB_QS_INLINE void substitute(
    tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count, int accelerated
) {
    const tab_block one = tab_qs_one(cursor);
    uint32_t x[8] = {0}, y[8] = {0};
    if (cursor->is_prover) {
        for (size_t k = 0; k < count; k++) {
            for (size_t j = 0; j < 8; j++) x[j] |= (uint32_t)(in[8 * k + j][0] & 1) << k;
        }
        invert_slices(x, y);
    }
    tab_block low = {0, 0}, linear = {0, 0};
    for (size_t k = 0; k < count; k++) {
        tab_block inverse[8], px, qx, py, qy;
        uint8_t correction = cursor->is_prover ? 0 : *cursor->message;
        for (size_t j = 0; j < 8; j++) {
            const tab_block correlation = *cursor->correlations++;
            if (cursor->is_prover) correction |= (uint8_t)((((y[j] >> k) ^ correlation[0]) & 1) << j);
            inverse[j] = correlation ^ tab_qs_when(correction >> j, one);
        }
        if (cursor->is_prover) *cursor->message = correction;
        cursor->message++;
        affine(inverse, out + 8 * k, one);
        lift_wires(in + 8 * k, &px, &qx, accelerated);
        lift_wires(inverse, &py, &qy, accelerated);
        const tab_block a0 = tab_qs_times(qx, py, accelerated), b0 = tab_qs_times(px, qy, accelerated);
        tab_block a1 = px, b1 = py;
        if (cursor->is_prover) {
            // With the values added, each product also holds the two cross terms and the product of the values,
            // which equals the value of the linear term.
            tab_block vx, wx, vy, wy;
            lift_slices(x, k, &vx, &wx);
            lift_slices(y, k, &vy, &wy);
            a1 ^= tab_qs_times(qx ^ wx, py ^ vy, accelerated) ^ a0 ^ vx;
            b1 ^= tab_qs_times(px ^ vx, qy ^ wy, accelerated) ^ b0 ^ vy;
        }
        low = tab_qs_times_x(tab_qs_times_x(low) ^ a0) ^ b0;
        linear = tab_qs_times_x(tab_qs_times_x(linear) ^ a1) ^ b1;
        if ((k + 1) % TAB_QS_SBOXES_PER_CONSTRAINT == 0 || k + 1 == count) {
            tab_qs_store(cursor, low, linear, accelerated);
            low = linear = (tab_block){0, 0};
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

// The rounds from `first` on; `state` is that round's input.
static void rounds(tab_qs_cursor *cursor, const tab_block *round_keys, size_t first, tab_block *state,
                   tab_block *output) {
    tab_block substituted[128];
    for (size_t round = first; round < 10; round++) {
        substitute_bytes(cursor, state, substituted, 16);
        diffuse(substituted, round_keys + 128 * round, state);
    }
    substitute_bytes(cursor, state, substituted, 16);
    for (size_t byte = 0; byte < 16; byte++) {
        size_t source = (byte + 4 * (byte & 3)) & 15;
        copy_wires(output + 8 * byte, substituted + 8 * source, 8);
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
    rounds(cursor, round_keys, 1, state, output);
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

void tab_qs_aes_ctr_block(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix,
                          uint32_t counter, tab_block *output) {
    tab_block last[8], state[128], substituted[128];
    copy_wires(last, round_keys + 120, 8);
    add_public_byte(last, (uint8_t)counter, tab_qs_one(cursor));
    substitute_bytes(cursor, last, substituted, 1);
    const tab_block *bytes[4] = {prefix, prefix + 8, prefix + 16, substituted};
    mix_column(bytes, state);
    add_wires(state, round_keys + 128, 32);
    substitute_bytes(cursor, state, substituted, 4);
    copy_wires(substituted + 32, prefix + 24, 96);
    diffuse(substituted, round_keys + 256, state);
    rounds(cursor, round_keys, 3, state, output);
}
