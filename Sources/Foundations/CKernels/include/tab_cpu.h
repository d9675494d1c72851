#ifndef TAB_CPU_H
#define TAB_CPU_H

/// 1 when the kernels use this processor's AES and carry-less multiplication, 0 when they run portable code.
int tab_cpu_accelerated(void);

/// With `portable` nonzero every kernel runs its portable code from now on; with 0 it uses what the processor has.
///
/// Both give the same results, so this may be called at any time on any thread; tests compare the two with it.
void tab_cpu_use_portable(int portable);

#endif
