#ifndef TAB_FERRET_H
#define TAB_FERRET_H

#include <stddef.h>
#include <stdint.h>

#include "tab_aes.h"
#include "tab_block.h"

#pragma clang assume_nonnull begin

// The bulk work of Ferret (ePrint 2020/924) over the correlated tree of half-tree (ePrint 2022/1431, Figure 3).
//
// The nodes of level 1 are root and root ^ delta; node x at index j of a level of m nodes has the left child H(x), at
// index j of the next level, and the right child H(x) ^ x, at index m + j. So every level sums to delta. H is TMMO with
// the tweak tree * 2^32 + m + j. Leaves lose their low bit.

/// Expands `tree_count` trees, numbered from `first_tree`, to 2^depth leaves each.
///
/// `sums` may be null; else it receives, tree after tree, the sum of the left nodes of each level, `depth` blocks a tree.
void tab_ferret_expand(
    tab_block delta, const tab_block *roots, uint64_t first_tree, size_t tree_count, unsigned depth, tab_block *leaves,
    tab_block *_Nullable sums
);

/// Expands the same trees without the leaf `paths[i]` of tree i, from one sum for each level.
///
/// `sums` holds, for each level from the first, the sum of the nodes on the side that the path does not take; bit l of
/// a path is the side that it takes at level l + 1. The missing leaf's position receives that leaf ^ delta, and has low
/// bit 1 as delta has. No branch and no address depends on a path.
void tab_ferret_expand_punctured(
    const tab_block *sums, const uint32_t *paths, uint64_t first_tree, size_t tree_count, unsigned depth,
    tab_block *leaves
);

/// Adds to `sum` the products of `count` rows with the coefficients AES(first), AES(first + 1), …, and to `choices` the
/// coefficients of the rows whose low bit is 1; in constant time.
void tab_ferret_combine(
    const tab_aes128_key *challenge, uint64_t first, const tab_block *rows, size_t count, tab_block *sum,
    tab_block *choices
);

/// rows[i] ^= the sum of ten elements of `secret`, chosen for row first_row + i by the public `matrix` key among the
/// first mask + 1 (a power of two); first_row and count are multiples of 16.
void tab_ferret_encode(
    const tab_aes128_key *matrix, uint64_t first_row, size_t count, const tab_block *secret, uint32_t mask,
    tab_block *rows
);

#pragma clang assume_nonnull end

#endif
