#ifndef TAB_GARBLE_H
#define TAB_GARBLE_H

#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"
#include "tab_gate.h"

// Half-gates garbling (Zahur, Rosulek, Evans, "Two Halves Make a Whole", Eurocrypt 2015) with the re-keyed hash of Guo,
// Katz, Wang, Weng, Yu (ePrint 2019/1168): H(x, i) = AES_k(σ(x)) ⊕ σ(x) with k = seed ⊕ i and σ(l ‖ r) = (l ⊕ r) ‖ l.
// AND gate number g uses i = 2g and 2g + 1.

/// Garbles the gates of `segment_count` segments.
///
/// `slots` holds the zero-labels, inputs at the front; `delta` has low bit 1. AND gates are numbered from `first_gate` on.
/// `tables` receives 32 bytes an AND gate (T_G, then T_E) in gate order and needs no alignment; null if there is none.
void tab_garble(
    const tab_gate *_Nonnull gates, const tab_segment *_Nonnull segments, size_t segment_count,
    tab_block *_Nonnull slots, tab_block delta, tab_block seed, uint64_t first_gate, uint8_t *_Nullable tables
);

/// Evaluates what `tab_garble` made: `slots` holds the active labels, `tables` 32 bytes an AND gate.
void tab_evaluate_garbled(
    const tab_gate *_Nonnull gates, const tab_segment *_Nonnull segments, size_t segment_count,
    tab_block *_Nonnull slots, tab_block seed, uint64_t first_gate, const uint8_t *_Nullable tables
);

/// Overwrites `count` blocks with zeros in a way the compiler cannot leave out.
void tab_wipe_blocks(tab_block *_Nonnull blocks, size_t count);

#endif
