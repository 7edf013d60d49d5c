#include "kernel_sets.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define LANES 4
#define TILE_ROWS 12
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define BIAS 128
#define KERNEL(name) name##__neondot
#include "bodies/int8/vectors.h"

typedef int32x4_t sums;
typedef int8x16_t activations;
typedef int8x16_t weights;

INLINE sums start(ints v) { return (sums)v; }
INLINE ints finish(sums v) { return (ints)v; }
INLINE weights load_weights(const int8_t *w) { return vld1q_s8(w); }
INLINE activations load_activations(const uint8_t *x) {
  uint32_t four;
  memcpy(&four, x, sizeof four);
  return vreinterpretq_s8_u32(veorq_u32(vdupq_n_u32(four), vdupq_n_u32(0x80808080)));
}
INLINE sums dot(sums total, activations x, weights w) { return vdotq_s32(total, x, w); }

#include "bodies/int8/all.h"
#pragma clang attribute pop
#endif
