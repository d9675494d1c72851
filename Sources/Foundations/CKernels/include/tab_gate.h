#ifndef TAB_GATE_H
#define TAB_GATE_H

#include <stdint.h>

/// The operations of a gate. Everything but AND is linear: it costs no ciphertext and no interaction.
enum { TAB_GATE_XOR = 0, TAB_GATE_AND = 1, TAB_GATE_NOT = 2 };

/// One gate over slots: `out` receives `a` XOR `b`, `a` AND `b`, or NOT `a`. A slot may be written many times.
typedef struct {
    uint32_t op;
    uint32_t a;
    uint32_t b;
    uint32_t out;
} tab_gate;

/// A run of `count` gates from index `first` on, either all AND (`is_and` = 1) or all linear (`is_and` = 0).
///
/// The gates of a linear run are executed in order. Those of an AND run are independent: none writes a slot that another
/// one of the run reads or writes, so any order and any batching give the same result.
typedef struct {
    uint32_t is_and;
    uint32_t first;
    uint32_t count;
} tab_segment;

#endif
