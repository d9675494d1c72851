// AES-128 for this target's own C files on any processor: bitsliced over eight blocks in constant time, without table
// look-ups and secret-dependent branches. On arm64 these functions use its AES instructions while
// tab_cpu_accelerated() is 1.
#ifndef TAB_AES_PORTABLE_H
#define TAB_AES_PORTABLE_H

#include <stddef.h>

#include "include/tab_block.h"

/// The round keys of eight keys at once, `round_keys[round][key]`.
void tab_portable_expand8(const tab_block keys[8], tab_block round_keys[11][8]);

/// Encrypts eight blocks in place, block i under key i, with round keys as `tab_portable_expand8` lays them out.
void tab_portable_encrypt8_keys(const tab_block round_keys[11][8], tab_block blocks[8]);

/// Encrypts `count` blocks in place under one key of eleven round keys.
void tab_portable_encrypt(const tab_block round_keys[11], tab_block *blocks, size_t count);

#endif
