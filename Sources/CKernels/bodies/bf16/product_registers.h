// The product of a tile of up to TILE_ROWS rows and two vectors of weights. The sums stay in registers until the last
// input.
#include "../int8/tile.h"

#define PRODUCT_ROWS TILE_ROWS
// The number of pairs of inputs in one step of a product.
#define PRODUCT_PAIRS 1

INLINE void begin_products(size_t rows, size_t pairs) { (void)rows, (void)pairs; }
INLINE void end_products(void) {}

INLINE void multiply_rows(const size_t rows, const size_t vectors, size_t pairs, const uint16_t *x, size_t x_stride,
                          weight_vectors w, float *total, size_t total_stride) {
  sums sum[TILE_ROWS][2];
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = start((floats){0});
  }
  multiply_tile(rows, vectors, pairs, (const uint8_t *)x, x_stride * sizeof *x, (const int8_t *)w.first, w.step, w.next,
                WEIGHTS_AHEAD, sum);
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < vectors; v++) store(total + r * total_stride + v * LANES, finish(sum[r][v]));
  }
}

#define TILE(n)                                                                                                        \
  case n:                                                                                                              \
    multiply_rows(n, vectors, pairs, x, x_stride, w, total, total_stride);                                             \
    break;

INLINE void multiply_vectors(size_t rows, const size_t vectors, size_t pairs, const uint16_t *x, size_t x_stride,
                             weight_vectors w, float *total, size_t total_stride) {
  switch (rows) {
    TILES
  default:
    break;
  }
}

#undef TILE

// total[r] = Σ x[r] · w, for one tile and one or two vectors.
INLINE void multiply(size_t rows, size_t vectors, size_t pairs, const uint16_t *x, size_t x_stride, weight_vectors w,
                     float *total, size_t total_stride) {
  if (vectors == 2) {
    multiply_vectors(rows, 2, pairs, x, x_stride, w, total, total_stride);
  } else {
    multiply_vectors(rows, 1, pairs, x, x_stride, w, total, total_stride);
  }
}
