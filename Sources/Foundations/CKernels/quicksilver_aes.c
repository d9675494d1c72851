// AES-128 over QuickSilver wires, one committed byte per S-box.
#include "tab_quicksilver_aes_inline.h"

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

void tab_qs_substitute_bytes(tab_qs_cursor *cursor, const tab_block *in, tab_block *out, size_t count) {
#if TAB_X86
    if (tab_cpu_accelerated()) {
        substitute_accelerated(cursor, in, out, count);
        return;
    }
#endif
    substitute_portable(cursor, in, out, count);
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
        tab_qs_substitute_bytes(cursor, rotated, substituted, 4);
        add_public_byte(substituted, round_constants[round], tab_qs_one(cursor));
        copy_wires(next, last, 128);
        add_wires(next, substituted, 32);
        for (size_t i = 32; i < 128; i++) next[i] ^= next[i - 32];
    }
}

void tab_qs_aes_encrypt(tab_qs_cursor *cursor, const tab_block *round_keys, const tab_block *input,
                        tab_block *output) {
    tab_block state[128], substituted[128];
    copy_wires(state, input, 128);
    add_wires(state, round_keys, 128);
    for (size_t round = 1; round < 10; round++) {
        tab_qs_substitute_bytes(cursor, state, substituted, 16);
        diffuse(substituted, round_keys + 128 * round, state);
    }
    tab_qs_substitute_bytes(cursor, state, substituted, 16);
    for (size_t byte = 0; byte < 16; byte++) {
        copy_wires(output + 8 * byte, substituted + 8 * shifted_source(byte), 8);
    }
    add_wires(output, round_keys + 1280, 128);
}
