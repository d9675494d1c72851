// scryptROMix, scryptBlockMix and the Salsa20/8 core, written from RFC 7914, sections 3, 4 and 5.
#include "tab_scrypt.h"

#include <string.h>

static inline uint32_t load_little_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline void store_little_endian(uint8_t *bytes, uint32_t word) {
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(word >> (8 * i));
}

static inline uint32_t rotate_left(uint32_t word, int count) {
    return (word << count) | (word >> (32 - count));
}

static inline void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
    *b ^= rotate_left(*a + *d, 7);
    *c ^= rotate_left(*b + *a, 9);
    *d ^= rotate_left(*c + *b, 13);
    *a ^= rotate_left(*d + *c, 18);
}

// Salsa20/8 (section 3): four double rounds over columns and rows, then the input is added.
static void salsa20_8(uint32_t state[16]) {
    uint32_t x[16];
    memcpy(x, state, sizeof x);
    for (int round = 0; round < 4; round++) {
        quarter_round(&x[0], &x[4], &x[8], &x[12]);
        quarter_round(&x[5], &x[9], &x[13], &x[1]);
        quarter_round(&x[10], &x[14], &x[2], &x[6]);
        quarter_round(&x[15], &x[3], &x[7], &x[11]);
        quarter_round(&x[0], &x[1], &x[2], &x[3]);
        quarter_round(&x[5], &x[6], &x[7], &x[4]);
        quarter_round(&x[10], &x[11], &x[8], &x[9]);
        quarter_round(&x[15], &x[12], &x[13], &x[14]);
    }
    for (int i = 0; i < 16; i++) state[i] += x[i];
}

// scryptBlockMix (section 4) over words in host order: even results go to the front half, odd ones to the back.
static void block_mix(const uint32_t *input, uint32_t *output, size_t block_size) {
    uint32_t x[16];
    memcpy(x, input + 16 * (2 * block_size - 1), sizeof x);
    for (size_t i = 0; i < 2 * block_size; i++) {
        for (int j = 0; j < 16; j++) x[j] ^= input[16 * i + (size_t)j];
        salsa20_8(x);
        memcpy(output + 16 * (i / 2 + (i & 1) * block_size), x, sizeof x);
    }
}

void tab_scrypt_romix_var(uint8_t *block, size_t block_size, uint64_t cost, uint8_t *memory, uint8_t *scratch) {
    size_t words = 32 * block_size;
    uint32_t *table = (uint32_t *)(void *)memory;
    uint32_t *x = (uint32_t *)(void *)scratch;
    uint32_t *y = x + words;
    for (size_t i = 0; i < words; i++) x[i] = load_little_endian(block + 4 * i);
    for (uint64_t i = 0; i < cost; i++) {
        memcpy(table + i * words, x, 4 * words);
        block_mix(x, y, block_size);
        uint32_t *swap = x;
        x = y;
        y = swap;
    }
    for (uint64_t i = 0; i < cost; i++) {
        // Integerify: the first word pair of the last 64 bytes, modulo the power of two `cost`.
        uint64_t index = ((uint64_t)x[words - 15] << 32 | x[words - 16]) & (cost - 1);
        const uint32_t *row = table + index * words;
        for (size_t j = 0; j < words; j++) x[j] ^= row[j];
        block_mix(x, y, block_size);
        uint32_t *swap = x;
        x = y;
        y = swap;
    }
    for (size_t i = 0; i < words; i++) store_little_endian(block + 4 * i, x[i]);
}
