#include "kernel_sets.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#define LANES 4
#define TILE_ROWS 12
#define TILES TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define BIAS 128
#define KERNEL(name) name##__neon
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

// The sum of two products of −128 … 127 and −127 … 127 fits in 16 bits, so pairs are added in 16 bits.
INLINE sums dot(sums total, activations x, weights w) {
  const int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(w));
  const int16x8_t high = vmull_high_s8(x, w);
  return vpadalq_s16(total, vpaddq_s16(low, high));
}

#include "bodies/int8/all.h"
#endif
