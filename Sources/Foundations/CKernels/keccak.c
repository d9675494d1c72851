// Keccak-f[1600]: theta, rho, pi, chi and iota as in FIPS 202, section 3.2, written over 64-bit lanes.
#include "tab_keccak.h"

// iota: RC[i], FIPS 202, section 3.2.5 (the output of the LFSR rc(t)).
static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

// rho: the rotation of lane x + 5y, FIPS 202, table 2 (offsets modulo 64).
static const unsigned rotations[25] = {
    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
};

static inline uint64_t rotate_left(uint64_t word, unsigned count) {
    return (word << count) | (word >> ((64 - count) & 63));
}

void tab_keccak_f1600(uint64_t *state) {
    uint64_t columns[5];
    uint64_t moved[25];
    for (int round = 0; round < 24; round++) {
        for (int x = 0; x < 5; x++) {
            columns[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }
        // theta and rho; pi sends lane (x, y) to (y, 2x + 3y).
#pragma clang loop unroll(full)
        for (int y = 0; y < 5; y++) {
#pragma clang loop unroll(full)
            for (int x = 0; x < 5; x++) {
                uint64_t parity = columns[(x + 4) % 5] ^ rotate_left(columns[(x + 1) % 5], 1);
                moved[y + 5 * ((2 * x + 3 * y) % 5)] =
                    rotate_left(state[x + 5 * y] ^ parity, rotations[x + 5 * y]);
            }
        }
        for (int y = 0; y < 25; y += 5) {
            for (int x = 0; x < 5; x++) {
                state[y + x] = moved[y + x] ^ (~moved[y + (x + 1) % 5] & moved[y + (x + 2) % 5]);
            }
        }
        state[0] ^= round_constants[round];
    }
}
