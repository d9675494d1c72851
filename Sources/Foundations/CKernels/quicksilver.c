// QuickSilver over the gates of a circuit (ePrint 2021/076, figure 5, with constraints combined as the header says).
#include "tab_quicksilver_inline.h"

#include "include/tab_cpu.h"

TAB_QS_INLINE void run_prover(
    tab_qs_cursor *cursor, const tab_gate *gates, size_t gate_count, tab_block *slots, int accelerated
) {
    const tab_block one = tab_qs_one(cursor);
    tab_block low = {0, 0}, linear = {0, 0};
    size_t ands = 0;
    uint8_t corrections = 0;
    for (size_t i = 0; i < gate_count; i++) {
        const tab_gate gate = gates[i];
        if (gate.op == TAB_GATE_XOR) {
            slots[gate.out] = slots[gate.a] ^ slots[gate.b];
        } else if (gate.op == TAB_GATE_AND) {
            const tab_block a = slots[gate.a], b = slots[gate.b], correlation = *cursor->correlations++;
            const uint64_t correction = ((a[0] & b[0]) ^ correlation[0]) & 1;
            const tab_block c = correlation ^ (tab_block){correction, 0};
            slots[gate.out] = c;
            low = tab_qs_times_x(low) ^ tab_qs_times(a, b, accelerated);
            linear = tab_qs_times_x(linear) ^ tab_qs_when(a[0], b) ^ tab_qs_when(b[0], a) ^ c;
            corrections |= (uint8_t)(correction << (ands & 7));
            ands++;
            if (ands % 8 == 0) {
                *cursor->message++ = corrections;
                corrections = 0;
            }
            if (ands % TAB_QS_GATES_PER_CONSTRAINT == 0) {
                tab_qs_store(cursor, low, linear, accelerated);
                low = linear = (tab_block){0, 0};
            }
        } else {
            slots[gate.out] = slots[gate.a] ^ one;
        }
    }
    if (ands % 8 != 0) *cursor->message++ = corrections;
    if (ands % TAB_QS_GATES_PER_CONSTRAINT != 0) tab_qs_store(cursor, low, linear, accelerated);
}

TAB_QS_INLINE void run_verifier(
    tab_qs_cursor *cursor, const tab_gate *gates, size_t gate_count, tab_block *slots, int accelerated
) {
    const tab_block one = tab_qs_one(cursor);
    tab_block low = {0, 0}, linear = {0, 0};
    size_t ands = 0;
    uint8_t corrections = 0;
    for (size_t i = 0; i < gate_count; i++) {
        const tab_gate gate = gates[i];
        if (gate.op == TAB_GATE_XOR) {
            slots[gate.out] = slots[gate.a] ^ slots[gate.b];
        } else if (gate.op == TAB_GATE_AND) {
            if (ands % 8 == 0) corrections = *cursor->message++;
            const tab_block a = slots[gate.a], b = slots[gate.b];
            const tab_block c = *cursor->correlations++ ^ tab_qs_when(corrections >> (ands & 7), one);
            slots[gate.out] = c;
            low = tab_qs_times_x(low) ^ tab_qs_times(a, b, accelerated);
            linear = tab_qs_times_x(linear) ^ c;
            ands++;
            if (ands % TAB_QS_GATES_PER_CONSTRAINT == 0) {
                tab_qs_store(cursor, low, linear, accelerated);
                low = linear = (tab_block){0, 0};
            }
        } else {
            slots[gate.out] = slots[gate.a] ^ one;
        }
    }
    if (ands % TAB_QS_GATES_PER_CONSTRAINT != 0) tab_qs_store(cursor, low, linear, accelerated);
}

TAB_QS_INLINE void run(
    tab_qs_cursor *cursor, const tab_gate *gates, size_t gate_count, tab_block *slots, int accelerated
) {
    // A local copy, so that stores through its pointers need not be assumed to change it.
    tab_qs_cursor local = *cursor;
    if (local.is_prover) {
        run_prover(&local, gates, gate_count, slots, accelerated);
    } else {
        run_verifier(&local, gates, gate_count, slots, accelerated);
    }
    *cursor = local;
}

static void run_portable(tab_qs_cursor *cursor, const tab_gate *gates, size_t gate_count, tab_block *slots) {
    run(cursor, gates, gate_count, slots, 0);
}

#if TAB_X86
TAB_ACCELERATED static void run_accelerated(
    tab_qs_cursor *cursor, const tab_gate *gates, size_t gate_count, tab_block *slots
) {
    run(cursor, gates, gate_count, slots, 1);
}
#endif

void tab_qs_run(tab_qs_cursor *cursor, const tab_gate *gates, size_t gate_count, tab_block *slots) {
#if TAB_X86
    if (tab_cpu_accelerated()) {
        run_accelerated(cursor, gates, gate_count, slots);
        return;
    }
#endif
    run_portable(cursor, gates, gate_count, slots);
}

tab_block tab_qs_pack(const tab_block *wires, size_t count) {
    tab_block sum = {0, 0};
    for (size_t i = count; i > 0; i--) sum = tab_qs_times_x(sum) ^ wires[i - 1];
    return sum;
}

void tab_qs_low_bits(const tab_block *wires, size_t count, uint8_t *bytes) {
    for (size_t start = 0; start < count; start += 8) {
        const size_t end = count - start < 8 ? count : start + 8;
        uint64_t byte = 0;
        for (size_t i = start; i < end; i++) byte |= (wires[i][0] & 1) << (i - start);
        bytes[start / 8] = (uint8_t)byte;
    }
}
