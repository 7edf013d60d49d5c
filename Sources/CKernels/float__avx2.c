#include "kernel_sets.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define KERNEL(name) name##__avx2
#include "bodies/all.h"
#pragma clang attribute pop
#endif
