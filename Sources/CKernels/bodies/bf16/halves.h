// Vectors of LANES bf16, and rows of bf16, which are padded with a zero to whole pairs. Every set with bf16 has 16
// lanes.
typedef uint16_t halves __attribute__((ext_vector_type(LANES)));
typedef uint16_t unaligned_halves __attribute__((ext_vector_type(LANES), aligned(2)));
typedef uint16_t half_pairs __attribute__((ext_vector_type(2 * LANES)));
typedef uint16_t unaligned_half_pairs __attribute__((ext_vector_type(2 * LANES), aligned(2)));

#define PAIR (2 * sizeof(uint16_t))
// The number of columns in a panel.
#define TILE_VECTORS 2
#define PANEL (TILE_VECTORS * LANES)

// The second factor of products: vectors `next` bytes apart, whose pairs are `step` bytes apart.
typedef struct {
  const uint8_t *first;
  size_t step;
  size_t next;
} weight_vectors;

INLINE size_t pairs_of(size_t count) { return (count + 1) / 2; }

static inline halves rounded(floats v);

INLINE halves load_halves(const uint16_t *x) { return *(const unaligned_halves *)x; }

// Stores the first min(count, LANES) values of a vector, and the padding of the last pair.
INLINE void store_some_halves(uint16_t *q, halves v, size_t count) {
  if (count >= LANES) {
    *(unaligned_halves *)q = v;
  } else {
    memcpy(q, &v, pairs_of(count) * PAIR);
  }
}

INLINE void store_some(float *x, floats v, size_t count) {
  if (count >= LANES) {
    store(x, v);
  } else {
    memcpy(x, &v, count * sizeof *x);
  }
}

// Missing values are zero.
INLINE floats load_some(const float *x, size_t count) {
  if (count >= LANES)
    return load(x);
  float some[LANES] = {0};
  memcpy(some, x, count * sizeof *x);
  return load(some);
}

INLINE halves load_some_halves(const uint16_t *x, size_t count) {
  if (count >= LANES)
    return load_halves(x);
  uint16_t some[LANES] = {0};
  memcpy(some, x, count * sizeof *x);
  return load_halves(some);
}

// a[0], b[0], a[1], b[1], …
INLINE half_pairs interleaved(halves a, halves b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11,
                                 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// The first `count` lanes of v, and `others` in the remaining lanes.
INLINE floats first_lanes(floats v, size_t count, float others) {
  const ints lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lane < (int32_t)count ? v : all(others);
}

// Transposes 16 × 16 values: each round moves the highest bit of the row number to the lowest bit of the column number,
// and vice versa.
INLINE void transpose(ints rows[16]) {
  UNROLL for (int round = 0; round < 4; round++) {
    ints next[16];
    UNROLL for (size_t i = 0; i < 8; i++) {
      const ints a = rows[i];
      const ints b = rows[i + 8];
      next[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (size_t i = 0; i < 16; i++) rows[i] = next[i];
  }
}
