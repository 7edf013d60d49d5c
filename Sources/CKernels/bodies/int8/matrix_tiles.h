// The product of a tile of up to 32 rows and a panel, in tile registers.
#define MULTIPLY_TILES _tile_dpbusd
#include "../matrix_registers.h"

// Adds the products of one step to the sums. The second half of the rows starts `second` rows after the first.
// Registers are loaded in the order in which they are needed.
INLINE void multiply_step(const int has_second_half, size_t second, const uint8_t *x, size_t x_stride, const int8_t *w,
                          size_t group_bytes, size_t vector_bytes) {
  _tile_loadd(6, w, group_bytes);
  _tile_loadd(4, x, x_stride);
  MULTIPLY_TILES(0, 4, 6);
  if (has_second_half) {
    _tile_loadd(5, x + second * x_stride, x_stride);
    MULTIPLY_TILES(2, 5, 6);
  }
  _tile_loadd(7, w + vector_bytes, group_bytes);
  MULTIPLY_TILES(1, 4, 7);
  if (has_second_half)
    MULTIPLY_TILES(3, 5, 7);
}

// Multiplies the groups that remain after whole steps, from copies that are padded with zeros.
INLINE void multiply_rest(const int has_second_half, size_t second, size_t rows, size_t groups, const uint8_t *x,
                          size_t x_stride, const int8_t *w) {
  __m512i some_x[MATRIX_ROWS];
  __m512i some_w[STEP_GROUPS][2];
  const __mmask16 mask = (__mmask16)((1u << groups) - 1);
  for (size_t r = 0; r < rows; r++) some_x[r] = _mm512_maskz_loadu_epi32(mask, x + r * x_stride);
  memset(some_w, 0, sizeof some_w);
  memcpy(some_w, w, groups * sizeof some_w[0]);
  multiply_step(has_second_half, second, (const uint8_t *)some_x, sizeof some_x[0], (const int8_t *)some_w,
                sizeof some_w[0], sizeof some_w[0][0]);
}

INLINE void multiply_halves(const int has_second_half, size_t rows, size_t groups, const uint8_t *x, size_t x_stride,
                            const int8_t *w, sums total[MATRIX_ROWS][2]) {
  const size_t second = rows - half_rows_of(rows);
  const size_t depth = step_groups_of(groups);
  _tile_zero(0);
  _tile_zero(1);
  if (has_second_half) {
    _tile_zero(2);
    _tile_zero(3);
  }
  size_t group = 0;
  for (; group + depth <= groups; group += depth) {
    multiply_step(has_second_half, second, x + 4 * group, x_stride, w + group * sizeof total[0], sizeof total[0],
                  sizeof total[0][0]);
  }
  if (group < groups)
    multiply_rest(has_second_half, second, rows, groups - group, x + 4 * group, x_stride, w + group * sizeof total[0]);
  _tile_stored(0, total, sizeof total[0]);
  _tile_stored(1, &total[0][1], sizeof total[0]);
  if (has_second_half) {
    _tile_stored(2, total[second], sizeof total[0]);
    _tile_stored(3, &total[second][1], sizeof total[0]);
  }
}

// total[r] = Σ x[r] · w. x: rows × 4·groups. w: a panel's weights.
//
// A read of a sum waits until the register's store has reached memory, so callers do other work first.
INLINE void multiply_in_registers(size_t rows, size_t groups, const uint8_t *x, size_t x_stride, const int8_t *w,
                                  sums total[MATRIX_ROWS][2]) {
  if (rows > HALF_ROWS) {
    multiply_halves(1, rows, groups, x, x_stride, w, total);
  } else {
    multiply_halves(0, rows, groups, x, x_stride, w, total);
  }
}
