#include "tab_cpu.h"

#include <stdatomic.h>

#include "tab_aes_inline.h"
#include "tab_arm.h"

// 0 = not looked at yet, 1 = portable, 2 = accelerated.
static atomic_int state;

static int detect(void) {
#if TAB_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("ssse3")
        && __builtin_cpu_supports("sse4.1")) {
        return 2;
    }
#elif TAB_ARM64
    if (tab_arm_has_cryptography()) return 2;
#endif
    return 1;
}

int tab_cpu_accelerated(void) {
    int seen = atomic_load_explicit(&state, memory_order_relaxed);
    if (__builtin_expect(seen == 0, 0)) {
        seen = detect();
        atomic_store_explicit(&state, seen, memory_order_relaxed);
    }
    return seen == 2;
}

void tab_cpu_use_portable(int portable) {
    atomic_store_explicit(&state, portable ? 1 : detect(), memory_order_relaxed);
}
