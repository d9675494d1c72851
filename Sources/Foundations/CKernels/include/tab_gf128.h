#ifndef TAB_GF128_H
#define TAB_GF128_H

#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"

// GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1); bit i of a block is the coefficient of x^i.

/// The product of two field elements.
tab_block tab_gf128_multiply(tab_block a, tab_block b);

/// The sum of a[i]·b[i] over `count` pairs, reduced once.
tab_block tab_gf128_inner_product(const tab_block *_Nonnull a, const tab_block *_Nonnull b, size_t count);

/// output[i] = input[i]·scalar; in place is allowed.
void tab_gf128_scale(
    const tab_block *_Nonnull input, tab_block scalar, tab_block *_Nonnull output, size_t count
);

/// The value at `point` of the polynomial with `count` coefficients, the first being that of the highest power, on top
/// of `start`: ((start·point + c[0])·point + c[1])… (Horner).
tab_block tab_gf128_horner(
    tab_block start, tab_block point, const tab_block *_Nonnull coefficients, size_t count
);

#endif
