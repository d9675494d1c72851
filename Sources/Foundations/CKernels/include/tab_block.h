#ifndef TAB_BLOCK_H
#define TAB_BLOCK_H

#include <stdint.h>

/// 128 bits: lane 0 holds bytes 0 to 7 little-endian, lane 1 bytes 8 to 15. Swift sees `SIMD2<UInt64>`.
typedef uint64_t tab_block __attribute__((ext_vector_type(2)));

#endif
