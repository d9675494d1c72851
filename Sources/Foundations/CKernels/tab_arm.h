// AES-128 and carry-less products with the arm64 cryptography extension. Callers ask tab_cpu_accelerated() first.
#ifndef TAB_ARM_H
#define TAB_ARM_H

#include <stddef.h>

#include "include/tab_block.h"

#if defined(__aarch64__)
#define TAB_ARM64 1
#else
#define TAB_ARM64 0
#endif

#if TAB_ARM64

/// Whether this processor has the AES and the polynomial multiplication instructions.
int tab_arm_has_cryptography(void);

/// As tab_portable_expand8.
void tab_arm_expand8(const tab_block keys[8], tab_block round_keys[11][8]);

/// As tab_portable_encrypt8_keys.
void tab_arm_encrypt8_keys(const tab_block round_keys[11][8], tab_block blocks[8]);

/// As tab_portable_encrypt.
void tab_arm_encrypt(const tab_block round_keys[11], tab_block *blocks, size_t count);

/// The three partial products of a·b: low, middle (to be added at x^64) and high (at x^128).
void tab_arm_partial_products(tab_block a, tab_block b, tab_block *low, tab_block *middle, tab_block *high);

#endif
#endif
