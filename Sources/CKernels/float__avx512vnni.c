#include "kernel_sets.h"

#if defined(__x86_64__)
// Without min_vector_width, the compiler uses only 256-bit vectors, which is slower on every CPU with VNNI.
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma"), min_vector_width(512))),               \
    apply_to = function)
#define VECTOR_FLOATS 16
#define TILE_ROWS 12
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define KERNEL(name) name##__avx512vnni
#include "bodies/all.h"
#pragma clang attribute pop
#endif
