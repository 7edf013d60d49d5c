// The product of a tile of up to 32 rows and two vectors of weights, in tile registers.
#define MULTIPLY_TILES _tile_dpbf16ps
#define LANE_PRODUCTS 2
#include "../matrix_registers.h"

#define PRODUCT_ROWS MATRIX_ROWS
// The number of pairs of inputs in one step of a product.
#define PRODUCT_PAIRS STEP_GROUPS

INLINE void begin_products(size_t rows, size_t pairs) { begin_tiles(rows, pairs); }
INLINE void end_products(void) { end_tiles(); }

// The first row of a tile if `tiles` tiles divide `rows` rows as evenly as possible.
INLINE size_t tile_start(size_t rows, size_t tiles, size_t index) { return rows * index / tiles; }

// The operands of a step, with strides in bytes. The second half of the rows starts `second` bytes after the first.
typedef struct {
  const uint8_t *x;
  size_t x_stride;
  size_t second;
  weight_vectors w;
} tile_operands;

// Adds the products of one step to the sums. Registers are loaded in the order in which they are needed.
INLINE void multiply_step(const size_t halves, const size_t vectors, tile_operands from) {
  _tile_loadd(6, from.w.first, from.w.step);
  _tile_loadd(4, from.x, from.x_stride);
  MULTIPLY_TILES(0, 4, 6);
  if (halves == 2) {
    _tile_loadd(5, from.x + from.second, from.x_stride);
    MULTIPLY_TILES(2, 5, 6);
  }
  if (vectors == 2) {
    _tile_loadd(7, from.w.first + from.w.next, from.w.step);
    MULTIPLY_TILES(1, 4, 7);
    if (halves == 2)
      MULTIPLY_TILES(3, 5, 7);
  }
}

// Multiplies the pairs that remain after whole steps, from copies that are padded with zeros.
INLINE void multiply_rest(const size_t halves, const size_t vectors, size_t rows, size_t pairs, tile_operands from) {
  __m512i some_x[PRODUCT_ROWS];
  __m512i some_w[2][PRODUCT_PAIRS];
  const __mmask16 mask = (__mmask16)((1u << pairs) - 1);
  for (size_t r = 0; r < rows; r++) some_x[r] = _mm512_maskz_loadu_epi32(mask, from.x + r * from.x_stride);
  memset(some_w, 0, sizeof some_w);
  for (size_t v = 0; v < vectors; v++) {
    for (size_t pair = 0; pair < pairs; pair++) {
      some_w[v][pair] = _mm512_loadu_si512(from.w.first + v * from.w.next + pair * from.w.step);
    }
  }
  multiply_step(
      halves, vectors,
      (tile_operands){.x = (const uint8_t *)some_x,
                      .x_stride = sizeof some_x[0],
                      .second = (rows - half_rows_of(rows)) * sizeof some_x[0],
                      .w = {.first = (const uint8_t *)some_w, .step = sizeof some_w[0][0], .next = sizeof some_w[0]}});
}

INLINE void multiply_halves(const size_t halves, const size_t vectors, size_t rows, size_t pairs, tile_operands from,
                            float *total, size_t total_stride) {
  const size_t depth = step_groups_of(pairs);
  _tile_zero(0);
  if (vectors == 2)
    _tile_zero(1);
  if (halves == 2)
    _tile_zero(2);
  if (halves == 2 && vectors == 2)
    _tile_zero(3);
  size_t pair = 0;
  for (; pair + depth <= pairs; pair += depth) {
    multiply_step(halves, vectors, from);
    from.x += depth * PAIR;
    from.w.first += depth * from.w.step;
  }
  if (pair < pairs)
    multiply_rest(halves, vectors, rows, pairs - pair, from);
  float *second = total + (rows - half_rows_of(rows)) * total_stride;
  _tile_stored(0, total, total_stride * sizeof *total);
  if (vectors == 2)
    _tile_stored(1, total + LANES, total_stride * sizeof *total);
  if (halves == 2)
    _tile_stored(2, second, total_stride * sizeof *total);
  if (halves == 2 && vectors == 2)
    _tile_stored(3, second + LANES, total_stride * sizeof *total);
}

// total[r] = Σ x[r] · w, for one tile and one or two vectors.
//
// A read of a sum waits until the register's store has reached memory, so callers do other work first.
INLINE void multiply(size_t rows, size_t vectors, size_t pairs, const uint16_t *x, size_t x_stride, weight_vectors w,
                     float *total, size_t total_stride) {
  const tile_operands from = {.x = (const uint8_t *)x,
                              .x_stride = x_stride * sizeof *x,
                              .second = (rows - half_rows_of(rows)) * x_stride * sizeof *x,
                              .w = w};
  if (rows > HALF_ROWS && vectors == 2) {
    multiply_halves(2, 2, rows, pairs, from, total, total_stride);
  } else if (rows > HALF_ROWS) {
    multiply_halves(2, 1, rows, pairs, from, total, total_stride);
  } else if (vectors == 2) {
    multiply_halves(1, 2, rows, pairs, from, total, total_stride);
  } else {
    multiply_halves(1, 1, rows, pairs, from, total, total_stride);
  }
}
