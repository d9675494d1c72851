// Arithmetic in the prime field of the curve P-256 (FIPS 186-4, D.1.2.3), constant time.
//
// A `tab_p256_fe` holds x * 2^256 mod p (Montgomery form), fully reduced, least significant limb first. Every
// function accepts and returns fully reduced values; outputs may alias inputs. No branch and no address depends on a
// field element.
#ifndef TAB_P256_FIELD_H
#define TAB_P256_FIELD_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct {
    uint64_t limb[4];
} tab_p256_fe;

/// Sets `out` to zero or one.
void tab_p256_fe_set_small(tab_p256_fe *out, uint32_t value);
/// Reads 32 big-endian bytes. Returns 1 if they are below p; otherwise returns 0 and the value is reduced mod p.
int tab_p256_fe_from_bytes(tab_p256_fe *out, const uint8_t *bytes);
/// Reads 64 big-endian bytes and reduces them mod p.
void tab_p256_fe_from_wide_bytes(tab_p256_fe *out, const uint8_t *bytes);
/// Writes the value as 32 big-endian bytes.
void tab_p256_fe_to_bytes(uint8_t *bytes, const tab_p256_fe *a);

void tab_p256_fe_add(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b);
void tab_p256_fe_sub(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b);
void tab_p256_fe_mul(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b);
/// a^(p-2): the inverse, and zero for zero.
void tab_p256_fe_inverse(tab_p256_fe *out, const tab_p256_fe *a);
/// All ones if a is zero, else 0.
uint64_t tab_p256_fe_zero_mask(const tab_p256_fe *a);
/// All ones if a equals b, else 0.
uint64_t tab_p256_fe_equal_mask(const tab_p256_fe *a, const tab_p256_fe *b);
/// out = mask is all ones ? b : a, for a mask of all ones or 0.
void tab_p256_fe_select(tab_p256_fe *out, const tab_p256_fe *a, const tab_p256_fe *b, uint64_t mask);

/// The simplified Shallue-van de Woestijne-Ulas map of RFC 9380 §6.6.2 for P-256 (Z = -10): a point (x, y) of the
/// curve in affine coordinates from a field element.
void tab_p256_map_to_curve(tab_p256_fe *x, tab_p256_fe *y, const tab_p256_fe *u);
/// The y of the curve point with this x whose low bit is `odd`. Returns 1 if there is one, else 0 (y is then
/// meaningless). Only `odd` and whether a point exists may be public knowledge about x.
int tab_p256_lift_x(tab_p256_fe *y, const tab_p256_fe *x, uint32_t odd);

#pragma clang assume_nonnull end

#endif
