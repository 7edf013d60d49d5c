// The weights of a panel, in the order of inputs: int8_t q[⌈inputs / 4⌉][PANEL][4]

INLINE size_t weights_size(size_t inputs) { return groups_of(inputs) * PANEL * 4; }

INLINE int arrange_weights(size_t inputs, int8_t *weights) { return 1; }

#ifndef HAS_MATRIX_TILES
// Multiplies a tile's rows by a panel's weights.
INLINE void multiply_panel(const size_t rows, size_t inputs, const uint8_t *x, size_t x_stride, const int8_t *w,
                           sums total[TILE_ROWS][TILE_VECTORS]) {
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < TILE_VECTORS; v++) total[r][v] = start((ints){0});
  }
  multiply_tile(rows, TILE_VECTORS, groups_of(inputs), x, x_stride, w, PANEL * 4, LANES * 4, WEIGHTS_AHEAD, total);
}
#endif
