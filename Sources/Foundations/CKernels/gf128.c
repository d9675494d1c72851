#include "tab_gf128.h"

#include "tab_arm.h"
#include "tab_cpu.h"
#include "tab_gf128_inline.h"

// MARK: Portable

// The 127-bit carry-less product of two 64-bit polynomials. Keeping only every fifth bit of each factor leaves at most
// thirteen bits, so column sums of the integer product stay below 2^4 and never reach the next kept column.
static unsigned __int128 carryless_product(uint64_t a, uint64_t b) {
    static const uint64_t every_fifth = 0x1084210842108421ULL;
    unsigned __int128 columns[5] = {0};
    uint64_t parts[5];
    for (int j = 0; j < 5; j++) parts[j] = b & (every_fifth << j);
    for (int i = 0; i < 5; i++) {
        const unsigned __int128 part = a & (every_fifth << i);
        for (int j = 0; j < 5; j++) columns[(i + j) % 5] ^= part * parts[j];
    }
    // Bits 0, 5, …, 125.
    const unsigned __int128 kept = ((unsigned __int128)0x2108421084210842ULL << 64) | 0x1084210842108421ULL;
    unsigned __int128 product = 0;
    for (int i = 0; i < 5; i++) product ^= columns[i] & (kept << i);
    return product;
}

void tab_portable_gf128_accumulate(tab_block a, tab_block b, tab_gf128_wide *sum) {
#if TAB_ARM64
    if (tab_cpu_accelerated()) {
        tab_block low_part, middle_part, high_part;
        tab_arm_partial_products(a, b, &low_part, &middle_part, &high_part);
        sum->words[0] ^= low_part[0];
        sum->words[1] ^= low_part[1] ^ middle_part[0];
        sum->words[2] ^= high_part[0] ^ middle_part[1];
        sum->words[3] ^= high_part[1];
        return;
    }
#endif
    const unsigned __int128 low = carryless_product(a[0], b[0]);
    const unsigned __int128 high = carryless_product(a[1], b[1]);
    const unsigned __int128 middle = carryless_product(a[0] ^ a[1], b[0] ^ b[1]) ^ low ^ high;
    sum->words[0] ^= (uint64_t)low;
    sum->words[1] ^= (uint64_t)(low >> 64) ^ (uint64_t)middle;
    sum->words[2] ^= (uint64_t)high ^ (uint64_t)(middle >> 64);
    sum->words[3] ^= (uint64_t)(high >> 64);
}

tab_block tab_portable_gf128_reduce(const tab_gf128_wide *sum) {
    const uint64_t w3 = sum->words[3];
    // x^192 = x^64·(x^7 + x^2 + x + 1), and what that pushes past x^128 is folded with word 2.
    const uint64_t w1 = sum->words[1] ^ w3 ^ (w3 << 1) ^ (w3 << 2) ^ (w3 << 7);
    const uint64_t w2 = sum->words[2] ^ (w3 >> 63) ^ (w3 >> 62) ^ (w3 >> 57);
    const uint64_t low = sum->words[0] ^ w2 ^ (w2 << 1) ^ (w2 << 2) ^ (w2 << 7);
    return (tab_block){low, w1 ^ (w2 >> 63) ^ (w2 >> 62) ^ (w2 >> 57)};
}

static tab_block portable_multiply(tab_block a, tab_block b) {
    tab_gf128_wide sum = {{0}};
    tab_portable_gf128_accumulate(a, b, &sum);
    return tab_portable_gf128_reduce(&sum);
}

static tab_block portable_inner_product(const tab_block *a, const tab_block *b, size_t count) {
    tab_gf128_wide sum = {{0}};
    for (size_t i = 0; i < count; i++) tab_portable_gf128_accumulate(a[i], b[i], &sum);
    return tab_portable_gf128_reduce(&sum);
}

static void portable_scale(const tab_block *input, tab_block scalar, tab_block *output, size_t count) {
    for (size_t i = 0; i < count; i++) output[i] = portable_multiply(input[i], scalar);
}

static tab_block portable_horner(tab_block start, tab_block point, const tab_block *coefficients, size_t count) {
    for (size_t i = 0; i < count; i++) start = portable_multiply(start, point) ^ coefficients[i];
    return start;
}

// MARK: Accelerated

#if TAB_X86

TAB_ACCELERATED static tab_block accelerated_multiply(tab_block a, tab_block b) {
    return (tab_block)tab_clmul_multiply((__m128i)a, (__m128i)b);
}

TAB_ACCELERATED static tab_block accelerated_inner_product(const tab_block *a, const tab_block *b, size_t count) {
    __m128i low = _mm_setzero_si128(), middle = low, high = low;
    for (size_t i = 0; i < count; i++) {
        tab_clmul_accumulate((__m128i)a[i], (__m128i)b[i], &low, &middle, &high);
    }
    return (tab_block)tab_clmul_reduce(low, middle, high);
}

TAB_ACCELERATED static void accelerated_scale(
    const tab_block *input, tab_block scalar, tab_block *output, size_t count
) {
    for (size_t i = 0; i < count; i++) output[i] = (tab_block)tab_clmul_multiply((__m128i)input[i], (__m128i)scalar);
}

TAB_ACCELERATED static tab_block accelerated_horner(
    tab_block start, tab_block point, const tab_block *coefficients, size_t count
) {
    // Four coefficients a step, reduced once: start·p^4 + c0·p^3 + c1·p^2 + c2·p + c3.
    const __m128i p1 = (__m128i)point, p2 = tab_clmul_multiply(p1, p1);
    const __m128i p3 = tab_clmul_multiply(p2, p1), p4 = tab_clmul_multiply(p2, p2);
    __m128i value = (__m128i)start;
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        __m128i low = (__m128i)coefficients[i + 3], middle = _mm_setzero_si128(), high = middle;
        tab_clmul_accumulate((__m128i)coefficients[i], p3, &low, &middle, &high);
        tab_clmul_accumulate((__m128i)coefficients[i + 1], p2, &low, &middle, &high);
        tab_clmul_accumulate((__m128i)coefficients[i + 2], p1, &low, &middle, &high);
        tab_clmul_accumulate(value, p4, &low, &middle, &high);
        value = tab_clmul_reduce(low, middle, high);
    }
    for (; i < count; i++) value = _mm_xor_si128(tab_clmul_multiply(value, p1), (__m128i)coefficients[i]);
    return (tab_block)value;
}

#define DISPATCH(name, ...) (tab_cpu_accelerated() ? accelerated_##name(__VA_ARGS__) : portable_##name(__VA_ARGS__))
#else
#define DISPATCH(name, ...) portable_##name(__VA_ARGS__)
#endif

tab_block tab_gf128_multiply(tab_block a, tab_block b) { return DISPATCH(multiply, a, b); }

tab_block tab_gf128_inner_product(const tab_block *a, const tab_block *b, size_t count) {
    return DISPATCH(inner_product, a, b, count);
}

void tab_gf128_scale(const tab_block *input, tab_block scalar, tab_block *output, size_t count) {
    DISPATCH(scale, input, scalar, output, count);
}

tab_block tab_gf128_horner(tab_block start, tab_block point, const tab_block *coefficients, size_t count) {
    return DISPATCH(horner, start, point, coefficients, count);
}
