// A linear layer, tile by tile. A tile's sums are scaled during the products of the next tile.

// A tile whose sums are not yet scaled.
typedef struct {
  size_t rows;
  size_t columns;
  const scimult_row_scale *scales;
  const uint8_t *panel;
  float *y;
} pending_tile;

INLINE void finish_pending(const epilogue then, pending_tile tile, sums total[MATRIX_ROWS][2], size_t y_stride) {
  size_t r = 0;
  for (; r + 4 <= tile.rows; r += 4) {
    finish_tile(then, 4, total + r, tile.scales + r, tile.panel, tile.y + r * y_stride, y_stride, tile.columns);
  }
  for (; r < tile.rows; r++) {
    finish_tile(then, 1, total + r, tile.scales + r, tile.panel, tile.y + r * y_stride, y_stride, tile.columns);
  }
}

INLINE void linear_panels(const epilogue then, size_t rows, size_t outputs, size_t inputs, const uint8_t *x,
                          size_t x_stride, const scimult_row_scale *scales, const void *packed, float *y,
                          size_t y_stride) {
  if (rows == 0)
    return;
  sums totals[2][MATRIX_ROWS][2];
  size_t turn = 0;
  pending_tile pending = {0};
  const size_t tiles = (rows + MATRIX_ROWS - 1) / MATRIX_ROWS;
  const uint8_t *panel = packed;
  begin_tiles(rows, groups_of(inputs));
  for (size_t first = 0; first < outputs; first += PANEL) {
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t row = tile_start(rows, tiles, tile);
      const pending_tile next = {.rows = tile_start(rows, tiles, tile + 1) - row,
                                 .columns = outputs - first < PANEL ? outputs - first : PANEL,
                                 .scales = scales + row,
                                 .panel = panel,
                                 .y = y + row * y_stride + first};
      multiply_in_registers(next.rows, groups_of(inputs), x + row * x_stride, x_stride, weights_of(panel),
                            totals[turn]);
      turn = 1 - turn;
      finish_pending(then, pending, totals[turn], y_stride);
      pending = next;
    }
    panel += panel_size(inputs);
  }
  end_tiles();
  finish_pending(then, pending, totals[1 - turn], y_stride);
}
