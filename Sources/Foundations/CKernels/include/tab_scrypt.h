// The memory-hard part of scrypt (RFC 7914, sections 3 to 5).
#pragma once
#include <stddef.h>
#include <stdint.h>

// scryptROMix: mixes `block` (128 * block_size bytes) in place. `memory` holds 128 * block_size * cost bytes,
// `scratch` 256 * block_size bytes; all three are aligned to 4 bytes. `cost` is a power of two above 1.
// Which parts of `memory` are read depends on the password: scrypt is not constant time by design.
void tab_scrypt_romix_var(uint8_t *_Nonnull block, size_t block_size, uint64_t cost, uint8_t *_Nonnull memory,
                          uint8_t *_Nonnull scratch);
