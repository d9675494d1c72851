// The Keccak-f[1600] permutation (FIPS 202, section 3.3; Keccak reference, version 3.0).
#pragma once
#include <stdint.h>

// Applies the 24 rounds to a state of 25 lanes, in place. Lane x + 5y is the word A[x, y]; bit z of
// the word is bit z of the lane. Constant time: no branch and no address depends on the state.
void tab_keccak_f1600(uint64_t *_Nonnull state);
