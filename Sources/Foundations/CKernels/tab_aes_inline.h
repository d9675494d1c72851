// AES-128 round helpers for this target's own C files. Not in include/: Swift must never import functions that carry
// a `target` attribute.
//
// On x86-64 the functions below may only run after `tab_cpu_accelerated()` returned 1; they must be called from
// functions marked TAB_ACCELERATED, or they are not inlined. Elsewhere TAB_X86 is 0: use the functions of
// tab_aes_portable.h, which on arm64 run its AES instructions.
#ifndef TAB_AES_INLINE_H
#define TAB_AES_INLINE_H

#include <stddef.h>
#include <stdint.h>

#include "include/tab_block.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "blocks are little-endian in memory"
#endif

#if defined(__x86_64__)
#define TAB_X86 1
#else
#define TAB_X86 0
#endif

#if TAB_X86

#include <emmintrin.h>
#include <smmintrin.h>
#include <tmmintrin.h>
#include <wmmintrin.h>

#define TAB_ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1")))

/// The round key that follows `key`; `constant` is the round constant in all four 32-bit lanes.
///
/// aesenclast on four equal columns is SubWord and the addition of the constant (ShiftRows moves nothing), which
/// pipelines where aeskeygenassist does not.
TAB_ACCELERATED static inline __m128i tab_aesni_next_round_key(__m128i key, __m128i constant) {
    const __m128i rotate_last = _mm_set1_epi32(0x0c0f0e0d);
    __m128i word = _mm_aesenclast_si128(_mm_shuffle_epi8(key, rotate_last), constant);
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, word);
}

/// The round constants of AES-128, rounds 1 to 10 at indices 0 to 9.
static const uint32_t tab_aes_round_constants[10] = {1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36};

/// All eleven round keys of one key.
TAB_ACCELERATED static inline void tab_aesni_expand(__m128i key, __m128i round_keys[11]) {
    round_keys[0] = key;
    for (int round = 1; round <= 10; round++) {
        key = tab_aesni_next_round_key(key, _mm_set1_epi32((int)tab_aes_round_constants[round - 1]));
        round_keys[round] = key;
    }
}

/// The round keys of eight keys at once, `round_keys[round][key]`.
TAB_ACCELERATED static inline void tab_aesni_expand8(const __m128i keys[8], __m128i round_keys[11][8]) {
    __m128i current[8];
    for (int i = 0; i < 8; i++) {
        current[i] = keys[i];
        round_keys[0][i] = keys[i];
    }
    for (int round = 1; round <= 10; round++) {
        const __m128i constant = _mm_set1_epi32((int)tab_aes_round_constants[round - 1]);
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            current[i] = tab_aesni_next_round_key(current[i], constant);
            round_keys[round][i] = current[i];
        }
    }
}

/// Encrypts one block.
TAB_ACCELERATED static inline __m128i tab_aesni_encrypt1(const __m128i round_keys[11], __m128i block) {
    block = _mm_xor_si128(block, round_keys[0]);
    for (int round = 1; round < 10; round++) block = _mm_aesenc_si128(block, round_keys[round]);
    return _mm_aesenclast_si128(block, round_keys[10]);
}

/// Encrypts eight blocks in place under one key.
TAB_ACCELERATED static inline void tab_aesni_encrypt8(const __m128i round_keys[11], __m128i blocks[8]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) blocks[i] = _mm_xor_si128(blocks[i], round_keys[0]);
    for (int round = 1; round < 10; round++) {
        const __m128i key = round_keys[round];
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) blocks[i] = _mm_aesenc_si128(blocks[i], key);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) blocks[i] = _mm_aesenclast_si128(blocks[i], round_keys[10]);
}

/// Encrypts eight blocks in place, block i under key i, with round keys as `tab_aesni_expand8` lays them out.
TAB_ACCELERATED static inline void tab_aesni_encrypt8_keys(const __m128i round_keys[11][8], __m128i blocks[8]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) blocks[i] = _mm_xor_si128(blocks[i], round_keys[0][i]);
    for (int round = 1; round < 10; round++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) blocks[i] = _mm_aesenc_si128(blocks[i], round_keys[round][i]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) blocks[i] = _mm_aesenclast_si128(blocks[i], round_keys[10][i]);
}

/// Encrypts eight blocks in place, block i under the key `keys[i]`, expanding the keys on the way without storing them.
TAB_ACCELERATED static inline void tab_aesni_expand_encrypt8(const __m128i keys[8], __m128i blocks[8]) {
    __m128i current[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
        current[i] = keys[i];
        blocks[i] = _mm_xor_si128(blocks[i], keys[i]);
    }
    for (int round = 1; round < 10; round++) {
        const __m128i constant = _mm_set1_epi32((int)tab_aes_round_constants[round - 1]);
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            current[i] = tab_aesni_next_round_key(current[i], constant);
            blocks[i] = _mm_aesenc_si128(blocks[i], current[i]);
        }
    }
    const __m128i constant = _mm_set1_epi32((int)tab_aes_round_constants[9]);
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
        current[i] = tab_aesni_next_round_key(current[i], constant);
        blocks[i] = _mm_aesenclast_si128(blocks[i], current[i]);
    }
}

#endif
#endif
