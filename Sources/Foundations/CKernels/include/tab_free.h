#ifndef TAB_FREE_H
#define TAB_FREE_H

#include <stdbool.h>

/// Whether `free` and `realloc` of this process overwrite what they give back.
///
/// Linking this library replaces both with versions that fill a block with zeros before the C library gets it back. So
/// no array, string, buffer or object that held a secret leaves it in free memory, whoever made it: Swift's collections
/// copy when they grow or are shared, and cannot be wiped reliably from outside. Registers and stacks are not covered.
///
/// It works with glibc. Under a sanitizer, which has its own allocator, and with other C libraries nothing is replaced.
bool tab_wipes_freed_memory(void);

#endif
