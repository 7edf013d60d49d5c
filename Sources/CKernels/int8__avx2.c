#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define TILE_ROWS 4
#define TILES TILE(1) TILE(2) TILE(3) TILE(4)
#define KERNEL(name) name##__avx2
#include "bodies/int8/vectors.h"

// Products of bytes saturate in vpmaddubsw (255 · 127 · 2 needs 17 bits), so both factors are widened to 16 bits: the
// even bytes and the odd ones by themselves.
typedef __m256i sums;
typedef struct {
  __m256i even;
  __m256i odd;
} widened;
typedef widened activations;
typedef widened weights;

INLINE sums start(ints v) { return (sums)v; }
INLINE ints finish(sums v) { return (ints)v; }
INLINE weights load_weights(const int8_t *w) {
  const __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)w);
  return (weights){.even = _mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), .odd = _mm256_srai_epi16(bytes, 8)};
}
INLINE activations load_activations(const uint8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  const __m256i bytes = _mm256_set1_epi32(four);
  return (activations){.even = _mm256_and_si256(bytes, _mm256_set1_epi16(255)), .odd = _mm256_srli_epi16(bytes, 8)};
}
INLINE sums dot(sums total, activations x, weights w) {
  const __m256i even = _mm256_madd_epi16(x.even, w.even);
  const __m256i odd = _mm256_madd_epi16(x.odd, w.odd);
  return _mm256_add_epi32(total, _mm256_add_epi32(even, odd));
}

#include "bodies/int8/all.h"
#pragma clang attribute pop
#endif
