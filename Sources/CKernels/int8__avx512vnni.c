#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma"), min_vector_width(512))),               \
    apply_to = function)
#define LANES 16
#define TILE_ROWS 12
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define KERNEL(name) name##__avx512vnni
#define HAS_EXP2
#include "bodies/int8/vectors.h"
// Needs the vectors.
#include "bodies/int8/avx512.h"
// Needs both.
#include "bodies/int8/all.h"
#pragma clang attribute pop
#endif
