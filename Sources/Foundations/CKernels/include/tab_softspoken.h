#ifndef TAB_SOFTSPOKEN_H
#define TAB_SOFTSPOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"

#pragma clang assume_nonnull begin

/// The small-field VOLE of SoftSpokenOT (ePrint 2022/192, Figure 3) for one tree of 2^depth seeds, depth 1 to 8.
///
/// Row y is AES-128 in counter mode under seeds[y], counters first_block, first_block + 1, …, `block_count` blocks. Adds
/// to columns[b * column_stride ...] the rows whose index y has bit b set, for each b below `depth`, and sets `sum` to
/// the sum of all rows. Row 0 enters `sum` only: a party that does not know seeds[0] may pass anything there and
/// ignore `sum`. Constant time in the seeds.
void tab_softspoken_fold(
    const tab_block *seeds, unsigned depth, uint64_t first_block, size_t block_count, tab_block *columns,
    size_t column_stride, tab_block *sum
);

/// target[i] ^= source[i] & mask, mask being all ones if `bit` is 1 and zero if it is 0, without a branch on `bit`.
void tab_xor_if(tab_block *target, const tab_block *source, size_t count, uint64_t bit);

/// Overwrites memory that held secrets; the compiler may not drop it.
void tab_wipe(void *memory, size_t byte_count);

#pragma clang assume_nonnull end

#endif
