#include "kernel_sets.h"

#define LANES 4
#define TILE_ROWS 4
#define TILES TILE(1) TILE(2) TILE(3) TILE(4)
#define KERNEL(name) name##__scalar
#include "bodies/int8/vectors.h"

// Both factors are widened to 16 bits, even and odd bytes separately. From this, a compiler can select the instruction
// that adds the products of pairs, if the CPU has one.
typedef int16_t shorts __attribute__((ext_vector_type(2 * LANES)));
typedef uint16_t unsigned_shorts __attribute__((ext_vector_type(2 * LANES)));

typedef ints sums;
typedef struct {
  shorts even;
  shorts odd;
} widened;
typedef widened activations;
typedef widened weights;

INLINE sums start(ints v) { return v; }
INLINE ints finish(sums v) { return v; }

INLINE weights load_weights(const int8_t *w) {
  const shorts pairs = (shorts) * (const unaligned_ints *)(const void *)w;
  return (weights){.even = (shorts)((unsigned_shorts)pairs << 8) >> 8, .odd = pairs >> 8};
}

INLINE activations load_activations(const uint8_t *x) {
  int32_t four;
  memcpy(&four, x, sizeof four);
  const unsigned_shorts pairs = (unsigned_shorts)(four + (ints){0});
  return (activations){.even = (shorts)(pairs & 255), .odd = (shorts)(pairs >> 8)};
}

INLINE ints products(shorts x, shorts w) {
  return __builtin_convertvector(x.even, ints) * __builtin_convertvector(w.even, ints) +
         __builtin_convertvector(x.odd, ints) * __builtin_convertvector(w.odd, ints);
}

INLINE sums dot(sums total, activations x, weights w) {
  return total + products(x.even, w.even) + products(x.odd, w.odd);
}

#include "bodies/int8/all.h"
