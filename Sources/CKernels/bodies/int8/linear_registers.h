// A linear layer, tile by tile. The sums of a tile stay in registers until they are scaled.

INLINE void linear_tile(const epilogue then, const size_t rows, size_t inputs, const uint8_t *x, size_t x_stride,
                        const scimult_row_scale *scales, const uint8_t *panel, float *y, size_t y_stride,
                        size_t columns) {
  sums total[TILE_ROWS][TILE_VECTORS];
  multiply_panel(rows, inputs, x, x_stride, weights_of(panel), total);
  finish_tile(then, rows, total, scales, panel, y, y_stride, columns);
}

#define TILE(n)                                                                                                        \
  case n:                                                                                                              \
    linear_tile(then, n, inputs, x, x_stride, scales, panel, y, y_stride, columns);                                    \
    break;

INLINE void linear_rows(const epilogue then, size_t rows, size_t inputs, const uint8_t *x, size_t x_stride,
                        const scimult_row_scale *scales, const uint8_t *panel, float *y, size_t y_stride,
                        size_t columns) {
  switch (rows) {
    TILES
  default:
    break;
  }
}

#undef TILE

INLINE void linear_panels(const epilogue then, size_t rows, size_t outputs, size_t inputs, const uint8_t *x,
                          size_t x_stride, const scimult_row_scale *scales, const void *packed, float *y,
                          size_t y_stride) {
  if (rows == 0)
    return;
  const size_t tiles = tiles_for(rows);
  const uint8_t *panel = packed;
  for (size_t first = 0; first < outputs; first += PANEL) {
    const size_t columns = outputs - first < PANEL ? outputs - first : PANEL;
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t row = tile_start(rows, tiles, tile);
      linear_rows(then, tile_start(rows, tiles, tile + 1) - row, inputs, x + row * x_stride, x_stride, scales + row,
                  panel, y + row * y_stride + first, y_stride, columns);
    }
    panel += panel_size(inputs);
  }
}
