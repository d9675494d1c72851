#ifndef TAB_HASH_H
#define TAB_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"

/// TMMO (Guo, Katz, Wang, Yu, ePrint 2019/074 §7): H(x, i) = π(π(x) ⊕ i) ⊕ π(x), π = AES-128 under a fixed public key.
///
/// Input j uses the tweak first_tweak + j (mod 2^64). `input` and `output` may be the same.
void tab_tmmo_hash(
    const tab_block *_Nonnull input, tab_block *_Nonnull output, size_t count, uint64_t first_tweak
);

#endif
