#include "tab_memory.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

void tab_memory_configure(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
#endif
}

void tab_memory_release(void) {
#ifdef __GLIBC__
    // At the end of the heap and in holes; of other arenas than the first only in holes.
    malloc_trim(0);
#endif
}
