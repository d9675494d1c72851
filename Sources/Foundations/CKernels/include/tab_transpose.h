#ifndef TAB_TRANSPOSE_H
#define TAB_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"

/// Transposes a bit matrix of 128 rows and `column_count` columns, a multiple of 128.
///
/// Row r starts at `rows + r * row_stride` (bytes) and holds bit c at bit c % 8 of byte c / 8. Bit r of output[c] becomes
/// bit c of row r. `row_stride` is at least column_count / 8; neither side needs alignment beyond its type's.
void tab_transpose_128(
    const uint8_t *_Nonnull rows, size_t row_stride, tab_block *_Nonnull output, size_t column_count
);

#endif
