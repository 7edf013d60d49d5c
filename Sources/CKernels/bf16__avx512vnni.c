#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,fma"), min_vector_width(512))),    \
    apply_to = function)
#define LANES 16
#define TILE_ROWS 12
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define KERNEL(name) name##__avx512vnni
#define HAS_EXP2
#include "bodies/int8/vectors.h"
// Needs the vectors.
#include "bodies/bf16/halves.h"
// Needs both.
#include "bodies/bf16/avx512.h"

typedef __m512 sums;
typedef __m512bh activations;
typedef __m512bh weights;

INLINE sums start(floats v) { return (sums)v; }
INLINE floats finish(sums v) { return (floats)v; }
INLINE weights load_weights(const int8_t *w) { return (weights)_mm512_loadu_si512(w); }
INLINE activations load_activations(const uint8_t *x) {
  int32_t pair;
  memcpy(&pair, x, sizeof pair);
  return (activations)_mm512_set1_epi32(pair);
}
INLINE sums dot(sums total, activations x, weights w) { return _mm512_dpbf16_ps(total, x, w); }

#include "bodies/bf16/all.h"
#pragma clang attribute pop
#endif
