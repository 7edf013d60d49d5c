#include "kernel_sets.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 8
#define TILE_ROWS 6
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#define KERNEL(name) name##__avx2
#include "bodies/all.h"
#pragma clang attribute pop
#endif
