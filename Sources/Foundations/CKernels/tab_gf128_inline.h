// Carry-less products for this target's own C files; see tab_aes_inline.h for the rules of TAB_ACCELERATED.
#ifndef TAB_GF128_INLINE_H
#define TAB_GF128_INLINE_H

#include "tab_aes_inline.h"

#if TAB_X86

/// Adds the unreduced 256-bit product a·b to (low, middle·x^64, high·x^128).
TAB_ACCELERATED static inline void tab_clmul_accumulate(
    __m128i a, __m128i b, __m128i *low, __m128i *middle, __m128i *high
) {
    *low = _mm_xor_si128(*low, _mm_clmulepi64_si128(a, b, 0x00));
    *high = _mm_xor_si128(*high, _mm_clmulepi64_si128(a, b, 0x11));
    *middle = _mm_xor_si128(*middle, _mm_clmulepi64_si128(a, b, 0x01));
    *middle = _mm_xor_si128(*middle, _mm_clmulepi64_si128(a, b, 0x10));
}

/// Reduces low + middle·x^64 + high·x^128 modulo x^128 + x^7 + x^2 + x + 1.
TAB_ACCELERATED static inline __m128i tab_clmul_reduce(__m128i low, __m128i middle, __m128i high) {
    const __m128i modulus = _mm_set_epi64x(0, 0x87);
    low = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
    high = _mm_xor_si128(high, _mm_srli_si128(middle, 8));
    // high = h1·x^64 + h0. Fold h1·x^192 = h1·0x87·x^64 first; its overflow past x^128 lands in h0.
    const __m128i folded = _mm_clmulepi64_si128(high, modulus, 0x01);
    low = _mm_xor_si128(low, _mm_slli_si128(folded, 8));
    high = _mm_xor_si128(high, _mm_srli_si128(folded, 8));
    return _mm_xor_si128(low, _mm_clmulepi64_si128(high, modulus, 0x00));
}

/// The product of two field elements.
TAB_ACCELERATED static inline __m128i tab_clmul_multiply(__m128i a, __m128i b) {
    __m128i low = _mm_setzero_si128(), middle = low, high = low;
    tab_clmul_accumulate(a, b, &low, &middle, &high);
    return tab_clmul_reduce(low, middle, high);
}

#endif

typedef struct {
    uint64_t words[4];
} tab_gf128_wide;

/// Adds the unreduced product a·b to `sum` in constant time on any processor: integer multiplications over masked bits,
/// or on arm64 its polynomial multiplication while tab_cpu_accelerated() is 1.
void tab_portable_gf128_accumulate(tab_block a, tab_block b, tab_gf128_wide *sum);

/// Reduces a 256-bit polynomial modulo x^128 + x^7 + x^2 + x + 1.
tab_block tab_portable_gf128_reduce(const tab_gf128_wide *sum);

#endif
