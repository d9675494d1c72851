#include "tab_softspoken.h"

#include <string.h>

#include "tab_aes.h"

// Rows are produced and folded in pieces that stay in the first-level cache together with the folding stack.
#define CHUNK 64
#define MAX_DEPTH 8

void tab_wipe(void *memory, size_t byte_count) {
    memset(memory, 0, byte_count);
    __asm__ volatile("" : : "r"(memory) : "memory");
}

void tab_xor_if(tab_block *target, const tab_block *source, size_t count, uint64_t bit) {
    uint64_t lane = 0 - (bit & 1);
    __asm__("" : "+r"(lane));
    const tab_block mask = {lane, lane};
    for (size_t i = 0; i < count; i++) target[i] ^= source[i] & mask;
}

/// Adds `right` to both `column` and `left`: the rows under an odd node enter this level's column, and their sum goes up.
static inline void merge(tab_block *left, const tab_block *right, tab_block *column, size_t count) {
    for (size_t i = 0; i < count; i++) {
        column[i] ^= right[i];
        left[i] ^= right[i];
    }
}

void tab_softspoken_fold(
    const tab_block *seeds, unsigned depth, uint64_t first_block, size_t block_count, tab_block *columns,
    size_t column_stride, tab_block *sum
) {
    tab_aes128_key keys[1 << MAX_DEPTH];
    tab_block stack[MAX_DEPTH + 1][CHUNK];
    const size_t leaves = (size_t)1 << depth;
    tab_aes128_expand_many(seeds, leaves, keys);
    for (size_t start = 0; start < block_count; start += CHUNK) {
        const size_t count = block_count - start < CHUNK ? block_count - start : CHUNK;
        size_t height = 0;
        for (size_t y = 0; y < leaves; y++) {
            tab_aes128_counter(&keys[y], first_block + start, 0, stack[height++], count);
            // As in a binary counter, each trailing one bit of y completes a pair of sibling subtrees.
            for (unsigned bit = 0; (y >> bit) & 1; bit++) {
                height--;
                merge(stack[height - 1], stack[height], columns + bit * column_stride + start, count);
            }
        }
        memcpy(sum + start, stack[0], count * sizeof(tab_block));
    }
    tab_wipe(keys, sizeof keys);
    tab_wipe(stack, sizeof stack);
}
