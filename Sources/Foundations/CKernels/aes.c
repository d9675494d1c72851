#include "tab_aes.h"

#include <string.h>

#include "tab_aes_inline.h"
#include "tab_aes_portable.h"
#include "tab_cpu.h"

// Blocks are handled eight at a time; a shorter rest is padded with zero blocks whose results are dropped.
#define BATCH 8

static inline size_t batch_size(size_t left) { return left < BATCH ? left : BATCH; }

#if TAB_X86

TAB_ACCELERATED static void accelerated_expand_many(const tab_block *keys, size_t count, tab_aes128_key *expanded) {
    for (size_t i = 0; i < count; i += BATCH) {
        const size_t n = batch_size(count - i);
        __m128i batch[BATCH] = {0}, round_keys[11][BATCH];
        memcpy(batch, keys + i, n * sizeof(tab_block));
        tab_aesni_expand8(batch, round_keys);
        for (size_t k = 0; k < n; k++) {
            for (int round = 0; round <= 10; round++) expanded[i + k].round_keys[round] = (tab_block)round_keys[round][k];
        }
    }
}

TAB_ACCELERATED static void accelerated_encrypt(
    const tab_aes128_key *key, const tab_block *input, tab_block *output, size_t count
) {
    __m128i round_keys[11];
    memcpy(round_keys, key->round_keys, sizeof round_keys);
    size_t i = 0;
    for (; i + BATCH <= count; i += BATCH) {
        __m128i batch[BATCH];
        memcpy(batch, input + i, sizeof batch);
        tab_aesni_encrypt8(round_keys, batch);
        memcpy(output + i, batch, sizeof batch);
    }
    for (; i < count; i++) output[i] = (tab_block)tab_aesni_encrypt1(round_keys, (__m128i)input[i]);
}

TAB_ACCELERATED static void accelerated_encrypt_each(
    const tab_block *keys, const tab_block *input, tab_block *output, size_t count
) {
    for (size_t i = 0; i < count; i += BATCH) {
        const size_t n = batch_size(count - i);
        __m128i key_batch[BATCH] = {0}, batch[BATCH] = {0};
        memcpy(key_batch, keys + i, n * sizeof(tab_block));
        memcpy(batch, input + i, n * sizeof(tab_block));
        tab_aesni_expand_encrypt8(key_batch, batch);
        memcpy(output + i, batch, n * sizeof(tab_block));
    }
}

TAB_ACCELERATED static void accelerated_counter(
    const tab_aes128_key *key, uint64_t first, uint64_t upper, tab_block *output, size_t count
) {
    __m128i round_keys[11];
    memcpy(round_keys, key->round_keys, sizeof round_keys);
    size_t i = 0;
    for (; i + BATCH <= count; i += BATCH) {
        __m128i batch[BATCH];
        for (int k = 0; k < BATCH; k++) batch[k] = _mm_set_epi64x((int64_t)upper, (int64_t)(first + i + (size_t)k));
        tab_aesni_encrypt8(round_keys, batch);
        memcpy(output + i, batch, sizeof batch);
    }
    for (; i < count; i++) {
        const __m128i counter = _mm_set_epi64x((int64_t)upper, (int64_t)(first + i));
        output[i] = (tab_block)tab_aesni_encrypt1(round_keys, counter);
    }
}

#endif

static void portable_expand_many(const tab_block *keys, size_t count, tab_aes128_key *expanded) {
    for (size_t i = 0; i < count; i += BATCH) {
        const size_t n = batch_size(count - i);
        tab_block batch[BATCH] = {0}, round_keys[11][BATCH];
        memcpy(batch, keys + i, n * sizeof(tab_block));
        tab_portable_expand8(batch, round_keys);
        for (size_t k = 0; k < n; k++) {
            for (int round = 0; round <= 10; round++) expanded[i + k].round_keys[round] = round_keys[round][k];
        }
    }
}

static void portable_encrypt(const tab_aes128_key *key, const tab_block *input, tab_block *output, size_t count) {
    if (input != output) memmove(output, input, count * sizeof(tab_block));
    tab_portable_encrypt(key->round_keys, output, count);
}

static void portable_encrypt_each(const tab_block *keys, const tab_block *input, tab_block *output, size_t count) {
    for (size_t i = 0; i < count; i += BATCH) {
        const size_t n = batch_size(count - i);
        tab_block key_batch[BATCH] = {0}, batch[BATCH] = {0}, round_keys[11][BATCH];
        memcpy(key_batch, keys + i, n * sizeof(tab_block));
        memcpy(batch, input + i, n * sizeof(tab_block));
        tab_portable_expand8(key_batch, round_keys);
        tab_portable_encrypt8_keys(round_keys, batch);
        memcpy(output + i, batch, n * sizeof(tab_block));
    }
}

static void portable_counter(
    const tab_aes128_key *key, uint64_t first, uint64_t upper, tab_block *output, size_t count
) {
    for (size_t i = 0; i < count; i++) output[i] = (tab_block){first + i, upper};
    tab_portable_encrypt(key->round_keys, output, count);
}

#if TAB_X86
#define DISPATCH(name, ...) (tab_cpu_accelerated() ? accelerated_##name(__VA_ARGS__) : portable_##name(__VA_ARGS__))
#else
#define DISPATCH(name, ...) portable_##name(__VA_ARGS__)
#endif

void tab_aes128_expand(tab_block key, tab_aes128_key *expanded) { DISPATCH(expand_many, &key, 1, expanded); }

void tab_aes128_expand_many(const tab_block *keys, size_t count, tab_aes128_key *expanded) {
    DISPATCH(expand_many, keys, count, expanded);
}

void tab_aes128_encrypt(const tab_aes128_key *key, const tab_block *input, tab_block *output, size_t count) {
    DISPATCH(encrypt, key, input, output, count);
}

void tab_aes128_encrypt_each(const tab_block *keys, const tab_block *input, tab_block *output, size_t count) {
    DISPATCH(encrypt_each, keys, input, output, count);
}

void tab_aes128_counter(
    const tab_aes128_key *key, uint64_t first, uint64_t upper, tab_block *output, size_t count
) {
    DISPATCH(counter, key, first, upper, output, count);
}
