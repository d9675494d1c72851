// What the QuickSilver kernels share. Functions that take `accelerated` are inlined into one caller for each way to
// multiply, where the argument is a constant; with 1 that caller must be marked TAB_ACCELERATED.
#ifndef TAB_QUICKSILVER_INLINE_H
#define TAB_QUICKSILVER_INLINE_H

#include "include/tab_quicksilver.h"
#include "tab_gf128_inline.h"

#define TAB_QS_INLINE static inline __attribute__((always_inline))

// The party's block for the constant 1.
TAB_QS_INLINE tab_block tab_qs_one(const tab_qs_cursor *cursor) {
    return cursor->delta ^ (tab_block){1, 0};
}

// `value` if the lowest bit of `bit` is set, else zero, without a branch.
TAB_QS_INLINE tab_block tab_qs_when(uint64_t bit, tab_block value) {
    const uint64_t mask = 0 - (bit & 1);
    return value & (tab_block){mask, mask};
}

// The field element times X.
TAB_QS_INLINE tab_block tab_qs_times_x(tab_block a) {
    const tab_block carry = a >> 63;
    const tab_block masks = (tab_block){0, 0} - __builtin_shufflevector(carry, carry, 1, 0);
    return (a << 1) ^ (masks & (tab_block){0x87, 1});
}

// The product of two field elements.
TAB_QS_INLINE tab_block tab_qs_times(tab_block a, tab_block b, int accelerated) {
#if TAB_X86
    if (accelerated) return (tab_block)tab_clmul_multiply((__m128i)a, (__m128i)b);
#endif
    tab_gf128_wide sum = {{0}};
    tab_portable_gf128_accumulate(a, b, &sum);
    return tab_portable_gf128_reduce(&sum);
}

// Stores one constraint. `low` and `linear` are A0 and A1 for the prover; for the verifier they are the parts of B
// without and with the factor Delta.
TAB_QS_INLINE void tab_qs_store(tab_qs_cursor *cursor, tab_block low, tab_block linear, int accelerated) {
    if (cursor->is_prover) {
        *cursor->constraints++ = low;
        *cursor->linear_terms++ = linear;
    } else {
        *cursor->constraints++ = low ^ tab_qs_times(linear, cursor->delta, accelerated);
    }
}

#endif
