// AES-128, bitsliced over eight blocks (FIPS 197; S-box circuit of Boyar and Peralta, "A depth-16 circuit for the AES
// S-box", ePrint 2011/332).
//
// Plane i holds bit i of every byte. Lane 0 carries blocks 0 to 3, lane 1 blocks 4 to 7; inside a lane the byte in row r
// and column c of block b sits at bit 16r + 4c + b. ShiftRows then rotates 16-bit groups by multiples of four, and the
// row rotation in MixColumns is a rotation of the lane by 16.
#include "tab_aes_portable.h"

#include <string.h>

#include "tab_arm.h"
#include "tab_cpu.h"

typedef tab_block planes[8];

static inline uint64_t spread_bytes(uint64_t word) {
    word = (word | (word << 16)) & 0x0000ffff0000ffffULL;
    return (word | (word << 8)) & 0x00ff00ff00ff00ffULL;
}

static inline uint64_t gather_bytes(uint64_t word) {
    word &= 0x00ff00ff00ff00ffULL;
    word = (word | (word >> 8)) & 0x0000ffff0000ffffULL;
    return (word | (word >> 16)) & 0x00000000ffffffffULL;
}

#define SWAP_BITS(a, b, mask, distance)                  \
    do {                                                 \
        tab_block moved = (((a) >> (distance)) ^ (b)) & (mask); \
        (b) ^= moved;                                    \
        (a) ^= moved << (distance);                      \
    } while (0)

// Exchanges bit i of every byte in word k with bit k of the same byte in word i.
static inline void transpose_bytes(planes q) {
    const tab_block m1 = {0x5555555555555555ULL, 0x5555555555555555ULL};
    const tab_block m2 = {0x3333333333333333ULL, 0x3333333333333333ULL};
    const tab_block m4 = {0x0f0f0f0f0f0f0f0fULL, 0x0f0f0f0f0f0f0f0fULL};
    for (int i = 0; i < 8; i += 2) SWAP_BITS(q[i], q[i + 1], m1, 1);
    for (int i = 0; i < 8; i += 4) {
        SWAP_BITS(q[i], q[i + 2], m2, 2);
        SWAP_BITS(q[i + 1], q[i + 3], m2, 2);
    }
    for (int i = 0; i < 4; i++) SWAP_BITS(q[i], q[i + 4], m4, 4);
}

// Word 4p + b of a lane interleaves the bytes of columns p and p + 2 of its block b.
static inline void slice(const tab_block blocks[8], planes q) {
    for (int b = 0; b < 4; b++) {
        const tab_block first = blocks[b], second = blocks[b + 4];
        q[b] = (tab_block){spread_bytes(first[0] & 0xffffffffULL) | (spread_bytes(first[1] & 0xffffffffULL) << 8),
                           spread_bytes(second[0] & 0xffffffffULL) | (spread_bytes(second[1] & 0xffffffffULL) << 8)};
        q[b + 4] = (tab_block){spread_bytes(first[0] >> 32) | (spread_bytes(first[1] >> 32) << 8),
                               spread_bytes(second[0] >> 32) | (spread_bytes(second[1] >> 32) << 8)};
    }
    transpose_bytes(q);
}

static inline void unslice(planes q, tab_block blocks[8]) {
    transpose_bytes(q);
    for (int b = 0; b < 4; b++) {
        for (int lane = 0; lane < 2; lane++) {
            const uint64_t even = q[b][lane], odd = q[b + 4][lane];
            blocks[b + 4 * lane] = (tab_block){gather_bytes(even) | (gather_bytes(odd) << 32),
                                               gather_bytes(even >> 8) | (gather_bytes(odd >> 8) << 32)};
        }
    }
}

static inline void substitute(planes q) {
    const tab_block u0 = q[7], u1 = q[6], u2 = q[5], u3 = q[4], u4 = q[3], u5 = q[2], u6 = q[1], u7 = q[0];

    const tab_block t1 = u0 ^ u3, t2 = u0 ^ u5, t3 = u0 ^ u6, t4 = u3 ^ u5, t5 = u4 ^ u6;
    const tab_block t6 = t1 ^ t5, t7 = u1 ^ u2, t8 = u7 ^ t6, t9 = u7 ^ t7, t10 = t6 ^ t7;
    const tab_block t11 = u1 ^ u5, t12 = u2 ^ u5, t13 = t3 ^ t4, t14 = t6 ^ t11, t15 = t5 ^ t11;
    const tab_block t16 = t5 ^ t12, t17 = t9 ^ t16, t18 = u3 ^ u7, t19 = t7 ^ t18, t20 = t1 ^ t19;
    const tab_block t21 = u6 ^ u7, t22 = t7 ^ t21, t23 = t2 ^ t22, t24 = t2 ^ t10, t25 = t20 ^ t17;
    const tab_block t26 = t3 ^ t16, t27 = t1 ^ t12;

    const tab_block m1 = t13 & t6, m2 = t23 & t8, m3 = t14 ^ m1, m4 = t19 & u7, m5 = m4 ^ m1;
    const tab_block m6 = t3 & t16, m7 = t22 & t9, m8 = t26 ^ m6, m9 = t20 & t17, m10 = m9 ^ m6;
    const tab_block m11 = t1 & t15, m12 = t4 & t27, m13 = m12 ^ m11, m14 = t2 & t10, m15 = m14 ^ m11;
    const tab_block m16 = m3 ^ m2, m17 = m5 ^ t24, m18 = m8 ^ m7, m19 = m10 ^ m15;
    const tab_block m20 = m16 ^ m13, m21 = m17 ^ m15, m22 = m18 ^ m13, m23 = m19 ^ t25;
    const tab_block m24 = m22 ^ m23, m25 = m22 & m20, m26 = m21 ^ m25, m27 = m20 ^ m21, m28 = m23 ^ m25;
    const tab_block m29 = m28 & m27, m30 = m26 & m24, m31 = m20 & m23, m32 = m27 & m31, m33 = m27 ^ m25;
    const tab_block m34 = m21 & m22, m35 = m24 & m34, m36 = m24 ^ m25;
    const tab_block m37 = m21 ^ m29, m38 = m32 ^ m33, m39 = m23 ^ m30, m40 = m35 ^ m36;
    const tab_block m41 = m38 ^ m40, m42 = m37 ^ m39, m43 = m37 ^ m38, m44 = m39 ^ m40, m45 = m42 ^ m41;
    const tab_block m46 = m44 & t6, m47 = m40 & t8, m48 = m39 & u7, m49 = m43 & t16, m50 = m38 & t9;
    const tab_block m51 = m37 & t17, m52 = m42 & t15, m53 = m45 & t27, m54 = m41 & t10, m55 = m44 & t13;
    const tab_block m56 = m40 & t23, m57 = m39 & t19, m58 = m43 & t3, m59 = m38 & t22, m60 = m37 & t20;
    const tab_block m61 = m42 & t1, m62 = m45 & t4, m63 = m41 & t2;

    const tab_block l0 = m61 ^ m62, l1 = m50 ^ m56, l2 = m46 ^ m48, l3 = m47 ^ m55, l4 = m54 ^ m58;
    const tab_block l5 = m49 ^ m61, l6 = m62 ^ l5, l7 = m46 ^ l3, l8 = m51 ^ m59, l9 = m52 ^ m53;
    const tab_block l10 = m53 ^ l4, l11 = m60 ^ l2, l12 = m48 ^ m51, l13 = m50 ^ l0, l14 = m52 ^ m61;
    const tab_block l15 = m55 ^ l1, l16 = m56 ^ l0, l17 = m57 ^ l1, l18 = m58 ^ l8, l19 = m63 ^ l4;
    const tab_block l20 = l0 ^ l1, l21 = l1 ^ l7, l22 = l3 ^ l12, l23 = l18 ^ l2, l24 = l15 ^ l9;
    const tab_block l25 = l6 ^ l10, l26 = l7 ^ l9, l27 = l8 ^ l10, l28 = l11 ^ l14, l29 = l11 ^ l17;

    q[7] = l6 ^ l24;
    q[6] = ~(l16 ^ l26);
    q[5] = ~(l19 ^ l28);
    q[4] = l6 ^ l21;
    q[3] = l20 ^ l22;
    q[2] = l25 ^ l29;
    q[1] = ~(l13 ^ l27);
    q[0] = ~(l6 ^ l23);
}

static inline tab_block shift_rows_plane(tab_block x) {
    return (x & 0x000000000000ffffULL)
        | ((x >> 4) & 0x000000000fff0000ULL) | ((x << 12) & 0x00000000f0000000ULL)
        | ((x >> 8) & 0x000000ff00000000ULL) | ((x << 8) & 0x0000ff0000000000ULL)
        | ((x >> 12) & 0x000f000000000000ULL) | ((x << 4) & 0xfff0000000000000ULL);
}

static inline tab_block rotate_rows(tab_block x, int rows) {
    return (x >> (16 * rows)) | (x << (64 - 16 * rows));
}

static inline void mix_columns(planes q) {
    // Row r becomes 2·(a_r + a_{r+1}) + a_{r+1} + a_{r+2} + a_{r+3}, doubling modulo x^8 + x^4 + x^3 + x + 1.
    planes sum, rest;
    for (int i = 0; i < 8; i++) {
        const tab_block next = rotate_rows(q[i], 1);
        sum[i] = q[i] ^ next;
        rest[i] = next ^ rotate_rows(sum[i], 2);
    }
    for (int i = 0; i < 8; i++) q[i] = rest[i] ^ sum[(i + 7) & 7];
    q[1] ^= sum[7];
    q[3] ^= sum[7];
    q[4] ^= sum[7];
}

static inline void add_round_key(planes q, const planes key) {
    for (int i = 0; i < 8; i++) q[i] ^= key[i];
}

// Runs the cipher on sliced blocks under sliced round keys.
static inline void encrypt_sliced(planes q, planes keys[11]) {
    add_round_key(q, keys[0]);
    for (int round = 1; round <= 10; round++) {
        substitute(q);
        for (int i = 0; i < 8; i++) q[i] = shift_rows_plane(q[i]);
        if (round < 10) mix_columns(q);
        add_round_key(q, keys[round]);
    }
}

#if TAB_ARM64
#define USE_ARM(call)                \
    if (tab_cpu_accelerated()) {     \
        call;                        \
        return;                      \
    }
#else
#define USE_ARM(call)
#endif

void tab_portable_expand8(const tab_block keys[8], tab_block round_keys[11][8]) {
    USE_ARM(tab_arm_expand8(keys, round_keys))
    static const uint8_t constants[10] = {1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36};
    for (int i = 0; i < 8; i++) round_keys[0][i] = keys[i];
    for (int round = 1; round <= 10; round++) {
        planes q;
        slice(round_keys[round - 1], q);
        substitute(q);
        tab_block substituted[8];
        unslice(q, substituted);
        for (int i = 0; i < 8; i++) {
            const uint32_t last = (uint32_t)(substituted[i][1] >> 32);
            const uint32_t word = ((last >> 8) | (last << 24)) ^ constants[round - 1];
            const tab_block previous = round_keys[round - 1][i];
            const uint32_t w0 = (uint32_t)previous[0] ^ word;
            const uint32_t w1 = (uint32_t)(previous[0] >> 32) ^ w0;
            const uint32_t w2 = (uint32_t)previous[1] ^ w1;
            const uint32_t w3 = (uint32_t)(previous[1] >> 32) ^ w2;
            round_keys[round][i] = (tab_block){w0 | ((uint64_t)w1 << 32), w2 | ((uint64_t)w3 << 32)};
        }
    }
}

void tab_portable_encrypt8_keys(const tab_block round_keys[11][8], tab_block blocks[8]) {
    USE_ARM(tab_arm_encrypt8_keys(round_keys, blocks))
    planes keys[11], q;
    for (int round = 0; round <= 10; round++) slice(round_keys[round], keys[round]);
    slice(blocks, q);
    encrypt_sliced(q, keys);
    unslice(q, blocks);
}

void tab_portable_encrypt(const tab_block round_keys[11], tab_block *blocks, size_t count) {
    USE_ARM(tab_arm_encrypt(round_keys, blocks, count))
    planes keys[11];
    for (int round = 0; round <= 10; round++) {
        tab_block copies[8];
        for (int i = 0; i < 8; i++) copies[i] = round_keys[round];
        slice(copies, keys[round]);
    }
    for (size_t i = 0; i < count; i += 8) {
        // A short last batch is filled up with zero blocks, whose results are dropped.
        const size_t n = count - i < 8 ? count - i : 8;
        tab_block batch[8] = {0};
        planes q;
        memcpy(batch, blocks + i, n * sizeof(tab_block));
        slice(batch, q);
        encrypt_sliced(q, keys);
        unslice(q, batch);
        memcpy(blocks + i, batch, n * sizeof(tab_block));
    }
}
