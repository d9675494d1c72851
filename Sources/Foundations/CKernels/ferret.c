#include "tab_ferret.h"

#include <string.h>

#include "tab_gf128.h"
#include "tab_hash.h"
#include "tab_softspoken.h"

/// All ones if a and b are equal, else zero, in a way that the compiler does not turn into a branch.
static inline uint64_t equal_mask(uint64_t a, uint64_t b) {
    const uint64_t difference = a ^ b;
    return ((difference | (0 - difference)) >> 63) - 1;
}

static inline tab_block masked(tab_block block, uint64_t mask) { return block & (tab_block){mask, mask}; }

static const tab_block low_bit_cleared = {~1ULL, ~0ULL};

static inline uint64_t tweak(uint64_t tree, size_t width) { return (tree << 32) + width; }

void tab_ferret_expand(
    tab_block delta, const tab_block *roots, uint64_t first_tree, size_t tree_count, unsigned depth, tab_block *leaves,
    tab_block *sums
) {
    for (size_t tree = 0; tree < tree_count; tree++) {
        tab_block *nodes = leaves + (tree << depth);
        nodes[0] = roots[tree];
        nodes[1] = roots[tree] ^ delta;
        if (sums) sums[tree * depth] = roots[tree];
        for (unsigned level = 1; level < depth; level++) {
            const size_t width = (size_t)1 << level;
            tab_tmmo_hash(nodes, nodes + width, width, tweak(first_tree + tree, width));
            tab_block left_sum = {0, 0};
            for (size_t j = 0; j < width; j++) {
                const tab_block left = nodes[width + j];
                nodes[width + j] = left ^ nodes[j];
                nodes[j] = left;
                left_sum ^= left;
            }
            if (sums) sums[tree * depth + level] = left_sum;
        }
        for (size_t j = 0; j < (size_t)1 << depth; j++) nodes[j] &= low_bit_cleared;
    }
}

void tab_ferret_expand_punctured(
    const tab_block *sums, const uint32_t *paths, uint64_t first_tree, size_t tree_count, unsigned depth,
    tab_block *leaves
) {
    for (size_t tree = 0; tree < tree_count; tree++) {
        tab_block *nodes = leaves + (tree << depth);
        const tab_block *tree_sums = sums + tree * depth;
        uint64_t path = paths[tree];
        __asm__("" : "+r"(path));
        // The path's own node is zero at every level.
        uint64_t right_path = 0 - (path & 1);
        nodes[0] = masked(tree_sums[0], right_path);
        nodes[1] = masked(tree_sums[0], ~right_path);
        for (unsigned level = 1; level < depth; level++) {
            const size_t width = (size_t)1 << level;
            const uint64_t position = path & (width - 1);
            tab_tmmo_hash(nodes, nodes + width, width, tweak(first_tree + tree, width));
            tab_block left_sum = {0, 0}, right_sum = {0, 0};
            for (size_t j = 0; j < width; j++) {
                const tab_block left = masked(nodes[width + j], ~equal_mask(j, position));
                const tab_block right = left ^ nodes[j];
                nodes[width + j] = right;
                nodes[j] = left;
                left_sum ^= left;
                right_sum ^= right;
            }
            // The sibling is what its side's sum leaves over.
            right_path = 0 - ((path >> level) & 1);
            const tab_block sibling = tree_sums[level] ^ masked(left_sum, right_path) ^ masked(right_sum, ~right_path);
            const tab_block left_sibling = masked(sibling, right_path), right_sibling = masked(sibling, ~right_path);
            for (size_t j = 0; j < width; j++) {
                const uint64_t here = equal_mask(j, position);
                nodes[j] |= masked(left_sibling, here);
                nodes[width + j] |= masked(right_sibling, here);
            }
        }
        tab_block rest = {0, 0};
        for (size_t j = 0; j < (size_t)1 << depth; j++) {
            nodes[j] &= low_bit_cleared;
            rest ^= nodes[j];
        }
        rest[0] |= 1;
        for (size_t j = 0; j < (size_t)1 << depth; j++) nodes[j] |= masked(rest, equal_mask(j, path));
    }
}

void tab_ferret_combine(
    const tab_aes128_key *challenge, uint64_t first, const tab_block *rows, size_t count, tab_block *sum,
    tab_block *choices
) {
    enum { batch = 256 };
    tab_block coefficients[batch];
    for (size_t start = 0; start < count; start += batch) {
        const size_t n = count - start < batch ? count - start : batch;
        tab_aes128_counter(challenge, first + start, 0, coefficients, n);
        *sum ^= tab_gf128_inner_product(coefficients, rows + start, n);
        for (size_t i = 0; i < n; i++) *choices ^= masked(coefficients[i], 0 - (rows[start + i][0] & 1));
    }
}

void tab_ferret_encode(
    const tab_aes128_key *matrix, uint64_t first_row, size_t count, const tab_block *secret, uint32_t mask,
    tab_block *rows
) {
    // Ten 32-bit indices a row: forty blocks for sixteen rows.
    enum { batch = 16, weight = 10, blocks = batch * weight / 4 };
    tab_block stream[blocks];
    uint32_t indices[batch * weight];
    for (size_t start = 0; start < count; start += batch) {
        tab_aes128_counter(matrix, (first_row + start) / batch * blocks, 0, stream, blocks);
        memcpy(indices, stream, sizeof indices);
        for (size_t i = 0; i < batch; i++) {
            const uint32_t *row = indices + weight * i;
            tab_block value = rows[start + i];
            for (int j = 0; j < weight; j++) value ^= secret[row[j] & mask];
            rows[start + i] = value;
        }
    }
}
