#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define TILE_ROWS 8
#define TILE_VECTORS 1
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8)
#define ADDS_IN_16_BITS
#define KERNEL(name) name##__avx2
#include "bodies/int8/vectors.h"

typedef __m256i sums;
typedef __m256i activations;
typedef __m256i weights;

INLINE sums start(ints v) { return (sums)v; }
INLINE ints finish(sums v) { return (ints)v; }
INLINE weights load_weights(const int8_t *w) { return _mm256_loadu_si256((const __m256i *)(const void *)w); }
INLINE activations load_activations(const uint8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  return _mm256_set1_epi32(four);
}
INLINE sums add_words(sums total, __m256i words) {
  return _mm256_add_epi32(total, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
}
INLINE sums dot(sums total, activations x, weights w) { return add_words(total, _mm256_maddubs_epi16(x, w)); }
INLINE sums dot_two(sums total, activations x, weights w, activations other_x, weights other_w) {
  return add_words(total, _mm256_add_epi16(_mm256_maddubs_epi16(x, w), _mm256_maddubs_epi16(other_x, other_w)));
}

#include "bodies/int8/all.h"
#pragma clang attribute pop
#endif
