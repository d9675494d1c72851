#include "tab_p256_field.h"

// p = 2^256 - 2^224 + 2^192 + 2^96 - 1. Because p = -1 mod 2^64, the Montgomery factor -p^-1 mod 2^64 is 1: each
// reduction step multiplies p by the lowest limb itself.

typedef unsigned __int128 wide;

#define P0 0xffffffffffffffffULL
#define P1 0x00000000ffffffffULL
#define P3 0xffffffff00000001ULL

/// Hides a mask's origin from the optimiser, which would otherwise be free to turn a select into a branch.
static inline uint64_t barrier(uint64_t value) {
    __asm__("" : "+r"(value));
    return value;
}

/// out = value - p if value (a 257-bit number with top bit `top`) is at least p, else value.
static inline void subtract_once(uint64_t out[4], const uint64_t value[4], uint64_t top) {
    uint64_t difference[4];
    wide borrow = 0;
    static const uint64_t prime[4] = {P0, P1, 0, P3};
    for (int i = 0; i < 4; i++) {
        wide step = (wide)value[i] - prime[i] - borrow;
        difference[i] = (uint64_t)step;
        borrow = (step >> 64) & 1;
    }
    // Keep the value itself if it was below p: the subtraction borrowed and there was no 257th bit to pay for it.
    uint64_t keep = barrier(0 - ((uint64_t)borrow & (top ^ 1)));
    for (int i = 0; i < 4; i++) {
        out[i] = (value[i] & keep) | (difference[i] & ~keep);
    }
}

/// Adds a * b to the accumulator, limb by limb: acc[0...4] += a * b[i].
static inline void multiply_row(uint64_t acc[6], const uint64_t a[4], uint64_t b) {
    wide carry = 0;
    for (int j = 0; j < 4; j++) {
        wide step = (wide)a[j] * b + acc[j] + carry;
        acc[j] = (uint64_t)step;
        carry = step >> 64;
    }
    wide step = (wide)acc[4] + carry;
    acc[4] = (uint64_t)step;
    acc[5] = (uint64_t)(step >> 64);
}

/// acc = (acc + acc[0] * p) / 2^64, exactly.
static inline void reduce_row(uint64_t acc[6]) {
    uint64_t m = acc[0];
    // m * P0 + acc[0] = m * 2^64: the lowest limb vanishes and m carries.
    wide step = (wide)m * P1 + acc[1] + m;
    acc[0] = (uint64_t)step;
    step = (wide)acc[2] + (uint64_t)(step >> 64);
    acc[1] = (uint64_t)step;
    step = (wide)m * P3 + acc[3] + (uint64_t)(step >> 64);
    acc[2] = (uint64_t)step;
    step = (wide)acc[4] + (uint64_t)(step >> 64);
    acc[3] = (uint64_t)step;
    acc[4] = acc[5] + (uint64_t)(step >> 64);
    acc[5] = 0;
}

static inline void multiply(uint64_t out[4], const uint64_t a[4], const uint64_t b[4]) {
    uint64_t acc[6] = {0};
    for (int i = 0; i < 4; i++) {
        multiply_row(acc, a, b[i]);
        reduce_row(acc);
    }
    subtract_once(out, acc, acc[4]);
}

// 2^256 and 2^512 mod p, and the curve's constants in Montgomery form.
static const tab_p256_fe one = {
    {0x0000000000000001ULL, 0xffffffff00000000ULL, 0xffffffffffffffffULL, 0x00000000fffffffeULL}};
static const tab_p256_fe radix_squared = {
    {0x0000000000000003ULL, 0xfffffffbffffffffULL, 0xfffffffffffffffeULL, 0x00000004fffffffdULL}};
static const tab_p256_fe curve_a = {
    {0xfffffffffffffffcULL, 0x00000003ffffffffULL, 0x0000000000000000ULL, 0xfffffffc00000004ULL}};
static const tab_p256_fe curve_b = {
    {0xd89cdf6229c4bddfULL, 0xacf005cd78843090ULL, 0xe5a220abf7212ed6ULL, 0xdc30061d04874834ULL}};
static const tab_p256_fe map_z = {
    {0xfffffffffffffff5ULL, 0x0000000affffffffULL, 0x0000000000000000ULL, 0xfffffff50000000bULL}};
static const tab_p256_fe root_of_minus_z = {
    {0xa1fd38ee98a195fdULL, 0x78400ad7423dcf70ULL, 0x6913c88f9ea8dfeeULL, 0x9051d26e12a8f304ULL}};

void tab_p256_fe_set_small(tab_p256_fe *out, uint32_t value) {
    tab_p256_fe small = {{value, 0, 0, 0}};
    multiply(out->limb, small.limb, radix_squared.limb);
}

static void load(uint64_t out[4], const uint8_t bytes[32]) {
    for (int i = 0; i < 4; i++) {
        uint64_t limb = 0;
        for (int j = 0; j < 8; j++) {
            limb = limb << 8 | bytes[8 * (3 - i) + j];
        }
        out[i] = limb;
    }
}

int tab_p256_fe_from_bytes(tab_p256_fe *out, const uint8_t *bytes) {
    uint64_t value[4], reduced[4];
    load(value, bytes);
    subtract_once(reduced, value, 0);
    uint64_t changed = 0;
    for (int i = 0; i < 4; i++) {
        changed |= value[i] ^ reduced[i];
    }
    multiply(out->limb, reduced, radix_squared.limb);
    return changed == 0;
}

void tab_p256_fe_from_wide_bytes(tab_p256_fe *out, const uint8_t *bytes) {
    uint64_t high[4], low[4];
    load(high, bytes);
    load(low, bytes + 32);
    subtract_once(high, high, 0);
    subtract_once(low, low, 0);
    // high * 2^256 in Montgomery form is high * 2^512: two multiplications by 2^512 / 2^256.
    multiply(high, high, radix_squared.limb);
    multiply(high, high, radix_squared.limb);
    multiply(low, low, radix_squared.limb);
    tab_p256_fe a, b;
    for (int i = 0; i < 4; i++) {
        a.limb[i] = high[i];
        b.limb[i] = low[i];
    }
    tab_p256_fe_add(out, &a, &b);
}

void tab_p256_fe_to_bytes(uint8_t *bytes, const tab_p256_fe *a) {
    static const uint64_t unit[4] = {1, 0, 0, 0};
    uint64_t value[4];
    multiply(value, a->limb, unit);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 8; j++) {
            bytes[8 * (3 - i) + j] = (uint8_t)(value[i] >> (56 - 8 * j));
        }
    }
}

void tab_p256_fe_add(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b) {
    uint64_t sum[4];
    wide carry = 0;
    for (int i = 0; i < 4; i++) {
        wide step = (wide)a->limb[i] + b->limb[i] + carry;
        sum[i] = (uint64_t)step;
        carry = step >> 64;
    }
    subtract_once(out->limb, sum, (uint64_t)carry);
}

void tab_p256_fe_sub(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b) {
    uint64_t difference[4];
    wide borrow = 0;
    for (int i = 0; i < 4; i++) {
        wide step = (wide)a->limb[i] - b->limb[i] - borrow;
        difference[i] = (uint64_t)step;
        borrow = (step >> 64) & 1;
    }
    uint64_t add_back = barrier(0 - (uint64_t)borrow);
    static const uint64_t prime[4] = {P0, P1, 0, P3};
    wide carry = 0;
    for (int i = 0; i < 4; i++) {
        wide step = (wide)difference[i] + (prime[i] & add_back) + carry;
        out->limb[i] = (uint64_t)step;
        carry = step >> 64;
    }
}

void tab_p256_fe_mul(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b) {
    multiply(out->limb, a->limb, b->limb);
}

uint64_t tab_p256_fe_zero_mask(const tab_p256_fe *a) {
    uint64_t bits = a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3];
    return barrier(((bits | (0 - bits)) >> 63) - 1);
}

uint64_t tab_p256_fe_equal_mask(const tab_p256_fe *a, const tab_p256_fe *b) {
    tab_p256_fe difference;
    for (int i = 0; i < 4; i++) {
        difference.limb[i] = a->limb[i] ^ b->limb[i];
    }
    return tab_p256_fe_zero_mask(&difference);
}

void tab_p256_fe_select(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b, uint64_t mask) {
    mask = barrier(mask);
    for (int i = 0; i < 4; i++) {
        out->limb[i] = (a->limb[i] & ~mask) | (b->limb[i] & mask);
    }
}

static inline void square_times(tab_p256_fe *out, const tab_p256_fe *a, int count) {
    *out = *a;
    for (int i = 0; i < count; i++) {
        multiply(out->limb, out->limb, out->limb);
    }
}

/// out = a^(2^count) * b.
static inline void shift_multiply(tab_p256_fe *out, const tab_p256_fe *a, int count, const tab_p256_fe *b) {
    tab_p256_fe shifted;
    square_times(&shifted, a, count);
    multiply(out->limb, shifted.limb, b->limb);
}

/// a^((p-3)/4), the common part of inversion and square roots: the exponent is, from its top, 32 ones, 31 zeros, a
/// one, 96 zeros and 94 ones.
static void power_quarter(tab_p256_fe *out, const tab_p256_fe *a) {
    tab_p256_fe x2, x4, x8, x16, x30, x32, accumulator;
    shift_multiply(&x2, a, 1, a);
    shift_multiply(&x4, &x2, 2, &x2);
    shift_multiply(&x8, &x4, 4, &x4);
    shift_multiply(&x16, &x8, 8, &x8);
    shift_multiply(&x30, &x16, 8, &x8);
    shift_multiply(&x30, &x30, 4, &x4);
    shift_multiply(&x30, &x30, 2, &x2);
    shift_multiply(&x32, &x30, 2, &x2);
    shift_multiply(&accumulator, &x32, 32, a);
    shift_multiply(&accumulator, &accumulator, 128, &x32);
    shift_multiply(&accumulator, &accumulator, 32, &x32);
    shift_multiply(out, &accumulator, 30, &x30);
}

void tab_p256_fe_inverse(tab_p256_fe *out, const tab_p256_fe *a) {
    // p - 2 = 4 * (p - 3) / 4 + 1.
    tab_p256_fe quarter;
    power_quarter(&quarter, a);
    shift_multiply(out, &quarter, 2, a);
}

/// The low bit of the value (not of its Montgomery form).
static uint64_t parity(const tab_p256_fe *a) {
    uint8_t bytes[32];
    tab_p256_fe_to_bytes(bytes, a);
    return bytes[31] & 1;
}

/// Negates `a` if its parity differs from `odd`.
static void set_parity(tab_p256_fe *a, uint64_t odd) {
    static const tab_p256_fe zero = {{0, 0, 0, 0}};
    tab_p256_fe negated;
    tab_p256_fe_sub(&negated, &zero, a);
    tab_p256_fe_select(a, a, &negated, 0 - (parity(a) ^ odd));
}

/// y = sqrt(u / v) and all ones, or sqrt(Z * u / v) and 0 if u / v is no square (RFC 9380 §F.2.1.2).
static uint64_t square_root_ratio(tab_p256_fe *y, const tab_p256_fe *u, const tab_p256_fe *v) {
    tab_p256_fe uv, base, y1, y2, check;
    multiply(base.limb, v->limb, v->limb);
    multiply(uv.limb, u->limb, v->limb);
    multiply(base.limb, base.limb, uv.limb);
    power_quarter(&y1, &base);
    multiply(y1.limb, y1.limb, uv.limb);
    multiply(y2.limb, y1.limb, root_of_minus_z.limb);
    multiply(check.limb, y1.limb, y1.limb);
    multiply(check.limb, check.limb, v->limb);
    uint64_t is_square = tab_p256_fe_equal_mask(&check, u);
    tab_p256_fe_select(y, &y2, &y1, is_square);
    return is_square;
}

void tab_p256_map_to_curve(tab_p256_fe *x, tab_p256_fe *y, const tab_p256_fe *u) {
    static const tab_p256_fe zero = {{0, 0, 0, 0}};
    tab_p256_fe zu2, denominator, numerator, gx_numerator, gx_denominator, t, root, other_y;
    multiply(zu2.limb, u->limb, u->limb);
    multiply(zu2.limb, map_z.limb, zu2.limb);
    multiply(t.limb, zu2.limb, zu2.limb);
    tab_p256_fe_add(&t, &t, &zu2);
    // x1 = numerator / denominator = -B/A * (1 + 1 / (Z^2 u^4 + Z u^2)), with B / (Z A) in the exceptional case.
    tab_p256_fe_add(&numerator, &t, &one);
    multiply(numerator.limb, curve_b.limb, numerator.limb);
    tab_p256_fe_sub(&denominator, &zero, &t);
    tab_p256_fe_select(&denominator, &denominator, &map_z, tab_p256_fe_zero_mask(&t));
    multiply(denominator.limb, curve_a.limb, denominator.limb);
    // g(x1) = (n^3 + A n d^2 + B d^3) / d^3.
    multiply(gx_numerator.limb, numerator.limb, numerator.limb);
    multiply(gx_denominator.limb, denominator.limb, denominator.limb);
    multiply(t.limb, curve_a.limb, gx_denominator.limb);
    tab_p256_fe_add(&gx_numerator, &gx_numerator, &t);
    multiply(gx_numerator.limb, gx_numerator.limb, numerator.limb);
    multiply(gx_denominator.limb, gx_denominator.limb, denominator.limb);
    multiply(t.limb, curve_b.limb, gx_denominator.limb);
    tab_p256_fe_add(&gx_numerator, &gx_numerator, &t);
    // x2 = Z u^2 x1, and its y is Z u^3 times the root of Z g(x1).
    uint64_t is_square = square_root_ratio(&root, &gx_numerator, &gx_denominator);
    multiply(t.limb, zu2.limb, numerator.limb);
    tab_p256_fe_select(&numerator, &t, &numerator, is_square);
    multiply(other_y.limb, zu2.limb, u->limb);
    multiply(other_y.limb, other_y.limb, root.limb);
    uint64_t sign = parity(u);
    tab_p256_fe_select(y, &other_y, &root, is_square);
    set_parity(y, sign);
    tab_p256_fe_inverse(&denominator, &denominator);
    multiply(x->limb, numerator.limb, denominator.limb);
}

int tab_p256_lift_x(tab_p256_fe *y, const tab_p256_fe *x, uint32_t odd) {
    tab_p256_fe right, root;
    multiply(right.limb, x->limb, x->limb);
    tab_p256_fe_add(&right, &right, &curve_a);
    multiply(right.limb, right.limb, x->limb);
    tab_p256_fe_add(&right, &right, &curve_b);
    uint64_t is_square = square_root_ratio(&root, &right, &one);
    set_parity(&root, odd & 1);
    *y = root;
    return (int)(is_square & 1);
}
