// A linear layer over packed weights, tile by tile: TILE_ROWS rows of input against a panel of two vectors of outputs.
// The sums stay in registers from the bias to the last input, so a row's result does not depend on the rows around it.
// Packing once, at start, is what makes a few rows as fast as many: a BLAS packs at each call.
#define PANEL_COLUMNS (2 * VECTOR_FLOATS)

typedef float KERNEL(vector) __attribute__((vector_size(VECTOR_FLOATS * sizeof(float)), aligned(sizeof(float))));

static size_t KERNEL(packed_count)(size_t outputs, size_t inputs) {
  return (outputs + PANEL_COLUMNS - 1) / PANEL_COLUMNS * PANEL_COLUMNS * (inputs + 1);
}

static void KERNEL(pack)(size_t outputs, size_t inputs, const float *weight, const float *bias, float *packed) {
  for (size_t first = 0; first < outputs; first += PANEL_COLUMNS) {
    for (size_t column = 0; column < PANEL_COLUMNS; column++) {
      const size_t output = first + column;
      packed[column] = output < outputs ? bias[output] : 0.0f;
      for (size_t input = 0; input < inputs; input++) {
        packed[(input + 1) * PANEL_COLUMNS + column] = output < outputs ? weight[output * inputs + input] : 0.0f;
      }
    }
    packed += PANEL_COLUMNS * (inputs + 1);
  }
}

// `rows` is a constant wherever this is inlined, so that the sums are registers.
static inline __attribute__((always_inline)) void KERNEL(linear_tile)(const size_t rows, size_t inputs, const float *x,
                                                                      size_t x_stride, const float *panel, float *y,
                                                                      size_t y_stride, size_t columns) {
  KERNEL(vector) low[TILE_ROWS];
  KERNEL(vector) high[TILE_ROWS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    low[r] = *(const KERNEL(vector) *)panel;
    high[r] = *(const KERNEL(vector) *)(panel + VECTOR_FLOATS);
  }
  for (size_t input = 0; input < inputs; input++) {
    panel += PANEL_COLUMNS;
    const KERNEL(vector) weight_low = *(const KERNEL(vector) *)panel;
    const KERNEL(vector) weight_high = *(const KERNEL(vector) *)(panel + VECTOR_FLOATS);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const float value = x[r * x_stride + input];
      low[r] += value * weight_low;
      high[r] += value * weight_high;
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    float whole[PANEL_COLUMNS];
    memcpy(whole, &low[r], sizeof low[r]);
    memcpy(whole + VECTOR_FLOATS, &high[r], sizeof high[r]);
    if (columns == PANEL_COLUMNS) {
      memcpy(y + r * y_stride, whole, sizeof whole);
    } else {
      memcpy(y + r * y_stride, whole, columns * sizeof(float));
    }
  }
}

#define TILE(n)                                                                                                        \
  case n:                                                                                                              \
    KERNEL(linear_tile)(n, inputs, x, x_stride, panel, y, y_stride, columns);                                          \
    break;

static void KERNEL(linear_rows)(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *panel,
                                float *y, size_t y_stride, size_t columns) {
  switch (rows) {
    TILES
  default:
    break;
  }
}

// Blocks of rows: their input stays in the second-level cache while all panels pass by.
static void KERNEL(linear)(size_t rows, size_t outputs, size_t inputs, const float *x, size_t x_stride,
                           const float *packed, float *y, size_t y_stride) {
  const size_t block_rows = 96;
  for (size_t block = 0; block < rows; block += block_rows) {
    const size_t end = rows - block < block_rows ? rows : block + block_rows;
    const float *panel = packed;
    for (size_t first = 0; first < outputs; first += PANEL_COLUMNS) {
      const size_t columns = outputs - first < PANEL_COLUMNS ? outputs - first : PANEL_COLUMNS;
      for (size_t row = block; row < end; row += TILE_ROWS) {
        KERNEL(linear_rows)
        (end - row < TILE_ROWS ? end - row : TILE_ROWS, inputs, x + row * x_stride, x_stride, panel,
         y + row * y_stride + first, y_stride, columns);
      }
      panel += PANEL_COLUMNS * (inputs + 1);
    }
  }
}

#undef TILE
#undef PANEL_COLUMNS
