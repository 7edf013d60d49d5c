// Linear layers. The outputs are cut into panels of two vectors; a panel is
//   float bias[PANEL]; uint16_t weight[⌈inputs / 2⌉][PANEL][2]
//
// Rows are rounded block by block on the stack, DEPTH inputs (an even number) at a time: that part of a panel stays in
// the first-level cache while the block passes by, and between two parts the sums wait in y, which loses nothing.
#define PANEL (2 * LANES)
#define BLOCK_ROWS (8 * TILE_ROWS)
#define DEPTH 512
#define PAIR (2 * sizeof(uint16_t))

typedef uint16_t unaligned_halves __attribute__((ext_vector_type(LANES), aligned(2)));

INLINE size_t pairs_of(size_t inputs) { return (inputs + 1) / 2; }
INLINE size_t panel_size(size_t inputs) { return PANEL * sizeof(float) + pairs_of(inputs) * PANEL * PAIR; }

static size_t packed_size(size_t outputs, size_t inputs) { return (outputs + PANEL - 1) / PANEL * panel_size(inputs); }

// Rounds a row, padded with a zero to whole pairs.
INLINE void round_row(size_t count, const float *x, uint16_t *q) {
  size_t c = 0;
  for (; c + LANES <= count; c += LANES) *(unaligned_halves *)(q + c) = rounded(load(x + c));
  if (c == count)
    return;
  float rest[LANES] = {0};
  memcpy(rest, x + c, (count - c) * sizeof(float));
  const halves last = rounded(load(rest));
  memcpy(q + c, &last, pairs_of(count - c) * PAIR);
}

static void pack(size_t outputs, size_t inputs, const float *weight, const float *bias, void *packed) {
  memset(packed, 0, packed_size(outputs, inputs));
  for (size_t output = 0; output < outputs; output++) {
    uint8_t *panel = (uint8_t *)packed + output / PANEL * panel_size(inputs);
    const size_t column = output % PANEL;
    ((float *)(void *)panel)[column] = bias[output];
    uint8_t *pairs = panel + PANEL * sizeof(float) + column * PAIR;
    for (size_t first = 0; first < inputs; first += DEPTH) {
      const size_t count = inputs - first < DEPTH ? inputs - first : DEPTH;
      uint16_t q[DEPTH];
      round_row(count, weight + output * inputs + first, q);
      for (size_t i = 0; i < count; i += 2) memcpy(pairs + (first + i) / 2 * PANEL * PAIR, q + i, PAIR);
    }
  }
}

// Adds the products of a part of the inputs to the bias or, beyond the first part, to what y holds.
INLINE void linear_tile(const size_t rows, size_t pairs, const uint16_t *x, const float *bias, const int8_t *part,
                        float *y, size_t y_stride, size_t columns) {
  float whole[TILE_ROWS][PANEL];
  const float *begin = y;
  size_t begin_stride = y_stride;
  if (bias != NULL) {
    begin = bias;
    begin_stride = 0;
  } else if (columns < PANEL) {
    for (size_t r = 0; r < rows; r++) memcpy(whole[r], y + r * y_stride, columns * sizeof(float));
    begin = whole[0];
    begin_stride = PANEL;
  }
  sums total[TILE_ROWS][2];
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < 2; v++) total[r][v] = start(load(begin + r * begin_stride + v * LANES));
  }
  multiply_tile(rows, 2, pairs, (const uint8_t *)x, DEPTH * sizeof(uint16_t), part, PANEL * PAIR, LANES * PAIR,
                WEIGHTS_AHEAD, total);
  UNROLL for (size_t r = 0; r < rows; r++) {
    float *target = columns == PANEL ? y + r * y_stride : whole[r];
    UNROLL for (size_t v = 0; v < 2; v++) store(target + v * LANES, finish(total[r][v]));
    if (columns < PANEL)
      memcpy(y + r * y_stride, whole[r], columns * sizeof(float));
  }
}

#define TILE(n)                                                                                                        \
  case n:                                                                                                              \
    linear_tile(n, pairs, x, bias, part, y, y_stride, columns);                                                        \
    break;

static void linear_rows(size_t rows, size_t pairs, const uint16_t *x, const float *bias, const int8_t *part, float *y,
                        size_t y_stride, size_t columns) {
  switch (rows) {
    TILES
  default:
    break;
  }
}

#undef TILE

static void linear_block(size_t rows, size_t outputs, size_t inputs, const float *x, size_t x_stride,
                         const uint8_t *packed, float *y, size_t y_stride) {
  uint16_t block[BLOCK_ROWS][DEPTH];
  const size_t tiles = tiles_for(rows);
  for (size_t input = 0; input < inputs; input += DEPTH) {
    const size_t depth = inputs - input < DEPTH ? inputs - input : DEPTH;
    for (size_t r = 0; r < rows; r++) round_row(depth, x + r * x_stride + input, block[r]);
    for (size_t first = 0; first < outputs; first += PANEL) {
      const size_t columns = outputs - first < PANEL ? outputs - first : PANEL;
      const uint8_t *panel = packed + first / PANEL * panel_size(inputs);
      const int8_t *part = (const int8_t *)panel + PANEL * sizeof(float) + input / 2 * PANEL * PAIR;
      const float *bias = input == 0 ? (const float *)(const void *)panel : NULL;
      for (size_t tile = 0; tile < tiles; tile++) {
        const size_t row = tile_start(rows, tiles, tile);
        linear_rows(tile_start(rows, tiles, tile + 1) - row, pairs_of(depth), block[row], bias, part,
                    y + row * y_stride + first, y_stride, columns);
      }
    }
  }
}

static void linear(size_t rows, size_t outputs, size_t inputs, const float *x, size_t x_stride, const void *packed,
                   float *y, size_t y_stride) {
  for (size_t first = 0; first < rows; first += BLOCK_ROWS) {
    linear_block(rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS, outputs, inputs, x + first * x_stride, x_stride,
                 packed, y + first * y_stride, y_stride);
  }
}
