#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16,fma"),                      \
                   min_vector_width(512))),                                                                            \
    apply_to = function)
#define LANES 16
#define KERNEL(name) name##__amx
#define HAS_EXP2
#define HAS_MATRIX_TILES
#include "bodies/int8/vectors.h"
// Needs the vectors.
#include "bodies/bf16/halves.h"
// Needs both.
#include "bodies/bf16/avx512.h"
// Needs all of them.
#include "bodies/bf16/all.h"
#pragma clang attribute pop
#endif
