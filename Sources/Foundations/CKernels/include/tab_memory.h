#ifndef TAB_MEMORY_H
#define TAB_MEMORY_H

/// Has all threads allocate from one arena; call once, before threads start.
///
/// Otherwise each of several arenas keeps tens of megabytes that tab_memory_release cannot give back. Sessions allocate
/// few and large blocks, so that threads hardly ever wait for each other. Does nothing where the C library has no such
/// setting.
void tab_memory_configure(void);

/// Gives memory that was freed, but is kept for later allocations, back to the system.
///
/// Walks every arena of the allocator: a few milliseconds for some hundred megabytes. Does nothing where the C library
/// has no such call.
void tab_memory_release(void);

#endif
