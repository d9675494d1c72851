// AES-128 in counter mode over QuickSilver wires, half a committed byte for every other S-box (after FAEST, version 2).
//
// For the input x of an S-box of an odd round the prover commits to m = x^-17, which has 4 bits because x^17 lies in
// GF(2^4), or to 0 if x is 0. The inverse is then y = x^16·m: its bits are sums of products of two wires, polynomials
// of degree 2 in Delta that both parties compute. The next round's inputs are sums of these; its inverses are committed
// to as usual, which brings the degree down again. That y is the inverse of x, in both rounds, is a constraint of
// degree 3. In the last round, if the output is opened, the inverses are linear in the last round key.
#include "include/tab_gf128.h"
#include "tab_quicksilver_aes_inline.h"

enum { first_pair = 3, pairs = 4 };

// Bits of a state as polynomials of degree 2 in Delta. The prover: low + middle·Delta + value·Delta^2. The verifier:
// what they are at Delta, in `low`.
typedef struct {
    tab_block low[128], middle[128];
    uint8_t values[16];
} quadratic_state;

// A basis of GF(2^4) in AES's field, with coordinates that can be read off: bits 0, 2, 4 and 5 of an element.
// norm_masks[b][j] has bit a set if bit j of (x^a)^16 times basis element b is 1.
static const uint8_t norm_masks[4][8] = {
    {0x71, 0x02, 0xd6, 0xda, 0x62, 0x8c, 0x9e, 0x2c},
    {0x12, 0xa0, 0xef, 0x4d, 0x74, 0x92, 0x94, 0xee},
    {0x06, 0x7c, 0x86, 0x5a, 0x33, 0x36, 0xd7, 0xe6},
    {0x82, 0x72, 0xe8, 0xea, 0x3c, 0x15, 0x85, 0xc7},
};

static inline uint8_t norm_coordinates(uint8_t element) {
    return (uint8_t)((element & 1) | ((element >> 1) & 2) | ((element >> 2) & 4) | ((element >> 2) & 8));
}

// The sum of a[i]·b[i] for four pairs.
TAB_QS_INLINE tab_block sum_of_products(const tab_block a[4], const tab_block b[4], int accelerated) {
#if TAB_X86
    if (accelerated) {
        __m128i low = _mm_setzero_si128(), middle = low, high = low;
        for (size_t i = 0; i < 4; i++) {
            tab_clmul_accumulate((__m128i)a[i], (__m128i)b[i], &low, &middle, &high);
        }
        return (tab_block)tab_clmul_reduce(low, middle, high);
    }
#endif
    tab_gf128_wide sum = {{0}};
    for (size_t i = 0; i < 4; i++) tab_portable_gf128_accumulate(a[i], b[i], &sum);
    return tab_portable_gf128_reduce(&sum);
}

// The eight bits of x^16·m, as polynomials of degree 2.
TAB_QS_INLINE void times_norm(
    const tab_block *x, const tab_block *m, tab_block *low, tab_block *middle, int is_prover, int accelerated
) {
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 8; j++) {
        tab_block factors[4];
#pragma clang loop unroll(full)
        for (size_t b = 0; b < 4; b++) {
            tab_block sum = {0, 0};
#pragma clang loop unroll(full)
            for (size_t a = 0; a < 8; a++) {
                // Public and constant: no instruction is left of the condition.
                if ((norm_masks[b][j] >> a) & 1) sum ^= x[a];
            }
            factors[b] = sum;
        }
        low[j] = sum_of_products(factors, m, accelerated);
        if (is_prover) {
            tab_block sum = {0, 0};
            for (size_t b = 0; b < 4; b++) sum ^= tab_qs_when(m[b][0], factors[b]) ^ tab_qs_when(factors[b][0], m[b]);
            middle[j] = sum;
        }
    }
}

// Commits to the norms' inverses of 16 bytes and computes the bytes' inverses.
TAB_QS_INLINE void invert_by_norm(
    tab_qs_cursor *cursor, const tab_block *in, quadratic_state *out, int accelerated
) {
    const tab_block one = tab_qs_one(cursor);
    const int is_prover = cursor->is_prover != 0;
    uint8_t norms[16] = {0};
    if (is_prover) {
        byte_lanes x, y, inverse_norm;
        for (size_t k = 0; k < 16; k++) out->values[k] = low_bits(in + 8 * k);
        __builtin_memcpy(&x, out->values, sizeof x);
        y = invert_lanes(x);
        inverse_norm = multiply_lanes(square_lanes(y, 4), y);
        __builtin_memcpy(out->values, &y, sizeof y);
        __builtin_memcpy(norms, &inverse_norm, sizeof inverse_norm);
    }
    for (size_t pair = 0; pair < 8; pair++) {
        tab_block m[8];
        const uint8_t low = norm_coordinates(norms[2 * pair]), high = norm_coordinates(norms[2 * pair + 1]);
        commit_byte(cursor, (uint8_t)(low | high << 4), one, m);
        for (size_t k = 2 * pair; k < 2 * pair + 2; k++) {
            times_norm(in + 8 * k, m + 4 * (k & 1), out->low + 8 * k, out->middle + 8 * k, is_prover, accelerated);
        }
    }
}

// Adds the constraint that eight bytes, given as wires, and eight bytes of degree 2 are inverses of each other, or both
// zero. With u the wires' byte and v the other, the two equations and their combination are those of one committed byte
// per S-box, which are symmetric: (u^2 + X^8·u^128)·v + (u + X^8·v^128) = 0, byte k with weight X^k. Terms of a degree
// below 3 are multiplied by powers of Delta.
TAB_QS_INLINE void constrain_inverses(
    tab_qs_cursor *cursor, const tab_block *wires, const uint8_t *u, const tab_block *low, const tab_block *middle,
    const uint8_t *v, int accelerated
) {
    const int is_prover = cursor->is_prover != 0;
    shifted_sum sums[3] = {{{0, 0}, {0, 0}}, {{0, 0}, {0, 0}}, {{0, 0}, {0, 0}}};
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 8; k++) {
        const tab_block p = map_wires(wires + 8 * k, factor_map, accelerated);
        const tab_block q = map_wires(low + 8 * k, identity_map, accelerated);
        const tab_block first = tab_qs_times(p, q, accelerated);
        add_shifted(&sums[0], first, k);
        if (is_prover) {
            const tab_block p_value = map_byte(u[k], factor_map), q_value = map_byte(v[k], identity_map);
            const tab_block q_middle = map_wires(middle + 8 * k, identity_map, accelerated);
            const tab_block last = tab_qs_times(p_value, q_middle, accelerated);
            const tab_block both = tab_qs_times(p ^ p_value, q ^ q_middle, accelerated);
            add_shifted(&sums[1], both ^ first ^ last, k);
            add_shifted(&sums[2], last ^ tab_qs_times(p, q_value, accelerated), k);
        }
    }
    tab_block wire_sums[8], low_sums[8], middle_sums[8];
    for (size_t j = 0; j < 8; j++) {
        shifted_sum wire_sum = {{0, 0}, {0, 0}}, low_sum = wire_sum, middle_sum = wire_sum;
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 8; k++) {
            add_shifted(&wire_sum, wires[8 * k + j], k);
            add_shifted(&low_sum, low[8 * k + j], k);
            if (is_prover) add_shifted(&middle_sum, middle[8 * k + j], k);
        }
        wire_sums[j] = reduce_shifted(wire_sum);
        low_sums[j] = reduce_shifted(low_sum);
        middle_sums[j] = reduce_shifted(middle_sum);
    }
    const tab_block linear = map_wires(wire_sums, identity_map, accelerated);
    const tab_block root = map_wires(low_sums, root_map, accelerated);
    if (is_prover) {
        *cursor->cubic_constraints++ = reduce_shifted(sums[0]);
        *cursor->cubic_linear_terms++ = reduce_shifted(sums[1]) ^ root;
        *cursor->cubic_quadratic_terms++ =
            reduce_shifted(sums[2]) ^ map_wires(middle_sums, root_map, accelerated) ^ linear;
    } else {
        const tab_block lifted = root ^ tab_qs_times(linear, cursor->delta, accelerated);
        *cursor->cubic_constraints++ = reduce_shifted(sums[0]) ^ tab_qs_times(lifted, cursor->delta, accelerated);
    }
}

// The first round of a pair up to its S-boxes: commits and constrains.
TAB_QS_INLINE void first_inverses(tab_qs_cursor *cursor, const tab_block *in, quadratic_state *out, int accelerated) {
    invert_by_norm(cursor, in, out, accelerated);
    for (size_t start = 0; start < 16; start += 8) {
        uint8_t x[8];
        for (size_t k = 0; k < 8; k++) x[k] = low_bits(in + 8 * (start + k));
        constrain_inverses(
            cursor, in + 8 * start, x, out->low + 8 * start, out->middle + 8 * start, out->values + start, accelerated
        );
    }
}

// The second round's constraints, whose inputs have degree 2 and whose inverses are wires.
TAB_QS_INLINE void second_inverses(
    tab_qs_cursor *cursor, const quadratic_state *in, const tab_block *inverses, int accelerated
) {
    for (size_t start = 0; start < 16; start += 8) {
        uint8_t y[8];
        for (size_t k = 0; k < 8; k++) y[k] = low_bits(inverses + 8 * (start + k));
        constrain_inverses(
            cursor, inverses + 8 * start, y, in->low + 8 * start, in->middle + 8 * start, in->values + start,
            accelerated
        );
    }
}

static void first_inverses_portable(tab_qs_cursor *cursor, const tab_block *in, quadratic_state *out) {
    first_inverses(cursor, in, out, 0);
}

static void second_inverses_portable(tab_qs_cursor *cursor, const quadratic_state *in, const tab_block *inverses) {
    second_inverses(cursor, in, inverses, 0);
}

#if TAB_X86
TAB_ACCELERATED static void first_inverses_accelerated(
    tab_qs_cursor *cursor, const tab_block *in, quadratic_state *out
) {
    first_inverses(cursor, in, out, 1);
}

TAB_ACCELERATED static void second_inverses_accelerated(
    tab_qs_cursor *cursor, const quadratic_state *in, const tab_block *inverses
) {
    second_inverses(cursor, in, inverses, 1);
}
#endif

static int uses_accelerated(void) {
#if TAB_X86
    return tab_cpu_accelerated();
#else
    return 0;
#endif
}

static void invert_first(tab_qs_cursor *cursor, const tab_block *in, quadratic_state *out) {
#if TAB_X86
    if (uses_accelerated()) {
        first_inverses_accelerated(cursor, in, out);
        return;
    }
#endif
    first_inverses_portable(cursor, in, out);
}

static void constrain_second(tab_qs_cursor *cursor, const quadratic_state *in, const tab_block *inverses) {
#if TAB_X86
    if (uses_accelerated()) {
        second_inverses_accelerated(cursor, in, inverses);
        return;
    }
#endif
    second_inverses_portable(cursor, in, inverses);
}

static inline uint8_t double_byte(uint8_t a) { return (uint8_t)((a << 1) ^ ((0 - (a >> 7)) & 0x1b)); }

// The affine map, ShiftRows, MixColumns and AddRoundKey on a state of degree 2, in which a wire's polynomial is
// multiplied by Delta. `lifted` is the round key in that form: for the prover its wires, for the verifier these times
// Delta.
static void diffuse_quadratic(
    const tab_qs_cursor *cursor, quadratic_state *state, const tab_block *lifted, tab_block delta_squared
) {
    const tab_block zero = {0, 0};
    tab_block substituted[128];
    for (size_t k = 0; k < 16; k++) affine(state->low + 8 * k, substituted + 8 * k, delta_squared);
    spread(substituted, state->low);
    if (!cursor->is_prover) {
        add_wires(state->low, lifted, 128);
        return;
    }
    for (size_t k = 0; k < 16; k++) affine(state->middle + 8 * k, substituted + 8 * k, zero);
    spread(substituted, state->middle);
    add_wires(state->middle, lifted, 128);
    uint8_t values[16];
    for (size_t k = 0; k < 16; k++) values[k] = affine_byte(state->values[k]);
    for (size_t column = 0; column < 4; column++) {
        uint8_t bytes[4], total = 0;
        for (size_t row = 0; row < 4; row++) {
            bytes[row] = values[4 * ((column + row) & 3) + row];
            total ^= bytes[row];
        }
        for (size_t row = 0; row < 4; row++) {
            const size_t byte = 4 * column + row;
            const uint8_t doubled = double_byte(bytes[row] ^ bytes[(row + 1) & 3]);
            state->values[byte] = bytes[row] ^ total ^ doubled ^ low_bits(lifted + 8 * byte);
        }
    }
}

// The values of the second round's inverses; zeros for the verifier.
static void second_values(const tab_qs_cursor *cursor, const quadratic_state *state, uint8_t *inverses) {
    byte_lanes lanes = (byte_lanes)(uint8_t)0;
    if (cursor->is_prover) {
        __builtin_memcpy(&lanes, state->values, sizeof lanes);
        lanes = invert_lanes(lanes);
    }
    __builtin_memcpy(inverses, &lanes, sizeof lanes);
}

// Commits to the second round's inverses and gives its S-boxes' outputs.
static void substitute_second(tab_qs_cursor *cursor, const quadratic_state *state, tab_block *substituted) {
    const tab_block one = tab_qs_one(cursor);
    uint8_t values[16];
    tab_block inverses[128];
    second_values(cursor, state, values);
    for (size_t k = 0; k < 16; k++) {
        commit_byte(cursor, values[k], one, inverses + 8 * k);
        affine(inverses + 8 * k, substituted + 8 * k, one);
    }
    constrain_second(cursor, state, inverses);
}

// The last round if its output is opened: with that and the last round key, the inverses are linear in the key's
// wires, and need no commitment (FAEST does so with its public ciphertext).
static void open_last(
    tab_qs_cursor *cursor, const quadratic_state *state, const tab_block *round_key, uint8_t *output
) {
    const tab_block one = tab_qs_one(cursor);
    uint8_t values[16];
    tab_block inverses[128];
    second_values(cursor, state, values);
    for (size_t byte = 0; byte < 16; byte++) {
        const size_t source = shifted_source(byte);
        if (cursor->is_prover) *cursor->message = affine_byte(values[source]) ^ low_bits(round_key + 8 * byte);
        const byte_lanes opened = (byte_lanes)*cursor->message;
        tab_block substituted[8];
        for (size_t j = 0; j < 8; j++) substituted[j] = round_key[8 * byte + j] ^ (bit_mask(opened, j) & one);
        inverse_affine(substituted, inverses + 8 * source, one);
        output[byte] = *cursor->message++;
    }
    constrain_second(cursor, state, inverses);
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
    tab_qs_substitute_bytes(cursor, state, substituted, 15);
    copy_wires(prefix, substituted, 8);
    copy_wires(prefix + 8, substituted + 40, 8);
    copy_wires(prefix + 16, substituted + 80, 8);
    for (size_t column = 1; column < 4; column++) {
        const tab_block *bytes[4];
        for (size_t row = 0; row < 4; row++) bytes[row] = substituted + 8 * (4 * ((column + row) & 3) + row);
        mix_column(bytes, columns + 32 * (column - 1));
    }
    add_wires(columns, round_keys + 160, 96);
    tab_qs_substitute_bytes(cursor, columns, prefix + 24, 12);
    for (size_t pair = 0; pair < pairs; pair++) {
        const tab_block *key = round_keys + 128 * (first_pair + 2 * pair);
        if (cursor->is_prover) {
            copy_wires(prefix + 120 + 128 * pair, key, 128);
        } else {
            tab_gf128_scale(key, cursor->delta, prefix + 120 + 128 * pair, 128);
        }
    }
}

// A counter block up to the S-boxes of its last round.
static void ctr_rounds(
    tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix, uint32_t counter,
    quadratic_state *quadratic
) {
    tab_block last[8], state[128], substituted[128];
    copy_wires(last, round_keys + 120, 8);
    add_public_byte(last, (uint8_t)counter, tab_qs_one(cursor));
    tab_qs_substitute_bytes(cursor, last, substituted, 1);
    const tab_block *bytes[4] = {prefix, prefix + 8, prefix + 16, substituted};
    mix_column(bytes, state);
    add_wires(state, round_keys + 128, 32);
    tab_qs_substitute_bytes(cursor, state, substituted, 4);
    copy_wires(substituted + 32, prefix + 24, 96);
    diffuse(substituted, round_keys + 256, state);
    const tab_block delta_squared =
        cursor->is_prover ? (tab_block){0, 0} : tab_gf128_multiply(cursor->delta, cursor->delta);
    for (size_t pair = 0; pair < pairs; pair++) {
        invert_first(cursor, state, quadratic);
        diffuse_quadratic(cursor, quadratic, prefix + 120 + 128 * pair, delta_squared);
        if (pair == pairs - 1) break;
        substitute_second(cursor, quadratic, substituted);
        diffuse(substituted, round_keys + 128 * (first_pair + 2 * pair + 1), state);
    }
}

void tab_qs_aes_ctr_block(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix,
                          uint32_t counter, tab_block *output) {
    quadratic_state state;
    tab_block substituted[128];
    ctr_rounds(cursor, round_keys, prefix, counter, &state);
    substitute_second(cursor, &state, substituted);
    for (size_t byte = 0; byte < 16; byte++) {
        copy_wires(output + 8 * byte, substituted + 8 * shifted_source(byte), 8);
    }
    add_wires(output, round_keys + 1280, 128);
}

void tab_qs_aes_opened_ctr_block(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *prefix,
                                 uint32_t counter, uint8_t *output) {
    quadratic_state state;
    ctr_rounds(cursor, round_keys, prefix, counter, &state);
    open_last(cursor, &state, round_keys + 1280, output);
}
