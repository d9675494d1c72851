#ifndef TAB_AES_H
#define TAB_AES_H

#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"

/// An expanded AES-128 key (FIPS 197 §5.2): the round keys 0 to 10.
typedef struct {
    tab_block round_keys[11];
} tab_aes128_key;

/// Expands one key.
void tab_aes128_expand(tab_block key, tab_aes128_key *_Nonnull expanded);

/// Expands `count` keys; far faster per key than one call each.
void tab_aes128_expand_many(const tab_block *_Nonnull keys, size_t count, tab_aes128_key *_Nonnull expanded);

/// Encrypts `count` blocks under one key; `input` and `output` may be the same.
void tab_aes128_encrypt(
    const tab_aes128_key *_Nonnull key, const tab_block *_Nonnull input, tab_block *_Nonnull output, size_t count
);

/// Encrypts `count` blocks, block i under the raw key `keys[i]`, each key expanded on the way; in place is allowed.
void tab_aes128_encrypt_each(
    const tab_block *_Nonnull keys, const tab_block *_Nonnull input, tab_block *_Nonnull output, size_t count
);

/// Writes the encryptions of the counters first, first + 1, … (mod 2^64, in lane 0; lane 1 is `upper`).
void tab_aes128_counter(
    const tab_aes128_key *_Nonnull key, uint64_t first, uint64_t upper, tab_block *_Nonnull output, size_t count
);

#endif
