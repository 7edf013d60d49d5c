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

INLINE floats exp2_of(floats v) {
  const __m512 n = _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_scalef_ps(exp2_of_fraction(v - (floats)n), n);
}

typedef __m512i sums;
typedef __m512i activations;
typedef __m512i weights;

INLINE sums start(ints v) { return (sums)v; }
INLINE ints finish(sums v) { return (ints)v; }
INLINE weights load_weights(const int8_t *w) { return _mm512_loadu_si512(w); }
INLINE sums dot(sums total, activations x, weights w) { return _mm512_dpbusd_epi32(total, x, w); }
INLINE activations load_activations(const uint8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  return _mm512_set1_epi32(four);
}

#include "bodies/int8/all.h"
#pragma clang attribute pop
#endif
