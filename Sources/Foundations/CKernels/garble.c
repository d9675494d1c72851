#include "tab_garble.h"

#include <string.h>

#include "tab_aes_inline.h"
#include "tab_aes_portable.h"
#include "tab_cpu.h"

// Notation of the half-gates paper: A and B are the labels of a gate's inputs, T_G and T_E its ciphertexts, p and s colour
// bits. Every AND gate uses two hash keys, seed ⊕ 2g for A and seed ⊕ (2g + 1) for B.

#define LABEL_BYTES 16
#define TABLE_BYTES (2 * LABEL_BYTES)

static inline tab_block load_label(const uint8_t *bytes) {
    tab_block block;
    memcpy(&block, bytes, LABEL_BYTES);
    return block;
}

static inline void store_label(uint8_t *bytes, tab_block block) { memcpy(bytes, &block, LABEL_BYTES); }

// σ, a linear orthomorphism: both σ and x ↦ σ(x) ⊕ x are permutations.
static inline tab_block sigma(tab_block x) { return (tab_block){x[0] ^ x[1], x[0]}; }

// `value` if the colour bit of `label` is 1, else zero, without a branch.
static inline tab_block if_coloured(tab_block label, tab_block value) {
    const uint64_t mask = 0 - (label[0] & 1);
    return value & (tab_block){mask, mask};
}

static inline tab_block tweaked(tab_block seed, uint64_t tweak) { return seed ^ (tab_block){tweak, 0}; }

// What a garbler computes from the hashes of A, A ⊕ Δ, B and B ⊕ Δ: writes the table, returns the output's zero-label.
static inline tab_block garble_and(
    tab_block a, tab_block b, tab_block delta, tab_block ha0, tab_block ha1, tab_block hb0, tab_block hb1, uint8_t *table
) {
    const tab_block tg = ha0 ^ ha1 ^ if_coloured(b, delta);
    const tab_block hb = hb0 ^ hb1;
    store_label(table, tg);
    store_label(table + LABEL_BYTES, hb ^ a);
    return ha0 ^ if_coloured(a, tg) ^ hb0 ^ if_coloured(b, hb);
}

// What an evaluator computes from the hashes of its two labels.
static inline tab_block evaluate_and(tab_block a, tab_block b, tab_block ha, tab_block hb, const uint8_t *table) {
    const tab_block tg = load_label(table), te = load_label(table + LABEL_BYTES);
    return ha ^ hb ^ if_coloured(a, tg) ^ if_coloured(b, te ^ a);
}

// `complement` is what inverting a wire adds to its label: Δ for the garbler, nothing for the evaluator.
static inline void run_linear(const tab_gate *gates, size_t count, tab_block *slots, tab_block complement) {
    for (size_t i = 0; i < count; i++) {
        const tab_gate gate = gates[i];
        slots[gate.out] = slots[gate.a] ^ (gate.op == TAB_GATE_XOR ? slots[gate.b] : complement);
    }
}

#if TAB_X86

// Four gates have eight hash keys. The garbler hashes two labels under each key, the evaluator one.
#define UNIT 4

// Encrypts the eight blocks of `x` and those of `y` in place, x[k] and y[k] under key k, expanding the keys on the way.
TAB_ACCELERATED static inline void encrypt_pairs(__m128i keys[8], __m128i x[8], __m128i y[8]) {
#pragma clang loop unroll(full)
    for (int k = 0; k < 8; k++) {
        x[k] = _mm_xor_si128(x[k], keys[k]);
        y[k] = _mm_xor_si128(y[k], keys[k]);
    }
#pragma clang loop unroll(full)
    for (int round = 0; round < 9; round++) {
        const __m128i constant = _mm_set1_epi32((int)tab_aes_round_constants[round]);
#pragma clang loop unroll(full)
        for (int k = 0; k < 8; k++) {
            keys[k] = tab_aesni_next_round_key(keys[k], constant);
            x[k] = _mm_aesenc_si128(x[k], keys[k]);
            y[k] = _mm_aesenc_si128(y[k], keys[k]);
        }
    }
    const __m128i constant = _mm_set1_epi32((int)tab_aes_round_constants[9]);
#pragma clang loop unroll(full)
    for (int k = 0; k < 8; k++) {
        keys[k] = tab_aesni_next_round_key(keys[k], constant);
        x[k] = _mm_aesenclast_si128(x[k], keys[k]);
        y[k] = _mm_aesenclast_si128(y[k], keys[k]);
    }
}

// Loads the input labels of up to four gates and the keys that hash them; what is missing repeats the first gate.
TAB_ACCELERATED static inline void load_unit(
    const tab_gate *gates, size_t count, const tab_block *slots, tab_block seed, uint64_t gate, tab_block labels[8],
    __m128i keys[8]
) {
#pragma clang loop unroll(full)
    for (size_t i = 0; i < UNIT; i++) {
        const tab_gate *g = gates + (i < count ? i : 0);
        labels[2 * i] = slots[g->a];
        labels[2 * i + 1] = slots[g->b];
        keys[2 * i] = (__m128i)tweaked(seed, 2 * (gate + i));
        keys[2 * i + 1] = (__m128i)tweaked(seed, 2 * (gate + i) + 1);
    }
}

TAB_ACCELERATED static inline void accelerated_garble_unit(
    const tab_gate *gates, size_t count, tab_block *slots, tab_block delta, tab_block seed, uint64_t gate, uint8_t *tables
) {
    const tab_block sigma_delta = sigma(delta);
    tab_block labels[8];
    __m128i keys[8], h0[8], h1[8];
    load_unit(gates, count, slots, seed, gate, labels, keys);
#pragma clang loop unroll(full)
    for (int k = 0; k < 8; k++) {
        h0[k] = (__m128i)sigma(labels[k]);
        h1[k] = (__m128i)(sigma(labels[k]) ^ sigma_delta);
    }
    encrypt_pairs(keys, h0, h1);
    for (size_t i = 0; i < count; i++) {
        const tab_block a = labels[2 * i], b = labels[2 * i + 1];
        const tab_block ha0 = (tab_block)h0[2 * i] ^ sigma(a), ha1 = (tab_block)h1[2 * i] ^ sigma(a) ^ sigma_delta;
        const tab_block hb0 = (tab_block)h0[2 * i + 1] ^ sigma(b), hb1 = (tab_block)h1[2 * i + 1] ^ sigma(b) ^ sigma_delta;
        slots[gates[i].out] = garble_and(a, b, delta, ha0, ha1, hb0, hb1, tables + TABLE_BYTES * i);
    }
}

TAB_ACCELERATED static inline void accelerated_evaluate_unit(
    const tab_gate *gates, size_t count, tab_block *slots, tab_block seed, uint64_t gate, const uint8_t *tables
) {
    tab_block labels[8];
    __m128i keys[8], hashes[8];
    load_unit(gates, count, slots, seed, gate, labels, keys);
#pragma clang loop unroll(full)
    for (int k = 0; k < 8; k++) hashes[k] = (__m128i)sigma(labels[k]);
    tab_aesni_expand_encrypt8(keys, hashes);
    for (size_t i = 0; i < count; i++) {
        const tab_block a = labels[2 * i], b = labels[2 * i + 1];
        const tab_block ha = (tab_block)hashes[2 * i] ^ sigma(a), hb = (tab_block)hashes[2 * i + 1] ^ sigma(b);
        slots[gates[i].out] = evaluate_and(a, b, ha, hb, tables + TABLE_BYTES * i);
    }
}

TAB_ACCELERATED static void accelerated_garble(
    const tab_gate *gates, const tab_segment *segments, size_t segment_count, tab_block *slots, tab_block delta,
    tab_block seed, uint64_t gate, uint8_t *tables
) {
    for (size_t s = 0; s < segment_count; s++) {
        const tab_gate *run = gates + segments[s].first;
        const size_t count = segments[s].count;
        if (!segments[s].is_and) {
            run_linear(run, count, slots, delta);
            continue;
        }
        size_t i = 0;
        for (; i + UNIT <= count; i += UNIT) {
            accelerated_garble_unit(run + i, UNIT, slots, delta, seed, gate + i, tables + TABLE_BYTES * i);
        }
        if (i < count) {
            accelerated_garble_unit(run + i, count - i, slots, delta, seed, gate + i, tables + TABLE_BYTES * i);
        }
        gate += count;
        tables += TABLE_BYTES * count;
    }
}

TAB_ACCELERATED static void accelerated_evaluate(
    const tab_gate *gates, const tab_segment *segments, size_t segment_count, tab_block *slots, tab_block seed,
    uint64_t gate, const uint8_t *tables
) {
    for (size_t s = 0; s < segment_count; s++) {
        const tab_gate *run = gates + segments[s].first;
        const size_t count = segments[s].count;
        if (!segments[s].is_and) {
            run_linear(run, count, slots, (tab_block){0, 0});
            continue;
        }
        size_t i = 0;
        for (; i + UNIT <= count; i += UNIT) {
            accelerated_evaluate_unit(run + i, UNIT, slots, seed, gate + i, tables + TABLE_BYTES * i);
        }
        if (i < count) {
            accelerated_evaluate_unit(run + i, count - i, slots, seed, gate + i, tables + TABLE_BYTES * i);
        }
        gate += count;
        tables += TABLE_BYTES * count;
    }
}

#endif

// Portable: four gates, whose eight keys fill one batch of the bitsliced cipher.
#define PORTABLE_UNIT 4

static size_t portable_load(
    const tab_gate *gates, size_t left, const tab_block *slots, tab_block seed, uint64_t gate, tab_block labels[8],
    tab_block round_keys[11][8]
) {
    const size_t count = left < PORTABLE_UNIT ? left : PORTABLE_UNIT;
    tab_block keys[8];
    for (size_t i = 0; i < PORTABLE_UNIT; i++) {
        const tab_gate *g = gates + (i < count ? i : 0);
        labels[2 * i] = slots[g->a];
        labels[2 * i + 1] = slots[g->b];
        keys[2 * i] = tweaked(seed, 2 * (gate + i));
        keys[2 * i + 1] = tweaked(seed, 2 * (gate + i) + 1);
    }
    tab_portable_expand8(keys, round_keys);
    return count;
}

// H of labels[k] ⊕ offset under key k.
static void portable_hash(
    const tab_block round_keys[11][8], const tab_block labels[8], tab_block offset, tab_block hashes[8]
) {
    for (int k = 0; k < 8; k++) hashes[k] = sigma(labels[k] ^ offset);
    tab_portable_encrypt8_keys(round_keys, hashes);
    for (int k = 0; k < 8; k++) hashes[k] ^= sigma(labels[k] ^ offset);
}

static void portable_garble(
    const tab_gate *gates, const tab_segment *segments, size_t segment_count, tab_block *slots, tab_block delta,
    tab_block seed, uint64_t gate, uint8_t *tables
) {
    for (size_t s = 0; s < segment_count; s++) {
        const tab_gate *run = gates + segments[s].first;
        if (!segments[s].is_and) {
            run_linear(run, segments[s].count, slots, delta);
            continue;
        }
        for (size_t left = segments[s].count; left > 0;) {
            tab_block labels[8], round_keys[11][8], h0[8], h1[8];
            const size_t count = portable_load(run, left, slots, seed, gate, labels, round_keys);
            portable_hash(round_keys, labels, (tab_block){0, 0}, h0);
            portable_hash(round_keys, labels, delta, h1);
            for (size_t i = 0; i < count; i++) {
                const size_t a = 2 * i, b = 2 * i + 1;
                slots[run[i].out] = garble_and(
                    labels[a], labels[b], delta, h0[a], h1[a], h0[b], h1[b], tables + TABLE_BYTES * i
                );
            }
            run += count;
            left -= count;
            gate += count;
            tables += TABLE_BYTES * count;
        }
    }
}

static void portable_evaluate(
    const tab_gate *gates, const tab_segment *segments, size_t segment_count, tab_block *slots, tab_block seed,
    uint64_t gate, const uint8_t *tables
) {
    for (size_t s = 0; s < segment_count; s++) {
        const tab_gate *run = gates + segments[s].first;
        if (!segments[s].is_and) {
            run_linear(run, segments[s].count, slots, (tab_block){0, 0});
            continue;
        }
        for (size_t left = segments[s].count; left > 0;) {
            tab_block labels[8], round_keys[11][8], hashes[8];
            const size_t count = portable_load(run, left, slots, seed, gate, labels, round_keys);
            portable_hash(round_keys, labels, (tab_block){0, 0}, hashes);
            for (size_t i = 0; i < count; i++) {
                const size_t a = 2 * i, b = 2 * i + 1;
                slots[run[i].out] = evaluate_and(labels[a], labels[b], hashes[a], hashes[b], tables + TABLE_BYTES * i);
            }
            run += count;
            left -= count;
            gate += count;
            tables += TABLE_BYTES * count;
        }
    }
}

void tab_garble(
    const tab_gate *gates, const tab_segment *segments, size_t segment_count, tab_block *slots, tab_block delta,
    tab_block seed, uint64_t first_gate, uint8_t *tables
) {
#if TAB_X86
    if (tab_cpu_accelerated()) {
        accelerated_garble(gates, segments, segment_count, slots, delta, seed, first_gate, tables);
        return;
    }
#endif
    portable_garble(gates, segments, segment_count, slots, delta, seed, first_gate, tables);
}

void tab_evaluate_garbled(
    const tab_gate *gates, const tab_segment *segments, size_t segment_count, tab_block *slots, tab_block seed,
    uint64_t first_gate, const uint8_t *tables
) {
#if TAB_X86
    if (tab_cpu_accelerated()) {
        accelerated_evaluate(gates, segments, segment_count, slots, seed, first_gate, tables);
        return;
    }
#endif
    portable_evaluate(gates, segments, segment_count, slots, seed, first_gate, tables);
}

void tab_wipe_blocks(tab_block *blocks, size_t count) {
    memset(blocks, 0, count * sizeof(tab_block));
    __asm__ __volatile__("" : : "r"(blocks) : "memory");
}
