#include "tab_free.h"

#include <features.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

// The C library's own versions, which it exports so that they can be wrapped.
extern void __libc_free(void *block);
extern void *__libc_realloc(void *block, size_t byte_count);

void free(void *block) {
    if (block == NULL) return;
    explicit_bzero(block, malloc_usable_size(block));
    __libc_free(block);
}

void *realloc(void *block, size_t byte_count) {
    if (block == NULL) return malloc(byte_count);
    if (byte_count == 0) {
        free(block);
        return NULL;
    }
    const size_t usable = malloc_usable_size(block);
    if (byte_count <= usable) {
        // Shrinking stays in place, or moves pages that are unmapped whole: only the end is given back.
        explicit_bzero((char *)block + byte_count, usable - byte_count);
        return __libc_realloc(block, byte_count);
    }
    void *larger = malloc(byte_count);
    if (larger == NULL) return NULL;
    memcpy(larger, block, usable);
    free(block);
    return larger;
}

bool tab_wipes_freed_memory(void) { return true; }

#else

bool tab_wipes_freed_memory(void) { return false; }

#endif
