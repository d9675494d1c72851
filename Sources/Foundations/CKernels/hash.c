#include "tab_hash.h"

#include <pthread.h>
#include <string.h>

#include "tab_aes.h"
#include "tab_aes_inline.h"
#include "tab_aes_portable.h"
#include "tab_cpu.h"

// The fixed key: the first sixteen bytes of the fractional part of pi, a value nobody could have chosen.
static const tab_block fixed_key = {0xd308a385886a3f24ULL, 0x447370032e8a1913ULL};
static tab_aes128_key permutation;
static pthread_once_t permutation_once = PTHREAD_ONCE_INIT;

static void expand_permutation(void) { tab_aes128_expand(fixed_key, &permutation); }

#define BATCH 8

#if TAB_X86

TAB_ACCELERATED static void accelerated_hash(
    const tab_block *input, tab_block *output, size_t count, uint64_t first_tweak
) {
    __m128i round_keys[11];
    memcpy(round_keys, permutation.round_keys, sizeof round_keys);
    size_t i = 0;
    for (; i + BATCH <= count; i += BATCH) {
        __m128i inner[BATCH], outer[BATCH];
        memcpy(inner, input + i, sizeof inner);
        tab_aesni_encrypt8(round_keys, inner);
        for (int k = 0; k < BATCH; k++) {
            outer[k] = _mm_xor_si128(inner[k], _mm_set_epi64x(0, (int64_t)(first_tweak + i + (size_t)k)));
        }
        tab_aesni_encrypt8(round_keys, outer);
        for (int k = 0; k < BATCH; k++) outer[k] = _mm_xor_si128(outer[k], inner[k]);
        memcpy(output + i, outer, sizeof outer);
    }
    for (; i < count; i++) {
        const __m128i inner = tab_aesni_encrypt1(round_keys, (__m128i)input[i]);
        const __m128i tweak = _mm_set_epi64x(0, (int64_t)(first_tweak + i));
        output[i] = (tab_block)_mm_xor_si128(tab_aesni_encrypt1(round_keys, _mm_xor_si128(inner, tweak)), inner);
    }
}

#endif

static void portable_hash(const tab_block *input, tab_block *output, size_t count, uint64_t first_tweak) {
    enum { CHUNK = 64 };
    for (size_t i = 0; i < count; i += CHUNK) {
        const size_t n = count - i < CHUNK ? count - i : CHUNK;
        tab_block inner[CHUNK], outer[CHUNK];
        memcpy(inner, input + i, n * sizeof(tab_block));
        tab_portable_encrypt(permutation.round_keys, inner, n);
        for (size_t k = 0; k < n; k++) outer[k] = inner[k] ^ (tab_block){first_tweak + i + k, 0};
        tab_portable_encrypt(permutation.round_keys, outer, n);
        for (size_t k = 0; k < n; k++) output[i + k] = outer[k] ^ inner[k];
    }
}

void tab_tmmo_hash(const tab_block *input, tab_block *output, size_t count, uint64_t first_tweak) {
    pthread_once(&permutation_once, expand_permutation);
#if TAB_X86
    if (tab_cpu_accelerated()) {
        accelerated_hash(input, output, count, first_tweak);
        return;
    }
#endif
    portable_hash(input, output, count, first_tweak);
}
