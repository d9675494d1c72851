#include "tab_arm.h"

#if TAB_ARM64

#include <arm_neon.h>
#include <string.h>

#if defined(__linux__)
#include <sys/auxv.h>
#endif

#define CRYPTOGRAPHY __attribute__((target("aes")))

int tab_arm_has_cryptography(void) {
#if defined(__APPLE__)
    return 1;
#elif defined(__linux__)
    // HWCAP_AES and HWCAP_PMULL of the kernel's arm64 interface.
    return (getauxval(AT_HWCAP) & ((1UL << 3) | (1UL << 4))) == ((1UL << 3) | (1UL << 4));
#else
    return 0;
#endif
}

// AESE with a zero key is SubBytes and ShiftRows; on four equal columns ShiftRows moves nothing.
CRYPTOGRAPHY static inline uint8x16_t next_round_key(uint8x16_t key, uint32_t constant) {
    static const uint8_t rotate_last[16] = {13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12};
    const uint8x16_t zero = vdupq_n_u8(0);
    uint8x16_t word = vaeseq_u8(vqtbl1q_u8(key, vld1q_u8(rotate_last)), zero);
    word = veorq_u8(word, vreinterpretq_u8_u32(vdupq_n_u32(constant)));
    key = veorq_u8(key, vextq_u8(zero, key, 12));
    key = veorq_u8(key, vextq_u8(zero, key, 8));
    return veorq_u8(key, word);
}

CRYPTOGRAPHY void tab_arm_expand8(const tab_block keys[8], tab_block round_keys[11][8]) {
    static const uint32_t constants[10] = {1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36};
    uint8x16_t current[8];
    for (int i = 0; i < 8; i++) {
        current[i] = (uint8x16_t)keys[i];
        round_keys[0][i] = keys[i];
    }
    for (int round = 1; round <= 10; round++) {
        for (int i = 0; i < 8; i++) {
            current[i] = next_round_key(current[i], constants[round - 1]);
            round_keys[round][i] = (tab_block)current[i];
        }
    }
}

CRYPTOGRAPHY void tab_arm_encrypt8_keys(const tab_block round_keys[11][8], tab_block blocks[8]) {
    uint8x16_t state[8];
    for (int i = 0; i < 8; i++) state[i] = (uint8x16_t)blocks[i];
    for (int round = 0; round < 9; round++) {
        for (int i = 0; i < 8; i++) state[i] = vaesmcq_u8(vaeseq_u8(state[i], (uint8x16_t)round_keys[round][i]));
    }
    for (int i = 0; i < 8; i++) {
        state[i] = vaeseq_u8(state[i], (uint8x16_t)round_keys[9][i]);
        blocks[i] = (tab_block)state[i] ^ round_keys[10][i];
    }
}

CRYPTOGRAPHY void tab_arm_encrypt(const tab_block round_keys[11], tab_block *blocks, size_t count) {
    uint8x16_t keys[11];
    memcpy(keys, round_keys, sizeof keys);
    size_t done = 0;
    for (; done + 8 <= count; done += 8) {
        uint8x16_t state[8];
        memcpy(state, blocks + done, sizeof state);
        for (int round = 0; round < 9; round++) {
            for (int i = 0; i < 8; i++) state[i] = vaesmcq_u8(vaeseq_u8(state[i], keys[round]));
        }
        for (int i = 0; i < 8; i++) state[i] = veorq_u8(vaeseq_u8(state[i], keys[9]), keys[10]);
        memcpy(blocks + done, state, sizeof state);
    }
    for (; done < count; done++) {
        uint8x16_t state = (uint8x16_t)blocks[done];
        for (int round = 0; round < 9; round++) state = vaesmcq_u8(vaeseq_u8(state, keys[round]));
        blocks[done] = (tab_block)veorq_u8(vaeseq_u8(state, keys[9]), keys[10]);
    }
}

CRYPTOGRAPHY static inline tab_block product(uint64_t a, uint64_t b) {
    // Not a plain cast: a cast from a scalar to this vector type would copy it to every lane.
    return (tab_block)vreinterpretq_u64_p128(vmull_p64((poly64_t)a, (poly64_t)b));
}

CRYPTOGRAPHY void tab_arm_partial_products(
    tab_block a, tab_block b, tab_block *low, tab_block *middle, tab_block *high
) {
    *low = product(a[0], b[0]);
    *high = product(a[1], b[1]);
    *middle = product(a[0], b[1]) ^ product(a[1], b[0]);
}

#endif

// Without arm64 this file would be empty, which ISO C does not allow.
typedef int tab_arm_unit;
